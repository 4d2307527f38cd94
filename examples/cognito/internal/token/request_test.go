// SPDX-License-Identifier: Apache-2.0

package token_test

import (
	"net/http/httptest"
	"testing"

	"github.com/cfsign/cfsign/examples/cognito/internal/token"
)

func TestFromRequest(t *testing.T) {
	tests := []struct {
		name, why string
		headers   []string
		want      string
		err       error
	}{
		{"bearer", "as RFC 6750 has it", []string{"Bearer a.b.c"}, "a.b.c", nil},
		{"lower case", "schemes have no case (RFC 9110)", []string{"bearer a.b.c"}, "a.b.c", nil},
		{"upper case", "schemes have no case (RFC 9110)", []string{"BEARER a.b.c"}, "a.b.c", nil},
		{"spaces", "one or more (RFC 9110)", []string{"Bearer   a.b.c"}, "a.b.c", nil},
		{"all characters", "what a token may consist of", []string{"Bearer aZ09-._~+/=="}, "aZ09-._~+/==", nil},
		{"none", "nobody signed in", nil, "", token.ErrMissing},
		{"empty", "nobody signed in", []string{""}, "", token.ErrMissing},
		{"other scheme", "a password is no token", []string{"Basic YTpi"}, "", token.ErrMissing},
		{"no scheme", "a token alone is no scheme", []string{"a.b.c"}, "", token.ErrMissing},
		{"longer scheme", "Bearers is another scheme", []string{"Bearers a.b.c"}, "", token.ErrMissing},
		{"tab", "a tab does not separate", []string{"Bearer\ta.b.c"}, "", token.ErrMissing},
		{"space in front", "net/http takes it away, so it came another way", []string{" Bearer a.b.c"}, "", token.ErrMissing},
		{"long s", "letters that fold to ASCII are not in the name", []string{"Bearer\u017f a.b.c"}, "", token.ErrMissing},
		{"no token", "the scheme alone", []string{"Bearer"}, "", token.ErrMalformed},
		{"space alone", "the scheme alone", []string{"Bearer "}, "", token.ErrMalformed},
		{"two tokens", "which one is meant", []string{"Bearer a b"}, "", token.ErrMalformed},
		{"list", "a proxy joined two headers", []string{"Bearer a, Bearer b"}, "", token.ErrMalformed},
		{"two headers", "which one is meant", []string{"Bearer a", "Bearer b"}, "", token.ErrMalformed},
		{"the same twice", "senders have one", []string{"Bearer a", "Bearer a"}, "", token.ErrMalformed},
		{"two schemes", "which one is meant", []string{"Basic YTpi", "Bearer a"}, "", token.ErrMalformed},
		{"quotes", "not a token's characters", []string{`Bearer "a"`}, "", token.ErrMalformed},
		{"line break", "it would be another header", []string{"Bearer a\r\nX: y"}, "", token.ErrMalformed},
		{"line break at the end", "$ in a pattern matches before it", []string{"Bearer a\n"}, "", token.ErrMalformed},
		{"equals sign alone", "padding of nothing", []string{"Bearer =="}, "", token.ErrMalformed},
		{"not ASCII", "not a token's characters", []string{"Bearer ä"}, "", token.ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.why == "" {
				t.Fatal("no reason")
			}
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/?access_token=a.b.c", nil)
			r.Header["Authorization"] = tt.headers
			r.Header.Set("Cookie", "access_token=a.b.c; Authorization=Bearer a.b.c")
			got, err := token.FromRequest(r)
			if got != tt.want {
				t.Errorf("the token is %q, want %q", got, tt.want)
			}
			checkReason(t, err, tt.err)
		})
	}
}
