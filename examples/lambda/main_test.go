// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

const (
	alice = "https://cdn.example.com/users/alice/report.txt"
	bob   = "https://cdn.example.com/users/bob/report.txt"
)

// gateway hands requests to the function as API Gateway does. It stands for the
// authorizer, too, and believes every bearer token to be a user.
func gateway(t *testing.T, function func(context.Context, request) (response, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event := request{RouteKey: r.Method + " " + r.URL.Path, RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery}
		event.RequestContext.DomainName = r.Host
		event.RequestContext.HTTP.Method = r.Method
		for _, cookie := range r.Cookies() {
			event.Cookies = append(event.Cookies, cookie.String())
		}
		if user, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
				JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": user}},
			}
		}
		answer, err := function(r.Context(), event)
		if err != nil {
			t.Error(err)
			answer.StatusCode = http.StatusInternalServerError
		}
		for name, value := range answer.Headers {
			w.Header().Set(name, value)
		}
		for _, cookie := range answer.Cookies {
			w.Header().Add("Set-Cookie", cookie)
		}
		w.WriteHeader(answer.StatusCode)
		io.WriteString(w, answer.Body)
	})
}

// newSite returns a CDN with the application beside it, which signs with signer, or
// with what the CDN trusts if that is nil.
func newSite(t *testing.T, signer *sign.Signer) *edgetest.Server {
	t.Helper()
	cdn := edgetest.New(t, edge.Bucket(fstest.MapFS{
		"users/alice/report.txt": {Data: []byte("alice's")},
		"users/bob/report.txt":   {Data: []byte("bob's")},
	}))
	if signer == nil {
		signer = cdn.Signer
	}
	app, err := newApp(signer)
	if err != nil {
		t.Fatal(err)
	}
	cdn.Handle("app.example.com", gateway(t, app))
	return cdn
}

// send sends a request with the token of a user, or without one for nobody.
func send(t *testing.T, cdn *edgetest.Server, method, path, user string, want int) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "https://app.example.com"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		r.Header.Set("Authorization", "Bearer "+user)
	}
	answer, err := cdn.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != want {
		t.Errorf("%s %s as %q: status %d, want %d", method, path, user, answer.StatusCode, want)
	}
	return answer
}

// signedCookies returns how many signed cookies a response sets.
func signedCookies(r *http.Response) int {
	n := 0
	for _, cookie := range r.Cookies() {
		if strings.HasPrefix(cookie.Name, "CloudFront-") && cookie.MaxAge >= 0 {
			n++
		}
	}
	return n
}

// TestLogin is a day of a browser.
func TestLogin(t *testing.T) {
	cdn := newSite(t, nil)
	cdn.Denied(t, alice, verify.ErrMissing)

	send(t, cdn, http.MethodGet, "/", "alice", http.StatusOK)
	cdn.Allowed(t, alice)
	cdn.Denied(t, bob, verify.ErrMissing) // to where the browser does not send alice's
	if n := signedCookies(send(t, cdn, http.MethodGet, "/", "alice", http.StatusOK)); n != 0 {
		t.Errorf("%d cookies were set again", n)
	}

	cdn.Clock.Advance(50 * time.Minute)
	renewed := send(t, cdn, http.MethodGet, "/", "alice", http.StatusOK)
	if n := signedCookies(renewed); n != 4 {
		t.Errorf("%d cookies were renewed, want 4", n)
	}
	if got := renewed.Header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	cdn.Clock.Advance(50 * time.Minute)
	cdn.Allowed(t, alice)

	cdn.Clock.Advance(2 * time.Hour)
	cdn.Denied(t, alice, verify.ErrExpired)
	send(t, cdn, http.MethodGet, "/", "alice", http.StatusOK)
	cdn.Allowed(t, alice)

	send(t, cdn, http.MethodPost, "/logout", "alice", http.StatusOK)
	cdn.Denied(t, alice, verify.ErrMissing)
}

// TestOtherUser: who logs in after another in the same browser gets nothing of theirs.
func TestOtherUser(t *testing.T) {
	cdn := newSite(t, nil)
	send(t, cdn, http.MethodGet, "/", "alice", http.StatusOK)
	send(t, cdn, http.MethodGet, "/", "bob", http.StatusOK)
	cdn.Allowed(t, bob)
	cdn.Denied(t, alice, verify.ErrMissing)
}

// TestBadUser: whoever the authorizer lets in, nobody gets more than a folder.
func TestBadUser(t *testing.T) {
	cdn := newSite(t, nil)
	tests := map[string]int{"": 401, ".": 503, "..": 503, "alice/..": 503, `alice\bob`: 503}
	for user, want := range tests {
		if cookies := send(t, cdn, http.MethodGet, "/", user, want).Cookies(); len(cookies) != 0 {
			t.Errorf("%q: %d cookies were set", user, len(cookies))
		}
	}
}

// A brokenKey has a public key and does not sign.
type brokenKey struct{ crypto.Signer }

func (brokenKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the key is out of order")
}

// TestBrokenKey: the viewer is told, and gets no cookies.
func TestBrokenKey(t *testing.T) {
	key, err := keys.GenerateECDSA()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := sign.New(edgetest.KeyPairID, brokenKey{key}, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cdn := newSite(t, signer)
	if n := signedCookies(send(t, cdn, http.MethodGet, "/", "alice", http.StatusServiceUnavailable)); n != 0 {
		t.Errorf("%d cookies were set", n)
	}
}
