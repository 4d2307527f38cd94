// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cfsign/cfsign/session"
)

// BenchmarkHandler measures the middleware for a viewer with current cookies, and for a new
// viewer, whose cookies come from the cache.
func BenchmarkHandler(b *testing.B) {
	s := newSite(b, session.Options{})
	s.grants = []session.Grant{folder(b, "alice"), folder(b, "shared")}
	fresh := s.request()
	s.renew(b)
	r := s.request()
	r.AddCookie(&http.Cookie{Name: "app", Value: "0123456789abcdef0123456789abcdef"})
	h := s.issuer.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	b.Run("in order", func(b *testing.B) {
		w := httptest.NewRecorder()
		b.ReportAllocs()
		for b.Loop() {
			h.ServeHTTP(w, r)
		}
		if len(w.Header()) != 0 {
			b.Error("cookies were set")
		}
	})
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			h.ServeHTTP(httptest.NewRecorder(), fresh)
		}
	})
}
