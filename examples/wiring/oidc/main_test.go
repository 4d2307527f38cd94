// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/oauth2-proxy/mockoidc"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/examples/wiring/internal/wiringtest"
	"github.com/cfsign/cfsign/internal/test/sessiontest"
	"github.com/cfsign/cfsign/sign"
)

// newProvider starts a provider for a test.
func newProvider(t *testing.T) (*mockoidc.MockOIDC, provider) {
	t.Helper()
	mock, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mock.Shutdown() })
	p, err := discover(t.Context(), mock.Issuer(), mock.ClientID, mock.ClientSecret)
	if err != nil {
		t.Fatal(err)
	}
	return mock, p
}

// newTestApp returns the application for the suite.
func newTestApp(t *testing.T, signer *sign.Signer, p provider) sessiontest.App {
	t.Helper()
	return wiringtest.App(t, signer, func(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
		return newApp(signer, folders, p)
	})
}

func TestApp(t *testing.T) {
	sessiontest.Test(t, func(t *testing.T, signer *sign.Signer) sessiontest.App {
		mock, p := newProvider(t)
		app := newTestApp(t, signer, p)
		app.Login = func(t *testing.T, c *http.Client, user string) *http.Response {
			t.Helper()
			return get(t, c, callback(t, mock, user, redirect(t, c, sessiontest.Page+"login")))
		}
		return app
	})
}

// TestForeignAnswers: what the provider did not say to this browser is no login.
func TestForeignAnswers(t *testing.T) {
	tests := []struct {
		name   string
		change func(query url.Values)
		want   int
		reason string
	}{
		{"as it came", func(url.Values) {}, http.StatusOK, "the other rows change this one"},
		{"another state", func(q url.Values) { q.Set("state", "AAAA") }, http.StatusBadRequest, "somebody else began that login"},
		{"no state", func(q url.Values) { q.Del("state") }, http.StatusBadRequest, "an empty one is not equal to none"},
		{"another code", func(q url.Values) { q.Set("code", "AAAA") }, http.StatusBadRequest, "the provider does not know it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mock, c := newBrowser(t)
			back, err := url.Parse(callback(t, mock, "alice", redirect(t, c, sessiontest.Page+"login")))
			if err != nil {
				t.Fatal(err)
			}
			query := back.Query()
			tt.change(query)
			back.RawQuery = query.Encode()
			if response := get(t, c, back.String()); response.StatusCode != tt.want {
				t.Errorf("status %d, want %d: %s", response.StatusCode, tt.want, tt.reason)
			}
		})
	}
}

// TestAnswersAreForOneLogin: a nonce or verifier of another login is refused, as is an
// answer that is used twice.
func TestAnswersAreForOneLogin(t *testing.T) {
	for _, parameter := range []string{"nonce", "code_challenge"} {
		mock, c := newBrowser(t)
		there, err := url.Parse(redirect(t, c, sessiontest.Page+"login"))
		if err != nil {
			t.Fatal(err)
		}
		query := there.Query()
		query.Set(parameter, "of-another-login-that-somebody-else-began-earlier")
		there.RawQuery = query.Encode()
		back := callback(t, mock, "alice", there.String())
		if response := get(t, c, back); response.StatusCode != http.StatusBadRequest {
			t.Errorf("another %s: status %d, want 400", parameter, response.StatusCode)
		}
	}
	mock, c := newBrowser(t)
	back := callback(t, mock, "alice", redirect(t, c, sessiontest.Page+"login"))
	get(t, c, back)
	if response := get(t, c, back); response.StatusCode != http.StatusBadRequest {
		t.Errorf("a second time: status %d, want 400", response.StatusCode)
	}
}

// TestNoLogin: a code from elsewhere does not log in a browser that began no login.
func TestNoLogin(t *testing.T) {
	mock, c := newBrowser(t)
	query := url.Values{
		"client_id": {mock.ClientID}, "response_type": {"code"}, "scope": {"openid"},
		"redirect_uri": {sessiontest.Page + "callback"}, "state": {"of somebody else"},
	}
	back, err := url.Parse(callback(t, mock, "mallory", mock.AuthorizationEndpoint()+"?"+query.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	query = back.Query()
	query.Del("state")
	back.RawQuery = query.Encode()
	if response := get(t, c, back.String()); response.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d, want 400", response.StatusCode)
	}
}

// newBrowser returns a provider, and the browser of a site that it logs in to.
func newBrowser(t *testing.T) (*mockoidc.MockOIDC, *http.Client) {
	t.Helper()
	mock, p := newProvider(t)
	site := sessiontest.NewSite(t, func(t *testing.T, signer *sign.Signer) sessiontest.App { return newTestApp(t, signer, p) })
	return mock, site.Client
}

// callback logs user in at the provider, which believes everybody, and returns where
// the provider sends the browser.
func callback(t *testing.T, mock *mockoidc.MockOIDC, user, at string) string {
	t.Helper()
	mock.QueueUser(&mockoidc.MockUser{Subject: user})
	return redirect(t, &http.Client{}, at)
}

// redirect returns where the answer to a request leads, and does not go there.
func redirect(t *testing.T, c *http.Client, from string) string {
	t.Helper()
	still := *c
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response := get(t, &still, from)
	to, err := response.Location()
	if err != nil {
		t.Fatal(err)
	}
	return to.String()
}

func get(t *testing.T, c *http.Client, from string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, from, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response
}
