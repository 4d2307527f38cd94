// SPDX-License-Identifier: Apache-2.0

package edge_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/keys"
)

// statusOf returns the status of a request for a path over plain HTTP.
func statusOf(h http.Handler, path string) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://cdn.example.com"+path, nil))
	return w.Code
}

// TestOddRequests has requests that net/http accepts but CloudFront could not receive.
func TestOddRequests(t *testing.T) {
	d, err := edge.New(edge.Config{Default: edge.Behavior{Public: true, ViewerProtocolPolicy: edge.AllowAll, Origin: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the origin was reached")
	})}})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*http.Request){
		"the whole server":           func(r *http.Request) { r.RequestURI = "*" },
		"a proxy's request":          func(r *http.Request) { r.RequestURI = "http://other.example/a" },
		"a client's request":         func(r *http.Request) { r.RequestURI = "" },
		"no host":                    func(r *http.Request) { r.Host = "" },
		"a path in HTTP/2's host":    func(r *http.Request) { r.Host = "cdn.example.com/u" },
		"a query in HTTP/2's host":   func(r *http.Request) { r.Host = "cdn.example.com?u" },
		"a URL that was changed":     func(r *http.Request) { r.URL.Path = "/b" },
		"no URL":                     func(r *http.Request) { r.URL = nil },
		"user information in a host": func(r *http.Request) { r.Host = "a@cdn.example.com" },
	} {
		r := httptest.NewRequest(http.MethodGet, "http://cdn.example.com/a", nil)
		r.RequestURI = "/a" // Otherwise the host would have to be in it, too.
		change(r)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
}

// TestStripPrefix: the distribution would decide about another path than the origin reads.
func TestStripPrefix(t *testing.T) {
	bucket := edge.Bucket(fstest.MapFS{"private/a": {Data: []byte("SECRET")}})
	_, trusted := newKey("K1")
	d, err := edge.New(edge.Config{
		Default:   edge.Behavior{Origin: bucket, Public: true, ViewerProtocolPolicy: edge.AllowAll},
		Behaviors: []edge.Behavior{{PathPattern: "private/*", Origin: bucket, TrustedKeyGroups: []keys.Set{trusted}, ViewerProtocolPolicy: edge.AllowAll}},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/cdn/", http.StripPrefix("/cdn", d))
	if status := statusOf(mux, "/cdn/private/a"); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
}

// TestOriginCannotForge: the origin cannot change the headers of the distribution.
func TestOriginCannotForge(t *testing.T) {
	server := edgetest.NewDistribution(t, edge.Config{Debug: true, Logger: slog.New(slog.DiscardHandler), Default: edge.Behavior{Public: true, Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amz-Cf-Id", "mine")
		w.Header().Set(edge.ExplanationHeader, "forged")
		w.Header().Set("X-Cache", "Hit from elsewhere")
	})}})
	response := server.Allowed(t, "https://cdn.example.com/")
	if got := response.Header.Get(edge.ExplanationHeader); got != "allowed: the behavior is public" {
		t.Errorf("explained as %q", got)
	}
}

// TestObservedRequest: the origin gets a request of its own, so the request that Observe has
// got keeps the credential.
func TestObservedRequest(t *testing.T) {
	var observed *http.Request
	var origin http.Header
	server := edgetest.NewDistribution(t, edge.Config{
		Observe: func(_ context.Context, d edge.Decision) { observed = d.Request },
		Default: edge.Behavior{
			OriginRequestPolicy: edge.AllViewer(),
			Origin: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				origin = r.Header.Clone()
				r.Header.Set("X-Origin", "1")
			}),
		},
	})
	signedURL := server.SignedURL(t, "https://cdn.example.com/a?b=1", time.Hour)
	header := []string{"Connection: close", "Cookie: app=1; CloudFront-Policy=x", "Referer: https://cdn.example.com/?Signature=x"}
	rawRequest{method: "GET", url: signedURL, header: header}.send(t, server)
	if diff := cmp.Diff([]string{"app=1"}, origin["Cookie"]); diff != "" || origin.Get("Referer") != "" {
		t.Errorf("the cookies of the origin (-want +got):\n%s", diff)
	}
	want := http.Header{"Connection": {"close"}, "Cookie": {"app=1; CloudFront-Policy=x"}, "Referer": {"https://cdn.example.com/?Signature=x"}}
	if diff := cmp.Diff(want, observed.Header); diff != "" {
		t.Errorf("the header of the observed request (-want +got):\n%s", diff)
	}
	if got := "https://cdn.example.com" + observed.RequestURI; got != signedURL || observed.URL.RawQuery == "b=1" {
		t.Error("the URL of the observed request has lost its credential")
	}
}

