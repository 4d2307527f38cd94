// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

const host = "cdn.example.com"

// secrets are the values AWSCURRENT of Secrets Manager. There is no AWSPREVIOUS.
type secrets map[string]string

func (s secrets) GetSecretValue(_ context.Context, input *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	value, ok := s[*input.SecretId]
	if !ok || input.VersionStage != nil && *input.VersionStage != "AWSCURRENT" {
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: &value}, nil
}

// put stores a key pair.
func (s secrets) put(t *testing.T, keyPairID string, key crypto.Signer) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s[privateKeySecret] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	s[keyPairIDSecret] = keyPairID
}

// event is a request that the authorizer has let through for a user. Without a user, it is one
// without an authorizer.
func event(method, user string) request {
	e := request{RawPath: "/cookies"}
	e.RequestContext.HTTP.Method = method
	e.RequestContext.DomainName = "api-id.execute-api.us-east-1.amazonaws.com"
	if user != "" {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": user}},
		}
	}
	return e
}

// cookiesOf returns the cookies of a response, as a browser reads them.
func cookiesOf(t *testing.T, r response) []*http.Cookie {
	t.Helper()
	var cookies []*http.Cookie
	for _, line := range r.Cookies {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		cookies = append(cookies, cookie)
	}
	return cookies
}

// TestOneSecret: cfsign rotate writes the key and its ID into one secret.
func TestOneSecret(t *testing.T) {
	stored := secrets{}
	stored.put(t, "KOLD", testkeys.RSA())
	text, err := json.Marshal(map[string]string{"keyPairId": "KNEW", "privateKey": stored[privateKeySecret]})
	if err != nil {
		t.Fatal(err)
	}
	stored[privateKeySecret] = string(text)
	f, err := newFunction(t.Context(), stored, host)
	if err != nil {
		t.Fatal(err)
	}
	if id := f.signer.KeyPairID(); id != "KNEW" {
		t.Errorf("it signs with %s", id)
	}
}

// TestFunction: the cookies open the user's folder and no other, also after a rotation.
func TestFunction(t *testing.T) {
	stored := secrets{}
	stored.put(t, "KOLD", testkeys.RSA())
	f, err := newFunction(t.Context(), stored, host)
	if err != nil {
		t.Fatal(err)
	}
	read := func() error { return f.source.Refresh(t.Context()) } // as RefreshIfDue does after five minutes
	group, err := keys.NewSet(map[string]crypto.PublicKey{"KOLD": testkeys.RSA().Public(), "KNEW": testkeys.P256().Public()})
	if err != nil {
		t.Fatal(err)
	}
	server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{
		TrustedKeyGroups: []keys.Set{group}, ViewerProtocolPolicy: edge.HTTPSOnly,
		Origin: edge.Bucket(fstest.MapFS{"ada/a.txt": {Data: []byte("a")}, "bob/b.txt": {Data: []byte("b")}, "a|1*/c.txt": {Data: []byte("c")}}),
	}})
	get := func(path string, cookies []*http.Cookie) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cookies {
			if c.MaxAge >= 0 && strings.HasPrefix(r.URL.EscapedPath(), c.Path) {
				r.AddCookie(c)
			}
		}
		answer, err := server.Viewer.Client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	for _, tt := range []struct {
		why, user, path string
		before          func()
		want            int
		keyPairID       string
	}{
		{"the user's own folder", "ada", "/ada/a.txt", nil, http.StatusOK, "KOLD"},
		{"another user's", "ada", "/bob/b.txt", nil, http.StatusForbidden, "KOLD"},
		{"a user whose ID has a wildcard", "a|1*", "/a%7C1%2A/c.txt", nil, http.StatusOK, "KOLD"},
		{"a rotation that the function has not read yet", "ada", "/ada/a.txt", func() { stored.put(t, "KNEW", testkeys.P256()) }, http.StatusOK, "KOLD"},
		{"after five minutes it has", "ada", "/ada/a.txt", func() {
			if err := read(); err != nil {
				t.Error(err)
			}
		}, http.StatusOK, "KNEW"},
		{"half a rotation leaves the key in use", "ada", "/ada/a.txt", func() {
			stored.put(t, "KNEW", testkeys.RSA())
			if err := read(); !errors.Is(err, keys.ErrMismatch) {
				t.Error(err)
			}
		}, http.StatusOK, "KNEW"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			if tt.before != nil {
				tt.before()
			}
			answer, err := f.handle(t.Context(), event(http.MethodGet, tt.user))
			if err != nil || answer.StatusCode != http.StatusNoContent {
				t.Fatal(answer.StatusCode, err)
			}
			cookies := cookiesOf(t, answer)
			if got := get(tt.path, cookies); got != tt.want {
				t.Errorf("%s: %d, want %d", tt.path, got, tt.want)
			}
			var keyPairID string
			for _, c := range cookies {
				if c.Name == "CloudFront-Key-Pair-Id" {
					keyPairID = c.Value
				}
				if c.Domain != "" || !c.Secure || !c.HttpOnly {
					t.Errorf("%s has the domain %q, secure %t, HttpOnly %t", c.Name, c.Domain, c.Secure, c.HttpOnly)
				}
			}
			if keyPairID != tt.keyPairID {
				t.Errorf("signed with %s, want %s", keyPairID, tt.keyPairID)
			}
		})
	}
}

