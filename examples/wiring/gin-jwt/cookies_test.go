// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/url"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/verify"
)

// TestCookies is a test for you to copy. Write your application in the place of newApp and
// demo.Folders.
func TestCookies(t *testing.T) {
	const page, alice, bob = "https://app.example.com/", "https://cdn.example.com/users/alice/a.txt", "https://cdn.example.com/users/bob/a.txt"
	cdn := edgetest.New(t, edge.Bucket(fstest.MapFS{"users/alice/a.txt": {}, "users/bob/a.txt": {}}))
	app, err := newApp(cdn.Signer, &demo.Folders{})
	if err != nil {
		t.Fatal(err)
	}
	cdn.Handle("app.example.com", app)
	cdn.Denied(t, alice, verify.ErrMissing)

	cdn.PostForm(t, page+"login", url.Values{"user": {"alice"}})
	cdn.Allowed(t, alice)
	cdn.Denied(t, bob, verify.ErrMissing) // alice's browser sends no cookies there

	cdn.Clock.Advance(50 * time.Minute)
	cdn.Get(t, page) // renews the cookies, which are valid for at least an hour
	cdn.Clock.Advance(50 * time.Minute)
	cdn.Allowed(t, alice)

	cdn.PostForm(t, page+"logout", nil)
	cdn.Denied(t, alice, verify.ErrMissing)
}