// TestXCache: a status of 400 or more is an error for CloudFront.
func TestXCache(t *testing.T) {
	for status, want := range map[int]string{399: "Miss from cloudfront", 400: "Error from cloudfront"} {
		server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{
			Public: true, Origin: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }),
		}})
		if got := server.Get(t, "https://cdn.example.com/").Header.Get("X-Cache"); got != want {
			t.Errorf("%d: X-Cache is %q, want %q", status, got, want)
		}
	}
}

// TestVary: the origin's Vary stays next to the distribution's, except for the names of headers
// that the origin does not get.
func TestVary(t *testing.T) {
	server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{
		Public: true, CORS: &edge.CORS{AllowOrigins: []string{"https://app.example.com"}},
		OriginRequestPolicy: edge.OriginRequestPolicy{Headers: []string{"Accept-Language"}},
		Origin: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Vary"] = []string{"accept-language, User-Agent", "Cookie,Accept-Encoding"}
		}),
	}})
	response := server.Allowed(t, "https://cdn.example.com/")
	if diff := cmp.Diff([]string{"accept-language, Cookie, Accept-Encoding", "Origin"}, response.Header["Vary"]); diff != "" {
		t.Errorf("Vary (-want +got):\n%s", diff)
	}
}

// TestRootObjectOfTwoBehaviors: the documentation does not say which of them applies.
func TestRootObjectOfTwoBehaviors(t *testing.T) {
	origin := http.NotFoundHandler()
	server := edgetest.NewDistribution(t, edge.Config{
		Default: edge.Behavior{Origin: origin}, DefaultRootObject: "index.html",
		Behaviors: []edge.Behavior{{PathPattern: "index.html", Origin: origin, Public: true}},
	})
	response := server.Get(t, "https://cdn.example.com/")
	if d := server.Decision(t, response); d.Status != http.StatusForbidden || !strings.Contains(d.Reason, "which behavior decides") {
		t.Errorf("%+v", d)
	}
}

// TestReverseProxy has an origin on another server.
func TestReverseProxy(t *testing.T) {
	var got string
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Method + " " + r.RequestURI + " " + r.Header.Get("Cookie")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.WriteHeader(http.StatusTeapot)
	}))
	defer origin.Close()
	target, err := url.Parse(origin.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{
		Origin: proxy, OriginRequestPolicy: edge.AllViewer(), CORS: &edge.CORS{AllowOrigins: []string{"https://app.example.com"}, OriginOverride: true},
	}})
	signedURL := server.SignedURL(t, "https://cdn.example.com/a%20b?x=1", time.Hour)
	response, _ := rawRequest{method: "GET", url: signedURL, header: []string{"Cookie: a=b; CloudFront-Policy=x", "Origin: https://app.example.com"}}.send(t, server)
	if diff := cmp.Diff("GET /a%20b?x=1 a=b", got); diff != "" {
		t.Errorf("what the origin got (-want +got):\n%s", diff)
	}
	want := []string{"https://app.example.com"}
	if diff := cmp.Diff(want, response.Header.Values("Access-Control-Allow-Origin")); diff != "" || response.StatusCode != http.StatusTeapot {
		t.Errorf("status %d (-want +got):\n%s", response.StatusCode, diff)
	}
}

// TestLateHeader: an origin cannot change the header after it was sent, not even in place.
func TestLateHeader(t *testing.T) {
	d := newDistribution(t, edge.Config{Default: edge.Behavior{
		ViewerProtocolPolicy: edge.AllowAll,
		Origin: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-Own"] = []string{"first", "second"}
			w.WriteHeader(http.StatusOK)
			w.Header()["X-Own"][0] = "late"
			w.Header().Set("X-Late", "1")
		}),
	}})
	w := &discard{header: http.Header{}}
	d.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/a", nil))
	if diff := cmp.Diff([]string{"first", "second"}, w.header["X-Own"]); diff != "" || w.header.Get("X-Late") != "" {
		t.Errorf("%v (-want +got):\n%s", w.header, diff)
	}
}

