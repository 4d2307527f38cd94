// SPDX-License-Identifier: Apache-2.0

package token_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
	"github.com/cfsign/cfsign/examples/cognito/internal/token"
)

// FuzzVerify: whatever a header has, there is no panic, only what was issued is accepted,
// letter by letter, and everything else is refused for one reason.
func FuzzVerify(f *testing.F) {
	w := newWorld(f)
	for _, use := range []string{issuer.UseAccess, issuer.UseID} {
		f.Add("Bearer " + w.token(f, use, nil))
	}
	f.Add("Basic YTpi")
	for _, forgery := range forgeries {
		if raw := forgery.make(f, w); len(raw) < 4096 {
			f.Add("Bearer " + raw)
		}
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.Header.Set("Authorization", header)
		raw, err := token.FromRequest(r)
		if err == nil {
			_, err = w.verifier.Verify(t.Context(), raw)
		}
		if err == nil {
			if _, ok := w.issued.Load(raw); !ok {
				t.Error("a token was accepted that nobody issued")
			}
			return
		}
		checkReason(t, err, reasonOf(err))
		for part := range strings.SplitSeq(raw, ".") {
			if len(part) >= 16 && strings.Contains(err.Error(), part) {
				t.Errorf("the error has a part of the token: %v", err)
			}
		}
	})
}

// FuzzClaims: the same for what the issuer itself might sign.
func FuzzClaims(f *testing.F) {
	w := newWorld(f)
	for _, use := range []string{issuer.UseAccess, issuer.UseID} {
		d, err := w.Draft(use, "alice")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(marshal(f, d.Claims))
	}
	f.Add(w.claimsAnd(f, `,"SUB":"bob"`))
	f.Add(w.claimsAnd(f, `,"nbf":1e3`))
	f.Fuzz(func(t *testing.T, claims string) {
		user, err := w.verifier.Verify(t.Context(), w.genuine(t, claims))
		if err != nil {
			checkReason(t, err, reasonOf(err))
			return
		}
		if !plain.MatchString(user.Sub) || !user.Expires.After(w.clock.Now()) || user.Use != "access" && user.Use != "id" {
			t.Errorf("accepted %+v", user)
		}
	})
}
