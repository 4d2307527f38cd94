// SPDX-License-Identifier: Apache-2.0

package wiringtest

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/internal/test/sessiontest"
	"github.com/cfsign/cfsign/sign"
)

// TestTokens checks the JSON Web Token of a login, in the cookie with this name. It must be
// accepted as it is, and refused after every change. It must expire with the signer's clock.
func TestTokens(t *testing.T, cookie string, newApp func(*sign.Signer, *demo.Folders) (http.Handler, error)) {
	site := sessiontest.NewSite(t, func(t *testing.T, signer *sign.Signer) sessiontest.App { return App(t, signer, newApp) })
	site.Clock.Advance(24 * time.Hour) // longer than a token is valid, so the machine's time decides otherwise
	browser := *site.Client
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	token := ""
	for _, c := range sessiontest.Post(t, &browser, sessiontest.Page+"login", "alice").Cookies() {
		if c.Name == cookie {
			token = c.Value
		}
	}
	part := strings.Split(token, ".")
	if len(part) != 3 {
		t.Fatalf("the cookie %s has no token", cookie)
	}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	claims, err := base64.RawURLEncoding.DecodeString(part[1])
	if err != nil {
		t.Fatal(err)
	}
	bob := base64.RawURLEncoding.EncodeToString([]byte(strings.ReplaceAll(string(claims), "alice", "bob")))
	for _, tt := range []struct {
		name, token string
		later       time.Duration
		want        int // signed cookies
		reason      string
	}{
		{"as it is", token, 0, 4, "the other rows change this one"},
		{"none", none + "." + part[1] + ".", 0, 0, "an unsigned token is no token"},
		{"none with a signature", none + "." + part[1] + "." + part[2], 0, 0, "the algorithm is fixed"},
		{"no signature", part[0] + "." + part[1] + ".", 0, 0, "it is required"},
		{"another user", part[0] + "." + bob + "." + part[2], 0, 0, "the signature is over the claims"},
		{"no token", "", 0, 0, "there is no login"},
		{"later", token, 11 * time.Hour, 4, "a login lasts twelve hours"},
		{"too late", token, 13 * time.Hour, 0, "it has expired"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			site.Clock.Advance(tt.later)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sessiontest.Page, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.AddCookie(&http.Cookie{Name: cookie, Value: tt.token})
			other := browser
			other.Jar = nil
			response, err := other.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if n := sessiontest.SignedCookies(response); n != tt.want {
				t.Errorf("%d cookies, want %d: %s", n, tt.want, tt.reason)
			}
		})
	}
}

// TestUserOf checks tokens that other programs have made, perhaps with the same secret. userOf
// must return the user of the token in the cookie with this name, or "" if the token is invalid.
func TestUserOf(t *testing.T, cookie string, userOf func(secret []byte, now func() time.Time, r *http.Request) string) {
	secret, now := demo.Secret(), time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // by the machine's time, all have expired
	valid := now.Add(time.Second).Unix()
	for _, tt := range []struct {
		method jwt.SigningMethod
		secret any
		claims jwt.MapClaims
		want   string
		reason string
	}{
		{jwt.SigningMethodHS256, secret, jwt.MapClaims{"sub": "alice", "exp": valid}, "alice", "the other rows change this one"},
		{jwt.SigningMethodHS256, secret, jwt.MapClaims{"sub": "alice", "exp": now.Unix()}, "", "it has expired"},
		{jwt.SigningMethodHS256, secret, jwt.MapClaims{"sub": "alice"}, "", "it would be valid for ever"},
		{jwt.SigningMethodHS256, secret, jwt.MapClaims{"exp": valid}, "", "it names no user"},
		{jwt.SigningMethodHS256, demo.Secret(), jwt.MapClaims{"sub": "alice", "exp": valid}, "", "the secret is another one"},
		{jwt.SigningMethodHS512, secret, jwt.MapClaims{"sub": "alice", "exp": valid}, "", "the application chooses the algorithm"},
		{jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, jwt.MapClaims{"sub": "alice", "exp": valid}, "", "it has no signature"},
	} {
		token, err := jwt.NewWithClaims(tt.method, tt.claims).SignedString(tt.secret)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, sessiontest.Page, nil)
		r.AddCookie(&http.Cookie{Name: cookie, Value: token})
		if got := userOf(secret, func() time.Time { return now }, r); got != tt.want {
			t.Errorf("%s %v: user %q, want %q: %s", tt.method.Alg(), tt.claims, got, tt.want, tt.reason)
		}
	}
}
