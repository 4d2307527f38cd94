// SPDX-License-Identifier: Apache-2.0

package token_test

import (
	"testing"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
	"github.com/cfsign/cfsign/examples/cognito/internal/token"
)

// TestKeySet: of a key set, the keys count that are for verifying RS256.
func TestKeySet(t *testing.T) {
	tests := []struct {
		name, why string
		change    func(key map[string]any)
		want      error
	}{
		{"as it is", "what Cognito has", func(map[string]any) {}, nil},
		{"no alg and use", "both are optional", func(key map[string]any) { delete(key, "alg"); delete(key, "use") }, nil},
		{"more members", "what is not understood is ignored", func(key map[string]any) { key["new"] = 1 }, nil},
		{"for encryption", "it signs nothing", func(key map[string]any) { key["use"] = "enc" }, token.ErrSignature},
		{"other algorithm", "the issuer says what it is for", func(key map[string]any) { key["alg"] = "RS512" }, token.ErrSignature},
		{"no kid", "no token names it", func(key map[string]any) { delete(key, "kid") }, token.ErrSignature},
		{"other kid", "no token names it", func(key map[string]any) { key["kid"] = "other" }, token.ErrSignature},
		{"too small", "1,024 bits can be factored", func(key map[string]any) { key["n"] = key["n"].(string)[:171] }, token.ErrSignature},
		{"broken", "it is left out, and the others are not", func(key map[string]any) { key["n"] = "?" }, token.ErrSignature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.why == "" {
				t.Fatal("no reason")
			}
			w := newWorld(t)
			raw := w.token(t, issuer.UseAccess, nil)
			kid := w.draft(t).Header["kid"]
			set := w.keys(t)
			for _, key := range set["keys"] {
				if key["kid"] == kid {
					tt.change(key)
				}
			}
			w.setAnswer(answer(200, marshal(t, set)))
			if tt.want == nil {
				w.accept(t, raw)
				return
			}
			w.refuse(t, raw, tt.want)
			w.accept(t, w.token(t, issuer.UseID, nil)) // whose key is another
		})
	}
}
