// SPDX-License-Identifier: Apache-2.0

package issuer_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
)

// newIssuer returns an issuer that is served on loopback.
func newIssuer(t *testing.T, path string) (*issuer.Issuer, *httptest.Server) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	i, err := issuer.New(issuer.Options{
		URL: "http://" + server.Listener.Addr().String() + path, Clock: func() time.Time { return noon }, NewKey: newKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = i
	server.Start()
	t.Cleanup(server.Close)
	return i, server
}

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// newKey takes a key from a few, because making them takes long.
var newKey = func() func() (*rsa.PrivateKey, error) {
	var mu sync.Mutex
	var made []*rsa.PrivateKey
	next := 0
	return func() (*rsa.PrivateKey, error) {
		mu.Lock()
		defer mu.Unlock()
		next++
		if len(made) == 6 {
			return made[next%6], nil
		}
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		made = append(made, key)
		return key, err
	}
}()

// get reads a JSON resource of an issuer.
func get(t *testing.T, url string, into any) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", url, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// claims returns what a token says, once go-oidc, which discovers the issuer, has
// verified it.
func claims(t *testing.T, i *issuer.Issuer, raw, audience string) map[string]any {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), i.URL())
	if err != nil {
		t.Fatal(err)
	}
	config := &oidc.Config{ClientID: audience, SkipClientIDCheck: audience == "", Now: func() time.Time { return noon }}
	verified, err := provider.Verifier(config).Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := verified.Claims(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSignIn: a sign-in gives tokens with the claims of Cognito's.
func TestSignIn(t *testing.T) {
	for _, path := range []string{"", "/local_pool"} {
		i, server := newIssuer(t, path)
		response, err := server.Client().PostForm(i.URL()+"/token", url.Values{"user": {"alice"}, "password": {"alice-demo-password"}})
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if cache := response.Header.Get("Cache-Control"); response.StatusCode != http.StatusOK || cache != "no-store" {
			t.Errorf("%s, Cache-Control %q", response.Status, cache)
		}
		var answer map[string]any
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		access, id := answer["access_token"].(string), answer["id_token"].(string)
		if answer["token_type"] != "Bearer" || answer["expires_in"] != float64(3600) {
			t.Errorf("the answer is %v", answer)
		}
		now := float64(noon.Unix())
		want := map[string]any{
			"sub": "a11ce000-0000-4000-8000-000000000001", "iss": i.URL(), "client_id": issuer.ClientID, "token_use": "access",
			"username": "alice", "scope": "aws.cognito.signin.user.admin", "version": 2.0,
			"auth_time": now, "iat": now, "exp": now + 3600,
		}
		if diff := cmp.Diff(want, withoutIDs(t, claims(t, i, access, ""))); diff != "" {
			t.Errorf("access token (-want +got)\n%s", diff)
		}
		want = map[string]any{
			"sub": "a11ce000-0000-4000-8000-000000000001", "iss": i.URL(), "aud": issuer.ClientID, "token_use": "id",
			"cognito:username": "alice", "email": "alice@example.com", "email_verified": true,
			"auth_time": now, "iat": now, "exp": now + 3600,
		}
		if diff := cmp.Diff(want, withoutIDs(t, claims(t, i, id, issuer.ClientID))); diff != "" {
			t.Errorf("ID token (-want +got)\n%s", diff)
		}
	}
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// withoutIDs checks the random claims and takes them away.
func withoutIDs(t *testing.T, c map[string]any) map[string]any {
	t.Helper()
	for _, name := range []string{"jti", "origin_jti"} {
		if text, _ := c[name].(string); !uuid.MatchString(text) {
			t.Errorf("%s is %v, no UUID", name, c[name])
		}
		delete(c, name)
	}
	return c
}

func TestSignInRefused(t *testing.T) {
	i, server := newIssuer(t, "")
	tests := []struct {
		name, why, query, body string
		want                   int
	}{
		{"wrong password", "it is bob's", "", "user=alice&password=bob-demo-password", 401},
		{"no password", "an empty one is none", "", "user=alice", 401},
		{"unknown user", "there is no such user", "", "user=mallory&password=alice-demo-password", 401},
		{"unknown user without a password", "nobody's password is empty", "", "user=mallory", 401},
		{"nothing", "nobody signs in", "", "", 401},
		{"in the query", "queries end up in logs", "?user=alice&password=alice-demo-password", "", 401},
		{"too long", "nobody has such a password", "", "user=alice&password=" + strings.Repeat("a", 5000), 400},
		{"broken", "it is no form", "", "user=%zz", 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			response, err := server.Client().Post(i.URL()+"/token"+tt.query, "application/x-www-form-urlencoded", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var answer map[string]string
			if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || len(answer) != 1 || answer["error"] == "" {
				t.Errorf("the answer is %v: %v", answer, err)
			}
			if response.StatusCode != tt.want || tt.why == "" {
				t.Errorf("%s, want %d", response.Status, tt.want)
			}
		})
	}
}

// keyIDs returns the key IDs in the key set.
func keyIDs(t *testing.T, i *issuer.Issuer) []string {
	t.Helper()
	var set struct{ Keys []map[string]string }
	get(t, i.URL()+"/.well-known/jwks.json", &set)
	var ids []string
	for _, key := range set.Keys {
		if diff := cmp.Diff([]string{"alg", "e", "kid", "kty", "n", "use"}, slices.Sorted(maps.Keys(key))); diff != "" {
			t.Errorf("members of a key (-want +got)\n%s", diff) // and none of them private
		}
		ids = append(ids, key["kid"])
	}
	return ids
}

func TestRotateKeys(t *testing.T) {
	i, _ := newIssuer(t, "")
	first := keyIDs(t, i)
	old, err := i.Token(issuer.UseAccess, "alice", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	both := keyIDs(t, i)
	if len(first) != 2 || len(both) != 4 || first[0] == first[1] {
		t.Errorf("the keys are %v, and then %v", first, both)
	}
	claims(t, i, old, "") // still verified
	i.DropOldKeys()
	left := keyIDs(t, i)
	if len(left) != 2 || slices.Contains(left, first[0]) || slices.Contains(left, first[1]) {
		t.Errorf("the keys are %v, and then %v", first, left)
	}
}

// TestRotateKeysFails: the keys stay as they are.
func TestRotateKeysFails(t *testing.T) {
	broken := errors.New("no entropy")
	n := 0
	i, err := issuer.New(issuer.Options{URL: "http://127.0.0.1:1", NewKey: func() (*rsa.PrivateKey, error) {
		if n++; n > 3 { // in the middle of a rotation
			return nil, broken
		}
		return newKey()
	}})
	if err != nil {
		t.Fatal(err)
	}
	before, err := i.Draft(issuer.UseID, "bob")
	if err != nil {
		t.Fatal(err)
	}
	if err := i.RotateKeys(); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
	after, err := i.Draft(issuer.UseID, "bob")
	if err != nil || before.Header["kid"] != after.Header["kid"] {
		t.Errorf("the key is another one: %v", err)
	}
}

// TestReach: nobody but this machine reaches an issuer whose passwords all know.
func TestReach(t *testing.T) {
	i, _ := newIssuer(t, "")
	local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}
	tests := []struct {
		name, why, host string
		address         net.Addr
		want            int
	}{
		{"loopback", "as intended", strings.TrimPrefix(i.URL(), "http://"), local, 200},
		{"no connection", "a test calls the handler", strings.TrimPrefix(i.URL(), "http://"), nil, 200},
		{"other address", "the network reaches it", strings.TrimPrefix(i.URL(), "http://"), &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, 403},
		{"other kind", "nobody knows who reaches that", strings.TrimPrefix(i.URL(), "http://"), &net.UnixAddr{Name: "socket"}, 403},
		{"other host", "somebody's DNS names this machine", "evil.example", local, 421},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := t.Context()
			if tt.address != nil {
				ctx = context.WithValue(ctx, http.LocalAddrContextKey, tt.address)
			}
			r := httptest.NewRequestWithContext(ctx, "GET", "/.well-known/jwks.json", nil)
			r.Host = tt.host
			w := httptest.NewRecorder()
			i.ServeHTTP(w, r)
			if w.Code != tt.want || tt.why == "" {
				t.Errorf("status %d, want %d", w.Code, tt.want)
			}
		})
	}
}

