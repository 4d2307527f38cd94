// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/internal/sessiontest"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
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

// newSite returns a CDN with the function beside it.
func newSite(t *testing.T, signer *sign.Signer) *edgetest.Server {
	t.Helper()
	return sessiontest.NewSite(t, signer, func(signer *sign.Signer) (http.Handler, error) {
		app, err := newApp(signer)
		if err != nil {
			return nil, err
		}
		return gateway(t, app), nil
	})
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

// TestLogin is a day of a browser.
func TestLogin(t *testing.T) {
	cdn := newSite(t, nil)
	cdn.Denied(t, sessiontest.Alice, verify.ErrMissing)

	send(t, cdn, http.MethodGet, "/", "alice", http.StatusOK)
	cdn.Allowed(t, sessiontest.Alice)
	cdn.Denied(t, sessiontest.Bob, verify.ErrMissing) // to where the browser does not send alice's
	if n := sessiontest.SignedCookies(send(t, cdn, http.MethodGet, "/", "alice", http.StatusOK)); n != 0 {
		t.Errorf("%d cookies were set again", n)
	}

	cdn.Clock.Advance(50 * time.Minute)
	renewed := send(t, cdn, http.MethodGet, "/", "alice", http.StatusOK)
	if n := sessiontest.SignedCookies(renewed); n != 4 {
		t.Errorf("%d cookies were renewed, want 4", n)
	}
	if got := renewed.Header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	cdn.Clock.Advance(50 * time.Minute)
	cdn.Allowed(t, sessiontest.Alice)

	cdn.Clock.Advance(2 * time.Hour)
	cdn.Denied(t, sessiontest.Alice, verify.ErrExpired)
	send(t, cdn, http.MethodGet, "/", "alice", http.StatusOK)
	cdn.Allowed(t, sessiontest.Alice)

	send(t, cdn, http.MethodPost, "/logout", "alice", http.StatusOK)
	cdn.Denied(t, sessiontest.Alice, verify.ErrMissing)
}

// TestOtherUser: who logs in after another in the same browser gets nothing of theirs.
func TestOtherUser(t *testing.T) {
	cdn := newSite(t, nil)
	send(t, cdn, http.MethodGet, "/", "alice", http.StatusOK)
	send(t, cdn, http.MethodGet, "/", "bob", http.StatusOK)
	cdn.Allowed(t, sessiontest.Bob)
	cdn.Denied(t, sessiontest.Alice, verify.ErrMissing)
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

// TestBrokenKey: the viewer is told, and gets no cookies.
func TestBrokenKey(t *testing.T) {
	cdn := newSite(t, sessiontest.BrokenSigner(t))
	if n := sessiontest.SignedCookies(send(t, cdn, http.MethodGet, "/", "alice", http.StatusServiceUnavailable)); n != 0 {
		t.Errorf("%d cookies were set", n)
	}
}
