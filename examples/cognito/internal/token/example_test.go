// SPDX-License-Identifier: Apache-2.0

package token_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
	"github.com/cfsign/cfsign/examples/cognito/internal/token"
)

// exampleIssuer returns an issuer on loopback.
func exampleIssuer() (*issuer.Issuer, *httptest.Server) {
	server := httptest.NewUnstartedServer(nil)
	local, err := issuer.New(issuer.Options{URL: "http://" + server.Listener.Addr().String()})
	if err != nil {
		log.Fatal(err)
	}
	server.Config.Handler = local
	server.Start()
	return local, server
}

func Example() {
	local, server := exampleIssuer()
	defer server.Close()
	verifier, err := token.New(context.Background(), token.Options{Issuer: local.URL(), AppClientID: local.ClientID()})
	if err != nil {
		log.Fatal(err)
	}
	whoami := func(w http.ResponseWriter, r *http.Request) {
		raw, err := token.FromRequest(r)
		if err == nil {
			var user token.User
			if user, err = verifier.Verify(r.Context(), raw); err == nil {
				fmt.Fprintln(w, user.Username)
				return
			}
		}
		status := http.StatusUnauthorized
		if errors.Is(err, token.ErrUnavailable) {
			status = http.StatusServiceUnavailable // the token may be good
		}
		http.Error(w, http.StatusText(status), status)
	}

	raw, err := local.Token(issuer.UseAccess, "alice", nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, header := range []string{"Bearer " + raw, "Bearer " + raw + "x"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		whoami(w, r)
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 alice
	// 401 Unauthorized
}

func ExampleCognitoIssuer() {
	url, err := token.CognitoIssuer("eu-central-1", "eu-central-1_Example")
	fmt.Println(url, err)
	_, err = token.CognitoIssuer("us-east-1", "eu-central-1_Example")
	fmt.Println(err)
	// Output:
	// https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example <nil>
	// token: unusable options: "eu-central-1_Example" is not the ID of a user pool in us-east-1: write one such as us-east-1_Example
}

func ExampleNew() {
	_, err := token.New(context.Background(), token.Options{Issuer: "http://cognito.example/pool", AppClientID: "app"})
	fmt.Println(err)
	// Output: token: unusable options: Issuer "http://cognito.example/pool" is not https: http is for loopback alone
}

func ExampleVerifier_Verify() {
	local, server := exampleIssuer()
	defer server.Close()
	verifier, err := token.New(context.Background(), token.Options{Issuer: local.URL(), AppClientID: local.ClientID()})
	if err != nil {
		log.Fatal(err)
	}
	raw, err := local.Token(issuer.UseID, "bob", map[string]any{"aud": "another application"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = verifier.Verify(context.Background(), raw)
	fmt.Println(err, errors.Is(err, token.ErrClient))
	// Output: token: token for another client: aud is not the app client's true
}

func ExampleVerifier_Ready() {
	local, server := exampleIssuer()
	verifier, err := token.New(context.Background(), token.Options{Issuer: local.URL(), AppClientID: local.ClientID()})
	if err != nil {
		log.Fatal(err)
	}
	server.Close() // so that nobody answers
	fmt.Println(errors.Is(verifier.Ready(context.Background()), token.ErrUnavailable))
	// Output: true
}

func ExampleFromRequest() {
	r := httptest.NewRequest("GET", "/?access_token=TOKEN", nil)
	_, err := token.FromRequest(r)
	fmt.Println(err)
	r.Header.Set("Authorization", "Bearer TOKEN")
	raw, err := token.FromRequest(r)
	fmt.Println(raw, err)
	// Output:
	// token: no bearer token: send the header Authorization: Bearer TOKEN
	// TOKEN <nil>
}