func TestNew(t *testing.T) {
	tests := []struct {
		name, why string
		options   issuer.Options
	}{
		{"no URL", "it has no name", issuer.Options{}},
		{"https", "it has no certificate", issuer.Options{URL: "https://127.0.0.1"}},
		{"network", "everybody knows the passwords", issuer.Options{URL: "http://192.0.2.1:9229"}},
		{"all addresses", "everybody knows the passwords", issuer.Options{URL: "http://0.0.0.0:9229"}},
		{"other host", "everybody knows the passwords", issuer.Options{URL: "http://example.com"}},
		{"slash", "Cognito's issuers have none", issuer.Options{URL: "http://127.0.0.1/"}},
		{"pattern", "it would be one of the mux", issuer.Options{URL: "http://127.0.0.1/{pool}"}},
		{"query", "it is no issuer's", issuer.Options{URL: "http://127.0.0.1?a"}},
		{"short life", "times are whole seconds", issuer.Options{URL: "http://127.0.0.1", Lifetime: time.Millisecond}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := issuer.New(tt.options); !errors.Is(err, issuer.ErrOptions) || tt.why == "" {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestTokenRefused(t *testing.T) {
	i, _ := newIssuer(t, "")
	tests := []struct {
		name, use, user string
		changed         map[string]any
		want            error
	}{
		{"unknown user", issuer.UseID, "mallory", nil, issuer.ErrUser},
		{"unknown use", "refresh", "alice", nil, issuer.ErrUse},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := i.Token(tt.use, tt.user, tt.changed); !errors.Is(err, tt.want) {
				t.Errorf("the error is %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := i.Sign(issuer.Draft{}); !errors.Is(err, issuer.ErrUse) {
		t.Errorf("the error is %v", err)
	}
	if _, err := i.Token(issuer.UseID, "alice", map[string]any{"x": func() {}}); err == nil {
		t.Error("a function was signed")
	}
	draft, err := i.Draft(issuer.UseID, "alice")
	if err != nil {
		t.Fatal(err)
	}
	draft.Header["x"] = func() {}
	if _, err := i.Sign(draft); err == nil {
		t.Error("a function was signed")
	}
}

// TestConcurrent: tokens are signed with a key that is in the key set, also while keys are
// rotated.
func TestConcurrent(t *testing.T) {
	i, _ := newIssuer(t, "")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			raw, err := i.Token(issuer.UseAccess, "alice", nil)
			if err != nil {
				t.Error(err)
				return
			}
			claims(t, i, raw, "")
		})
		wait.Go(func() {
			if err := i.RotateKeys(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}