// TestUpgrade: an origin can take over the connection. Some WebSocket libraries do this before
// the header, others after it, with the headers of the distribution.
func TestUpgrade(t *testing.T) {
	const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n"
	for _, tt := range []struct {
		name    string
		upgrade func(w http.ResponseWriter) string // the rest to write
		want    string                             // X-Cache
	}{
		{"before the header", func(http.ResponseWriter) string { return head }, ""},
		{"after the header", func(w http.ResponseWriter) string {
			w.Header().Set("Upgrade", "test")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(http.StatusSwitchingProtocols)
			return ""
		}, "Miss from cloudfront"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := edgetest.New(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				text := tt.upgrade(w)
				connection, buffer, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer connection.Close()
				if _, err := buffer.WriteString(text); err != nil || buffer.Flush() != nil {
					t.Error(err)
				}
			}))
			request := rawRequest{method: "GET", url: server.SignedURL(t, "https://cdn.example.com/live", time.Hour), header: []string{"Upgrade: test", "Connection: Upgrade"}}
			response, _ := request.send(t, server)
			if got := response.Header.Get("X-Cache"); response.StatusCode != http.StatusSwitchingProtocols || response.Header.Get("Upgrade") != "test" || got != tt.want {
				t.Errorf("%s, %v", response.Status, response.Header)
			}
		})
	}
}

// TestReferer: the origin gets the Referer, unless it contains a credential.
func TestReferer(t *testing.T) {
	var got []string
	server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Public: true, OriginRequestPolicy: edge.AllViewer(), Origin: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r.Header["Referer"]
	})}})
	const plain = "https://cdn.example.com/page?a=b&signatures=2"
	for _, tt := range []struct {
		referers, want []string
		why            string
	}{
		{nil, nil, "no Referer"},
		{[]string{plain}, []string{plain}, "no reserved name"},
		{[]string{server.SignedURL(t, "https://cdn.example.com/page", time.Hour)}, nil, "the signed URL of the page"},
		{[]string{"https://cdn.example.com/page?a=b&Key-Pair-Id=K2"}, nil, "a part of a signed URL, behind another parameter"},
		{[]string{"https://cdn.example.com/page?a?Policy=x"}, nil, "a second question mark"},
		{[]string{"https://cdn.example.com/page#Signature=x"}, nil, "a fragment, which browsers leave out and other clients may not"},
		{[]string{plain, "https://cdn.example.com/page?Signature=x"}, nil, "a second header field"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			got = nil
			header := []string{"Connection: close"}
			for _, referer := range tt.referers {
				header = append(header, "Referer: "+referer)
			}
			rawRequest{method: "GET", url: "https://cdn.example.com/", header: header}.send(t, server)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("what the origin got (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStreaming: what an origin flushes arrives before the origin ends.
func TestStreaming(t *testing.T) {
	heard := make(chan struct{})
	server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Public: true, Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-heard
	})}})
	response, err := server.Client.Get("https://cdn.example.com/")
	close(heard)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := response.Header.Get("X-Cache"); got != "Miss from cloudfront" {
		t.Errorf("X-Cache %q", got)
	}
}

// TestSilentOrigin: the headers are added even if the origin writes nothing.
func TestSilentOrigin(t *testing.T) {
	server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Public: true, Origin: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}})
	response := server.Allowed(t, "https://cdn.example.com/")
	if got := response.Header.Get("X-Cache"); got != "Miss from cloudfront" {
		t.Errorf("X-Cache %q", got)
	}
}

// TestBucketStaysInside has links and paths that lead out of the folder.
func TestBucketStaysInside(t *testing.T) {
	outside, inside := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{filepath.Join(outside, "secret"): "secret", filepath.Join(inside, "file"): "file"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(outside, "secret"), filepath.Join(inside, "link")); err != nil {
		t.Skip("no symbolic links here")
	}
	root, err := os.OpenRoot(inside)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	bucket := edge.Bucket(root.FS())
	for path, want := range map[string]int{"/file": 200, "/link": 403, "/../secret": 403, "/": 403, "/file/": 403, "//file": 403, "/./file": 403} {
		r := httptest.NewRequest(http.MethodGet, "http://cdn.example.com/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		bucket.ServeHTTP(w, r)
		if w.Code != want || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: status %d, want %d", path, w.Code, want)
		}
	}
}