// TestWithoutCookies: nobody gets cookies without a login, or after a logout.
func TestWithoutCookies(t *testing.T) {
	stored := secrets{}
	stored.put(t, "KOLD", testkeys.P256())
	f, err := newFunction(t.Context(), stored, host)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		why, method, user string
		want, cookies     int
	}{
		{"no authorizer", http.MethodGet, "", http.StatusUnauthorized, 0},
		{"no authorizer, and a logout", http.MethodDelete, "", http.StatusUnauthorized, 0},
		{"a user that is no folder", http.MethodGet, "..", http.StatusServiceUnavailable, 0},
		{"a user with a path", http.MethodGet, "ada/../bob", http.StatusServiceUnavailable, 0},
		{"a login", http.MethodGet, "ada", http.StatusNoContent, 4},
		{"a logout", http.MethodDelete, "ada", http.StatusNoContent, 0},
	} {
		answer, err := f.handle(t.Context(), event(tt.method, tt.user))
		if err != nil || answer.StatusCode != tt.want {
			t.Errorf("%s: %d, %v, want %d", tt.why, answer.StatusCode, err, tt.want)
		}
		set := 0
		for _, c := range cookiesOf(t, answer) {
			if strings.HasPrefix(c.Name, "CloudFront-") && c.MaxAge >= 0 && c.Value != "" {
				set++
			}
		}
		if set != tt.cookies {
			t.Errorf("%s: %d cookies of CloudFront, want %d", tt.why, set, tt.cookies)
		}
		if tt.want == http.StatusNoContent {
			if diff := cmp.Diff("private, no-store", answer.Headers["Cache-Control"]); diff != "" {
				t.Errorf("%s: %s", tt.why, diff)
			}
		}
	}
}

// TestOpen: what is missing is named, with what to write.
func TestOpen(t *testing.T) {
	for _, tt := range []struct {
		why         string
		environment map[string]string
		says        string
	}{
		{"nothing", nil, "CFDOMAIN and SECRET_REGION must be set"},
		{"no region", map[string]string{"CFDOMAIN": host}, "CFDOMAIN and SECRET_REGION must be set"},
		{"no host", map[string]string{"CFDOMAIN": "https://cdn.example.com", "SECRET_REGION": "us-east-1"}, "CFDOMAIN is no host"},
	} {
		_, err := open(t.Context(), func(name string) string { return tt.environment[name] })
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want an error that says %q", tt.why, err, tt.says)
		}
	}
}
