// SPDX-License-Identifier: Apache-2.0

package requestline_test

import (
	"crypto/tls"
	"net/http"
	"testing"

	"github.com/cfsign/cfsign/internal/requestline"
)

func TestPath(t *testing.T) {
	tests := []struct {
		sent, host string
		tls        bool
		want       string // empty: none
		reason     string
	}{
		{"/a?b", "h.example", true, "/a?b", "as servers get it"},
		{"//a", "h.example", true, "//a", "as it was sent"},
		{"https://h.example/a", "h.example", true, "/a", "the same URL"},
		{"http://h.example:80/a", "h.example:80", false, "/a", "the same URL"},
		{"http://h.example/a", "h.example", true, "", "another scheme than the connection's"},
		{"https://h.example/a", "h.example", false, "", "another scheme than the connection's"},
		{"https://other.example/a", "h.example", true, "", "another host"},
		{"https://h.example.evil/a", "h.example", true, "", "a longer host"},
		{"https://h.example", "h.example", true, "", "no path"},
		{"*", "h.example", true, "", "OPTIONS for the whole server"},
		{"h.example:443", "h.example:443", true, "", "CONNECT"},
		{"", "h.example", true, "", "a client's request"},
	}
	for _, tt := range tests {
		r := &http.Request{RequestURI: tt.sent, Host: tt.host}
		if tt.tls {
			r.TLS = &tls.ConnectionState{}
		}
		got, ok := requestline.Path(r)
		if ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%q: %q, %t, want %q: %s", tt.sent, got, ok, tt.want, tt.reason)
		}
	}
}
