// SPDX-License-Identifier: Apache-2.0

package edge_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
)

func TestReadings(t *testing.T) {
	tests := []struct {
		path   string
		want   []string // the first, then the others in any order
		reason string
	}{
		{"/a/b", []string{"/a/b"}, "plain"},
		{"/", []string{"/"}, "plain"},
		{"/a/", []string{"/a/"}, "plain"},
		{"//a///b", []string{"/a/b"}, "slashes are merged"},
		{"/a/./b", []string{"/a/b"}, "dot segments are removed"},
		{"/a/../b", []string{"/b"}, "dot segments are removed"},
		{"/a/b/..", []string{"/a/", "/a"}, "the result is a directory"},
		{"/../../a", []string{"/a"}, "there is nothing above"},
		{"/a//../b", []string{"/a/b", "/b"}, "RFC 3986 has empty segments, file servers have none"},
		{"/%61/%2e%2E/b", []string{"/b", "/%61/%2e%2E/b"}, "unreserved characters are decoded, but not by everybody"},
		{"/a%2f..%2fb", []string{"/a%2f..%2fb", "/b"}, "servers that decode see dot segments"},
		{"/a%5c..%5cb", []string{"/a%5c..%5cb", `/a\..\b`, "/b"}, "some take a backslash for a slash"},
		{"/a%20b", []string{"/a%20b", "/a b"}, "servers decode"},
		{"/%252e%252e/a", []string{"/%252e%252e/a", "/%2e%2e/a", "/a"}, "some decode twice"},
		{"/a;x/b", []string{"/a;x/b", "/a/b"}, "servlet containers cut off parameters"},
		{"/a/..;/b", []string{"/a/..;/b", "/b"}, "servlet containers cut off parameters"},
		{"/a%00b", []string{"/a%00b", "/a\x00b", "/a"}, "C ends a text with a zero byte"},
		{"/%zz/../a", []string{"/a"}, "what cannot be decoded is not"},
	}
	for _, tt := range tests {
		all := edge.Readings(tt.path)
		rest := slices.Compact(slices.Sorted(slices.Values(all)))
		got := append(all[:1:1], slices.DeleteFunc(rest, func(reading string) bool { return reading == all[0] })...)
		slices.Sort(tt.want[1:])
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", tt.path, tt.reason, diff)
		}
	}
}

// FuzzReadings: whatever the path, its readings are clean and begin with a slash,
// so that no pattern is evaded.
func FuzzReadings(f *testing.F) {
	for _, path := range []string{"/a/../b", "/a%2f..%2fb", "//a", "/%zz", `/a\..\b`} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		for _, reading := range edge.Readings("/" + path) {
			if !strings.HasPrefix(reading, "/") || strings.Contains(reading+"/", "/../") || strings.Contains(reading+"/", "/./") || strings.Contains(reading, "//") {
				t.Errorf("%q is read as %q", path, reading)
			}
		}
	})
}

// FuzzOrigins: whatever the path, no origin in use serves a private file to a request
// without a credential, from a public folder or beside a private one.
func FuzzOrigins(f *testing.F) {
	for _, path := range []string{
		"/private/secret", "/a%5cb/..%2fprivate/secret", `/a\b/..%2fprivate/secret`, "/open/a%5cb/../..%2fprivate/secret",
		"/private//../secret", "/open/..%2fprivate%2fsecret", "//private/secret", "/open/%2e%2e/private/secret",
	} {
		f.Add(path)
	}
	distributions := withSecrets(f)
	f.Fuzz(func(t *testing.T, path string) { checkSecrets(t, distributions, path) })
}

// TestOrigins is the same with paths made of the pieces of which attacks are made.
func TestOrigins(t *testing.T) {
	pieces := []string{"private", "secret", "open", "a", "/", "/", "/", "//", "..", ".", `\`, "%5c", "%2f", "%2e", "%252e", "%252f", ";x", "%00", "%70rivate"}
	distributions := withSecrets(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		path := "/"
		for range 2 + random.IntN(10) {
			path += pieces[random.IntN(len(pieces))]
		}
		checkSecrets(t, distributions, path)
	}
}

// withSecrets returns distributions over origins of several kinds, in which what has
// to do with secrets is private, or everything but a folder.
func withSecrets(t testing.TB) []*edge.Distribution {
	t.Helper()
	files := fstest.MapFS{"private/secret": {Data: []byte("TOP SECRET")}, "secret": {Data: []byte("TOP SECRET")}, "open/a": {Data: []byte("open")}}
	_, trusted := newKey("K1FUZZ")
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServerFS(files))
	resolving := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := (&url.URL{Path: "/"}).ResolveReference(&url.URL{Path: r.URL.Path}).Path
		if strings.HasPrefix(path, "/private/") || path == "/secret" {
			io.WriteString(w, "TOP SECRET")
		}
	})
	var distributions []*edge.Distribution
	for _, origin := range []http.Handler{http.FileServerFS(files), mux, resolving, edge.Bucket(files)} {
		closed := edge.Behavior{Origin: origin, TrustedKeyGroups: []keys.Set{trusted}, ViewerProtocolPolicy: edge.AllowAll}
		open := edge.Behavior{Origin: origin, Public: true, ViewerProtocolPolicy: edge.AllowAll}
		with := func(b edge.Behavior, pattern string) edge.Behavior { b.PathPattern = pattern; return b }
		for _, c := range []edge.Config{
			{Default: open, Behaviors: []edge.Behavior{with(closed, "private/*"), with(closed, "secret")}},
			{Default: closed, Behaviors: []edge.Behavior{with(open, "open/*")}},
		} {
			d, err := edge.New(c)
			if err != nil {
				t.Fatal(err)
			}
			distributions = append(distributions, d)
		}
	}
	return distributions
}

func checkSecrets(t *testing.T, distributions []*edge.Distribution, path string) {
	u, err := url.ParseRequestURI(path)
	if err != nil || !strings.HasPrefix(path, "/") {
		return // net/http answers 400
	}
	for i, d := range distributions {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, &http.Request{Method: http.MethodGet, RequestURI: path, URL: u, Host: "cdn.example.com", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, RemoteAddr: "192.0.2.1:1"})
		if strings.Contains(w.Body.String(), "TOP SECRET") {
			t.Errorf("%q is served by distribution %d", path, i)
		}
	}
}
