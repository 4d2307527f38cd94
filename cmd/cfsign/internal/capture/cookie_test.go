// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
)

func TestCookieHeader(t *testing.T) {
	tests := []struct {
		name, value string
		want        []*http.Cookie
		reason      string
	}{
		{"two", "a=b; c=d", cookies("a", "b", "c", "d"), "as in browsers"},
		{"no space", "a=b;c=d;", cookies("a", "b", "c", "d"), "as in other clients"},
		{"with the name", " cOOkie: a=b\r\n", cookies("a", "b"), "the whole line"},
		{"equals signs", "a=b=c==", cookies("a", "b=c=="), "base64"},
		{"odd bytes", "a=b\"c,d\\\xff\x01é", cookies("a", "b\"c,d\\\xff\x01é"), "net/http would drop the cookie"},
		{"spaces", "a = b c ; d=e", cookies("a ", " b c ", "d", "e"), "the client sent them"},
		{"quoted", `a="b"; c="; d=""`, []*http.Cookie{{Name: "a", Value: "b", Quoted: true}, {Name: "c", Value: `"`}, {Name: "d", Quoted: true}}, "as in net/http"},
		{"no equals sign", "a; =b", cookies("a", "", "", "b"), "browsers send such cookies"},
		{"twice", "a=1; a=2", cookies("a", "1", "a", "2"), "can cause a refusal"},
		{"nothing", " ; ;", nil, "not a cookie"},
		{"colon", "a:b=c", cookies("a:b", "c"), "not the name of a header"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, capture.CookieHeader(tt.value)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}
