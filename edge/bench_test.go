// SPDX-License-Identifier: Apache-2.0

package edge_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
)

// BenchmarkServeHTTP measures requests of a browser with a signed URL: without a cache, with a
// kept response, with an explanation, and denied. A public behavior does the rest alone.
func BenchmarkServeHTTP(b *testing.B) {
	signer, trusted := newKey("K2BENCH")
	const file = "https://cdn.example.com/users/7/images/photo-0001.jpg?width=640"
	link, err := signer.URL(b.Context(), file, time.Now().Add(time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	private := edge.Behavior{Origin: http.HandlerFunc(photo), TrustedKeyGroups: []keys.Set{trusted}}
	public := edge.Behavior{Origin: http.HandlerFunc(photo), Public: true}
	policy := &edge.CachePolicy{DefaultTTL: time.Hour, MaxTTL: time.Hour, Gzip: true}
	privateCached, publicCached := private, public
	privateCached.CachePolicy, publicCached.CachePolicy = policy, policy
	for _, bb := range []struct {
		name   string
		config edge.Config
		url    string
		status int
	}{
		{"private", edge.Config{Default: private}, link, http.StatusOK},
		{"public", edge.Config{Default: public}, file, http.StatusOK},
		{"private kept", edge.Config{Default: privateCached}, link, http.StatusOK},
		{"public kept", edge.Config{Default: publicCached}, file, http.StatusOK},
		{"explained", edge.Config{Default: private, Observe: func(context.Context, edge.Decision) {}}, link, http.StatusOK},
		{"denied", edge.Config{Default: private}, file, http.StatusForbidden},
	} {
		b.Run(bb.name, func(b *testing.B) {
			d, err := edge.New(bb.config)
			if err != nil {
				b.Fatal(err)
			}
			r := browserRequest(bb.url)
			b.ReportAllocs()
			for b.Loop() {
				w := &discard{header: http.Header{}}
				if d.ServeHTTP(w, r); w.status != bb.status {
					b.Fatal(w.status)
				}
			}
		})
	}
}

// photo is an origin.
func photo(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Cache-Control", "max-age=3600")
	w.Header().Set("Etag", `"0123456789abcdef"`)
	_, _ = io.WriteString(w, "the bytes of a photo")
}

// browserRequest returns a request with the header of a browser.
func browserRequest(url string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, url, nil)
	r.RequestURI = r.URL.RequestURI()
	for name, value := range map[string]string{
		"Accept":          "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
		"Accept-Encoding": "gzip, deflate, br, zstd",
		"Accept-Language": "en-US,en;q=0.9",
		"Cookie":          "session=0123456789abcdef; theme=dark",
		"Referer":         "https://app.example.com/photos",
		"Sec-Fetch-Dest":  "image",
		"Sec-Fetch-Mode":  "no-cors",
		"Sec-Fetch-Site":  "same-site",
		"User-Agent":      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
	} {
		r.Header.Set(name, value)
	}
	return r
}

// A discard is a response writer that keeps only the status.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header { return d.header }

func (d *discard) WriteHeader(status int) { d.status = status }

func (d *discard) Write(p []byte) (int, error) {
	if d.status == 0 {
		d.status = http.StatusOK
	}
	return len(p), nil
}
