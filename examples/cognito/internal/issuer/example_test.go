// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
)

// serve returns an issuer on a loopback address that is free.
func serve() (*issuer.Issuer, *httptest.Server) {
	server := httptest.NewUnstartedServer(nil)
	local, err := issuer.New(issuer.Options{URL: "http://" + server.Listener.Addr().String(), NewKey: newKey})
	if err != nil {
		log.Fatal(err)
	}
	server.Config.Handler = local
	server.Start()
	return local, server
}

func ExampleNew() {
	local, server := serve()
	defer server.Close()

	response, err := server.Client().PostForm(local.URL()+"/token", url.Values{"user": {"alice"}, "password": {"alice-demo-password"}})
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	var tokens map[string]any
	if err := json.NewDecoder(response.Body).Decode(&tokens); err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status, tokens["token_type"], tokens["expires_in"])
	// Output: 200 OK Bearer 3600
}

func ExampleDemoUsers() {
	for _, u := range issuer.DemoUsers() {
		fmt.Println(u.Username, u.Password, u.Sub)
	}
	// Output:
	// alice alice-demo-password a11ce000-0000-4000-8000-000000000001
	// bob bob-demo-password b0b00000-0000-4000-8000-000000000002
}

func ExampleIssuer_Token() {
	local, server := serve()
	defer server.Close()
	// A token that expired long ago, and one that names nobody.
	for _, changed := range []map[string]any{{"exp": 1}, {"sub": nil}} {
		raw, err := local.Token(issuer.UseAccess, "alice", changed)
		fmt.Println(strings.Count(raw, "."), err)
	}
	// Output:
	// 2 <nil>
	// 2 <nil>
}

func ExampleIssuer_Draft() {
	local, server := serve()
	defer server.Close()
	draft, err := local.Draft(issuer.UseID, "bob")
	fmt.Println(draft.Claims["cognito:username"], draft.Header["alg"], err)
	// Output: bob RS256 <nil>
}

func ExampleIssuer_Sign() {
	local, server := serve()
	defer server.Close()
	draft, err := local.Draft(issuer.UseAccess, "bob")
	if err != nil {
		log.Fatal(err)
	}
	draft.Header["alg"] = "none"
	raw, err := local.Sign(draft)
	fmt.Println(strings.HasSuffix(raw, "."), err)
	// Output: true <nil>
}

func ExampleIssuer_RotateKeys() {
	local, server := serve()
	defer server.Close()
	before, err := local.Draft(issuer.UseAccess, "bob")
	if err != nil {
		log.Fatal(err)
	}
	if err := local.RotateKeys(); err != nil {
		log.Fatal(err)
	}
	after, err := local.Draft(issuer.UseAccess, "bob")
	fmt.Println(before.Header["kid"] == after.Header["kid"], err)
	// Output: false <nil>
}
