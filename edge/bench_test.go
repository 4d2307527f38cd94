// SPDX-License-Identifier: Apache-2.0

package edge_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
)

// BenchmarkServeHTTP decides about a signed URL, with and without an explanation.
func BenchmarkServeHTTP(b *testing.B) {
	signer, trusted := newKey("K2BENCH")
	link, err := signer.URL(b.Context(), "https://cdn.example.com/a.jpg", time.Now().Add(time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	origin := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for name, observe := range map[string]func(context.Context, edge.Decision){"bare": nil, "explained": func(context.Context, edge.Decision) {}} {
		d, err := edge.New(edge.Config{Default: edge.Behavior{Origin: origin, TrustedKeyGroups: []keys.Set{trusted}}, Observe: observe})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, link, nil)
			for b.Loop() {
				d.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
