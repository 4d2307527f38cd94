// SPDX-License-Identifier: Apache-2.0

package edgetest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/verify"
)

// t stands for the parameter of a test.
var t = &exampleT{}

// exampleT prints what a test would fail with.
type exampleT struct{ testing.TB }

func (*exampleT) Helper()                           {}
func (*exampleT) Context() context.Context          { return context.Background() }
func (*exampleT) Cleanup(func())                    {}
func (*exampleT) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (*exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (*exampleT) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

var photos = edge.Bucket(fstest.MapFS{"a.jpg": {Data: []byte("JPEG")}})

// A link is let through until it expires.
func ExampleNew() {
	cdn := edgetest.New(t, photos)
	link, err := cdn.Signer.URL(t.Context(), "https://cdn.example.com/a.jpg", cdn.Clock.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(cdn.Allowed(t, link).Status)

	cdn.Clock.Advance(time.Hour)
	fmt.Println(cdn.Denied(t, link, verify.ErrExpired).Status)
	// Output:
	// 200 OK
	// 403 Forbidden
}

// Behaviors that say nothing of keys trust the server's.
func ExampleNewDistribution() {
	cdn := edgetest.NewDistribution(t, edge.Config{
		Default:   edge.Behavior{Origin: photos},
		Behaviors: []edge.Behavior{{PathPattern: "thumbnails/*", Origin: http.NotFoundHandler(), Public: true}},
	})
	cdn.Denied(t, "https://cdn.example.com/a.jpg", verify.ErrMissing)
	fmt.Println(cdn.Allowed(t, "https://cdn.example.com/thumbnails/a.jpg").Status)
	// Output: 404 Not Found
}

// An application that forgets the signature is told so.
func ExampleServer_Handle() {
	cdn := edgetest.New(t, photos)
	cdn.Handle("app.example.com", http.RedirectHandler("https://cdn.example.com/a.jpg", http.StatusFound))

	response, err := cdn.Client.Get("https://app.example.com/photo")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	reason, _, _ := strings.Cut(cdn.Decision(t, response).Reason, ":")
	fmt.Println(response.Status, reason)
	// Output: 403 Forbidden denied, MissingKey
}

// Another viewer comes from another address, with cookies of its own.
func ExampleServer_NewClient() {
	cdn := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Public: true, Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Host, netip.MustParseAddrPort(r.RemoteAddr).Addr())
	})}})
	response, err := cdn.NewClient(netip.MustParseAddr("198.51.100.7")).Get("https://cdn.example.com/")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	// Output: cdn.example.com 198.51.100.7
}