// TestGetWithBody: CloudFront answers a GET that has a body with 403.
//
// Source: "Request and response behavior for custom origins", on GET requests that include a
// body,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
func TestGetWithBody(t *testing.T) {
	reached := false
	server := edgetest.NewDistribution(t, edge.Config{
		Debug: true, Logger: slog.New(slog.DiscardHandler),
		Default: edge.Behavior{AllowedMethods: edge.AllMethods, Origin: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })},
	})
	link := server.SignedURL(t, "https://cdn.example.com/a", time.Hour)
	for _, tt := range []struct {
		method string
		header []string
		body   string
		status int
		reason string
	}{
		{"GET", []string{"Content-Length: 5"}, "hello", 403, "a GET with a body"},
		{"GET", []string{"Transfer-Encoding: chunked"}, "5\r\nhello\r\n0\r\n\r\n", 403, "a body in chunks"},
		{"GET", []string{"Content-Length: 0"}, "", 200, "no body"},
		{"GET", nil, "", 200, "no body"},
		{"POST", []string{"Content-Length: 5"}, "hello", 200, "another method"},
		{"HEAD", []string{"Content-Length: 5"}, "hello", 200, "the page speaks of GET only"},
	} {
		t.Run(tt.method+" "+tt.reason, func(t *testing.T) {
			reached = false
			response, body := rawRequest{method: tt.method, url: link, header: append(tt.header, "Connection: close"), body: tt.body}.send(t, server)
			if response.StatusCode != tt.status || reached != (tt.status == http.StatusOK) {
				t.Errorf("%s, origin reached: %t", response.Status, reached)
			}
			explanation := response.Header.Get(edge.ExplanationHeader)
			if tt.status == http.StatusForbidden && (!strings.Contains(body, "<H1>403 ERROR</H1>") || !strings.HasPrefix(explanation, "answered with 403: a GET request has a body")) {
				t.Errorf("explained as %q in %q", explanation, body)
			}
		})
	}
	// HTTP/2 does not always say how long a body is.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, struct{ io.Reader }{strings.NewReader("hello")})
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden || response.ProtoMajor != 2 {
		t.Errorf("%s with %s", response.Status, response.Proto)
	}
}

// TestRequestLines: a request line without a path is refused, and the message names the cause.
func TestRequestLines(t *testing.T) {
	server := edgetest.NewDistribution(t, edge.Config{
		Debug: true, Logger: slog.New(slog.DiscardHandler),
		Default: edge.Behavior{Public: true, AllowedMethods: edge.AllMethods, Origin: http.NotFoundHandler()},
	})
	for _, tt := range []struct {
		method, target string
		status         int
		want           string
	}{
		{"GET", "https://cdn.example.com/a", 404, "allowed"},
		{"GET", "HTTPS://cdn.example.com/a", 400, "its scheme or host is not in the case of the signed URL"},
		{"GET", "Https://CDN.example.com/a", 400, "its scheme or host is not in the case of the signed URL"},
		{"GET", "http://cdn.example.com/a", 400, `with the scheme "http", but the connection is https`},
		{"GET", "ftp://cdn.example.com/a", 400, `with the scheme "ftp", but the connection is https`},
		{"CONNECT", "cdn.example.com:443", 400, "CloudFront is not a forward proxy"},
		{"OPTIONS", "*", 200, ""}, // net/http answers
	} {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			response, _ := rawRequest{method: tt.method, url: "https://cdn.example.com/", target: tt.target, header: []string{"Connection: close"}}.send(t, server)
			if got := response.Header.Get(edge.ExplanationHeader); response.StatusCode != tt.status || !strings.Contains(got, tt.want) || strings.Contains(got, "httptest") {
				t.Errorf("%s, explained as %q", response.Status, got)
			}
		})
	}
}

// TestVia: the distribution replaces the Via of the origin.
func TestVia(t *testing.T) {
	server := edgetest.New(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Via", "1.1 origin") }))
	for rawURL, want := range map[string]string{
		server.SignedURL(t, "https://cdn.example.com/a", time.Hour): "2.0 1026589cc7887e7a0dc7827b4example.cloudfront.net (CloudFront)",
		"https://cdn.example.com/a":                                 "2.0 1026589cc7887e7a0dc7827b4example.cloudfront.net (CloudFront)",
	} {
		if got := server.Get(t, rawURL).Header["Via"]; len(got) != 1 || got[0] != want {
			t.Errorf("Via %q, want %q", got, want)
		}
	}
}
