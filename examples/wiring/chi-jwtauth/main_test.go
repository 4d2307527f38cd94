// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/jwtauth/v5"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/examples/wiring/internal/wiringtest"
)

func TestApp(t *testing.T) { wiringtest.Test(t, newApp) }

func TestTokens(t *testing.T) { wiringtest.TestTokens(t, tokenCookie, newApp) }

// TestExpiredToken: jwtauth puts an expired token into the context, too.
func TestExpiredToken(t *testing.T) {
	token, _, err := jwtauth.New("HS256", demo.Secret(), nil).Encode(map[string]any{"sub": "alice"})
	if err != nil {
		t.Fatal(err)
	}
	for want, verified := range map[string]error{"alice": nil, "": jwtauth.ErrExpired} {
		ctx := jwtauth.NewContext(t.Context(), token, verified)
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "https://app.example.com/", nil)
		if got := userOf(r); got != want {
			t.Errorf("%v: user %q, want %q", verified, got, want)
		}
	}
}
