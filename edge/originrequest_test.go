// SPDX-License-Identifier: Apache-2.0

package edge_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
)

// received returns the lines of a request as an origin gets it: the request line, the address
// of the connection, the Host, the headers, and the body.
func received(r *http.Request, requestID string) []string {
	lines := []string{r.Method + " " + r.RequestURI + " " + r.Proto, "from " + r.RemoteAddr, "Host: " + r.Host}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			lines = append(lines, name+": "+strings.ReplaceAll(value, requestID, "ID"))
		}
	}
	if body, _ := io.ReadAll(r.Body); len(body) > 0 {
		lines = append(lines, string(body))
	}
	return lines
}

// The lines that an origin gets with every GET.
const (
	ownVia  = "1.1 1026589cc7887e7a0dc7827b4example.cloudfront.net (CloudFront)"
	viaLine = "Via: " + ownVia
	idLine  = "X-Amz-Cf-Id: ID"
	uaLine  = "User-Agent: Amazon CloudFront"
	xffLine = "X-Forwarded-For: 192.0.2.1"
)

// TestOriginRequest has one row for each rule about what CloudFront sends to an origin, over
// real connections.
func TestOriginRequest(t *testing.T) {
	list := func(names ...string) []string { return names }
	headers := func(names ...string) edge.OriginRequestPolicy { return edge.OriginRequestPolicy{Headers: names} }
	all := edge.AllViewer()
	exceptHost := edge.AllViewer()
	exceptHost.HeadersExcept = list("Host")
	tests := []struct {
		reason string // the rule of the page
		policy edge.OriginRequestPolicy
		method string // empty: GET
		query  string
		header []string
		body   string
		want   []string // next to the lines of every request; a line replaces the one with its name
	}{
		{reason: "the path, Host, User-Agent and X-Amz-Cf-Id are always included"},
		{reason: "the query is not included by default", query: "?w=100"},
		{reason: "headers are not included by default", header: list("Accept: image/avif", "Accept-Language: de", "Origin: https://app.example.com", "X-Own: 1", "Cache-Control: no-cache")},
		{reason: "CloudFront removes the header: Referer", header: list("Referer: https://app.example.com/")},
		{reason: "cookies are not included by default", header: list("Cookie: session=1")},
		{reason: "CloudFront replaces User-Agent", header: list("User-Agent: curl/8")},
		{reason: "GET: CloudFront removes Authorization", header: list("Authorization: Bearer a")},
		{reason: "POST: CloudFront does not remove Authorization", method: "POST", header: list("Authorization: Bearer a", "Content-Length: 0"), want: list("Authorization: Bearer a", "Content-Length: 0")},
		{reason: "the body is always included, and what describes it", method: "POST", header: list("Content-Type: text/plain", "Content-Length: 5"), body: "hello", want: list("Content-Length: 5", "Content-Type: text/plain", "hello")},
		{reason: "CloudFront forwards If-None-Match and If-Modified-Since", header: list(`If-None-Match: "a"`, "If-Modified-Since: Mon, 29 Dec 2025 09:20:00 GMT"), want: list("If-Modified-Since: Mon, 29 Dec 2025 09:20:00 GMT", `If-None-Match: "a"`)},
		{reason: "CloudFront forwards Range", header: list("Range: bytes=0-4"), want: list("Range: bytes=0-4")},
		{reason: "ranges that do not adhere give the full object", header: list("Range: bytes=5-9,0-4", `If-Range: "a"`)},
		{reason: "CloudFront forwards a normalized Accept-Encoding", header: list("Accept-Encoding: gzip, deflate, br;q=1, zstd"), want: list("Accept-Encoding: br,gzip")},
		{reason: "neither gzip nor br: no Accept-Encoding", header: list("Accept-Encoding: deflate")},
		{reason: "the viewer's address is appended to X-Forwarded-For", header: list("X-Forwarded-For: 192.0.2.4,192.0.2.3"), want: list("X-Forwarded-For: 192.0.2.4,192.0.2.3,192.0.2.1")},
		{reason: "appended to the last field", header: list("X-Forwarded-For: 192.0.2.4", "X-Forwarded-For: 192.0.2.3"), want: list("X-Forwarded-For: 192.0.2.4,192.0.2.3,192.0.2.1")},
		{
			reason: "only CloudFront sets these headers", policy: all,
			header: list("X-Amz-Cf-Id: forged", "CloudFront-Viewer-Address: 198.51.100.1:1", "Cloudfront-Viewer-Country: DE", "X-Edge-Location: FRA", "CloudFront-Is-Mobile-Viewer: true"),
		},
		{
			reason: "CloudFront removes these headers", policy: all,
			header: list("X-Forwarded-Proto: https", "X-Real-IP: 198.51.100.1", "Proxy-Authorization: a", "Proxy-Connection: close", "TE: trailers", "Upgrade: h2c", "Keep-Alive: 5"),
		},
		{reason: "Upgrade is removed unless it opens a WebSocket", header: list("Connection: Upgrade", "Upgrade: h2c")},
		{reason: "a WebSocket needs Connection, too", header: list("Upgrade: websocket")},
		{reason: "a viewer's Via stays before CloudFront's, with AllViewer", policy: all, header: list("Via: 1.0 proxy"), want: list("Via: 1.0 proxy, " + ownVia)},
		{
			reason: "AllViewer includes all headers, cookies and query strings", policy: all, query: "?b=2&a=1&&c",
			header: list("Accept: image/avif", "Accept-Encoding: zstd", "Authorization: Bearer a", "Cookie: session=1", "Referer: https://app.example.com/", "User-Agent: curl/8"),
			want:   list("GET /a?b=2&a=1&&c HTTP/1.1", "Accept: image/avif", "Accept-Encoding: zstd", "Authorization: Bearer a", "Cookie: session=1", "Referer: https://app.example.com/", "User-Agent: curl/8"),
		},
		{reason: "AllViewerExceptHostHeader", policy: exceptHost, header: list("X-Own: 1"), want: list("Host: media.example.net", "X-Own: 1")},
		{reason: "listed headers", policy: headers("origin", "User-Agent"), header: list("Origin: https://app.example.com", "User-Agent: curl/8", "X-Own: 1"), want: list("Origin: https://app.example.com", "User-Agent: curl/8")},
		{reason: "Host can be listed", policy: headers("Host"), want: list("Host: cdn.example.com")},
		{reason: "CloudFront adds headers that are listed", policy: headers("CloudFront-Viewer-Address", "CloudFront-Forwarded-Proto"), header: list("CloudFront-Forwarded-Proto: http"), want: list("Cloudfront-Forwarded-Proto: https", "Cloudfront-Viewer-Address: 192.0.2.1:50000")},
		{reason: "listed cookies", policy: edge.OriginRequestPolicy{Cookies: list("session")}, header: list("Cookie: theme=dark; session=1; Session=2"), want: list("Cookie: session=1")},
		{reason: "listed query strings, as they were sent", policy: edge.OriginRequestPolicy{QueryStrings: list("w", "h")}, query: "?utm=1&h=%31&w=100&w=200&W=3", want: list("GET /a?h=%31&w=100&w=200 HTTP/1.1")},
		{
			reason: "a WebSocket keeps Upgrade, and its key only if that is forwarded", policy: headers("Sec-WebSocket-Key", "Sec-WebSocket-Version"),
			header: list("Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: a", "Sec-WebSocket-Version: 13"),
			want:   list("Connection: Upgrade", "Sec-Websocket-Key: a", "Sec-Websocket-Version: 13", "Upgrade: websocket"),
		},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			var got []string
			server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{
				Public: true, AllowedMethods: edge.AllMethods, OriginDomain: "media.example.net", OriginRequestPolicy: tt.policy,
				Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = received(r, w.Header().Get("X-Amz-Cf-Id")) }),
			}})
			if tt.method == "" {
				tt.method = http.MethodGet
			}
			r := rawRequest{method: tt.method, url: "https://cdn.example.com/a" + tt.query, header: append(tt.header, "Connection: close"), body: tt.body}
			response, body := r.send(t, server)
			if response.StatusCode != http.StatusOK {
				t.Fatalf("%s, %s", response.Status, body)
			}
			lines := list(tt.method+" /a HTTP/1.1", "from 203.0.113.1:443", "Host: media.example.net", uaLine, viaLine, idLine, xffLine)
			if slices.Contains(tt.policy.Headers, "*") { // no User-Agent, as the viewer sent none
				lines[2], lines[3] = "Host: cdn.example.com", idLine
				lines = slices.Delete(lines, 5, 6)
			}
			want := withLines(lines, tt.want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("what the origin got (-want +got):\n%s", diff)
			}
		})
	}
}

// withLines returns the lines of a request, with others instead of those with the same name,
// in order.
func withLines(lines, others []string) []string {
	name := func(line string) string { before, _, _ := strings.Cut(line, " "); return before }
	kept := slices.DeleteFunc(lines, func(line string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return name(other) == name(line) })
	})
	return slices.Sorted(slices.Values(append(kept, others...)))
}

// TestCredentialStays: whatever is forwarded, the origin gets no part of a credential.
func TestCredentialStays(t *testing.T) {
	var got []string
	server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{
		OriginRequestPolicy: edge.AllViewer(),
		Origin:              http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = received(r, "none") }),
	}})
	link := server.SignedURL(t, "https://cdn.example.com/a?own=1", time.Hour)
	_, query, _ := strings.Cut(link, "?")
	cookies := []string{"Cookie: CloudFront-Policy=SECRET; own=1; CloudFront-Signature=SECRET", "Cookie: CloudFront-Key-Pair-Id=SECRET; CloudFront-Hash-Algorithm=SECRET; CloudFront-Expires=SECRET"}
	response, _ := rawRequest{method: "GET", url: link, header: append(cookies, "Referer: "+link, "Connection: close")}.send(t, server)
	text := strings.Join(got, "\n")
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(text, "GET /a?own=1 ") || !strings.Contains(text, "Cookie: own=1\n") {
		t.Errorf("%s, the origin got:\n%s", response.Status, text)
	}
	for parameter := range strings.SplitSeq(query, "&") {
		if parameter != "own=1" && strings.Contains(text, parameter) {
			t.Errorf("the origin got %.20s...", parameter)
		}
	}
	if strings.Contains(text, "SECRET") {
		t.Errorf("the origin got a signed cookie:\n%s", text)
	}
}

// TestSetCookie: without cookies to the origin, its Set-Cookie is removed.
//
// Source: "Cache content based on cookies",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Cookies.html
func TestSetCookie(t *testing.T) {
	for _, tt := range []struct {
		reason string
		policy edge.OriginRequestPolicy
		want   []string
		note   string
	}{
		{"no cookies: CloudFront removes Set-Cookie", edge.OriginRequestPolicy{}, nil, "Set-Cookie was removed"},
		{"headers alone do not forward cookies", edge.OriginRequestPolicy{Headers: []string{"*"}}, nil, "Set-Cookie was removed"},
		{"listed cookies: CloudFront returns other cookies, too", edge.OriginRequestPolicy{Cookies: []string{"other"}}, []string{"session=1"}, ""},
		{"all cookies", edge.AllViewer(), []string{"session=1"}, ""},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{
				Public: true, OriginRequestPolicy: tt.policy,
				Origin: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Set-Cookie", "session=1") }),
			}})
			response := server.Allowed(t, "https://cdn.example.com/")
			if diff := cmp.Diff(tt.want, response.Header["Set-Cookie"]); diff != "" {
				t.Errorf("Set-Cookie (-want +got):\n%s", diff)
			}
			if reason := server.Decision(t, response).Reason; strings.Contains(reason, "Set-Cookie") != (tt.note != "") || !strings.Contains(reason, tt.note) {
				t.Errorf("explained as %q", reason)
			}
		})
	}
}

// TestApplicationOnTheDistribution: with CloudFront's default, a login does not work, and the
// explanation says why. With AllViewer, it works.
func TestApplicationOnTheDistribution(t *testing.T) {
	application := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("session"); err == nil {
			io.WriteString(w, "welcome")
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
		http.Error(w, "log in", http.StatusUnauthorized)
	})
	for _, tt := range []struct {
		policy edge.OriginRequestPolicy
		status int
		reason string
	}{
		{edge.OriginRequestPolicy{}, http.StatusUnauthorized, "allowed: the behavior is public; the origin answered 401; the OriginRequestPolicy did not forward: cookies, Authorization, query parameters; Set-Cookie was removed, because the OriginRequestPolicy forwards no cookies"},
		{edge.AllViewer(), http.StatusOK, "allowed: the behavior is public"},
	} {
		server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Public: true, Origin: application, OriginRequestPolicy: tt.policy}})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://cdn.example.com/?page=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Cookie": {"session=1"}, "Authorization": {"Bearer a"}}
		response, err := server.Client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if d := server.Decision(t, response); response.StatusCode != tt.status || d.Reason != tt.reason || d.OriginStatus != tt.status {
			t.Errorf("%s, explained as %q with %d, want %q", response.Status, d.Reason, d.OriginStatus, tt.reason)
		}
	}
}

// TestUnknownViewer: without an address of the connection, a forged one does not count.
func TestUnknownViewer(t *testing.T) {
	d, err := edge.New(edge.Config{Default: edge.Behavior{
		Public: true, OriginRequestPolicy: edge.AllViewer(),
		Origin: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := r.Header["X-Forwarded-For"]; got != nil {
				t.Errorf("the origin got %q", got)
			}
		}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "https://cdn.example.com/", nil)
	r.RemoteAddr = "@"
	r.Header.Set("X-Forwarded-For", "192.0.2.4")
	d.ServeHTTP(httptest.NewRecorder(), r)
}

// TestTrailer: no policy forwards the fields after a body.
func TestTrailer(t *testing.T) {
	var got *http.Request
	d := newDistribution(t, edge.Config{Default: edge.Behavior{
		ViewerProtocolPolicy: edge.AllowAll, AllowedMethods: edge.AllMethods, OriginRequestPolicy: edge.AllViewer(),
		Origin: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r }),
	}})
	r := httptest.NewRequest(http.MethodPost, "/a", strings.NewReader("body"))
	r.Trailer = http.Header{"X-Checksum": {"1"}}
	d.ServeHTTP(httptest.NewRecorder(), r)
	if got == nil || len(got.Trailer) > 0 || len(r.Trailer) != 1 {
		t.Errorf("the origin got %v, and the viewer's is %v", got, r.Trailer)
	}
}

// TestWebSocketWithoutKey: with CloudFront's default, a WebSocket does not open, and the
// explanation says why.
//
// Source: "Use WebSockets with CloudFront distributions",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-working-with.websockets.html
func TestWebSocketWithoutKey(t *testing.T) {
	server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Public: true, Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Sec-WebSocket-Key") != "" {
			t.Errorf("the origin got %v", r.Header)
		}
		w.WriteHeader(http.StatusBadRequest)
	})}})
	header := []string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"}
	response, _ := rawRequest{method: "GET", url: "https://cdn.example.com/", header: header}.send(t, server)
	const want = "the origin answered 400; the OriginRequestPolicy did not forward: Sec-WebSocket-Key"
	if d := server.Decision(t, response); response.StatusCode != http.StatusBadRequest || !strings.HasSuffix(d.Reason, want) {
		t.Errorf("%s, explained as %q", response.Status, d.Reason)
	}
}

// TestForwardedToAServer: a Proxy passes on what the distribution forwards, byte for byte.
func TestForwardedToAServer(t *testing.T) {
	var got []string
	target := serve(t, func(w http.ResponseWriter, r *http.Request) { got = received(r, r.Header.Get("X-Amz-Cf-Id"))[2:] })
	exceptHost := edge.AllViewer()
	exceptHost.HeadersExcept = []string{"Host"}
	for _, tt := range []struct {
		name   string
		policy edge.OriginRequestPolicy
		host   string
		more   []string
	}{
		{"zero", edge.OriginRequestPolicy{}, target.Host, []string{uaLine}},
		{"AllViewer", edge.AllViewer(), "cdn.example.com", []string{"User-Agent: curl/8"}},
		{"AllViewerExceptHostHeader", exceptHost, target.Host, []string{"User-Agent: curl/8"}},
	} {
		server := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Public: true, Origin: edge.Proxy(target), OriginRequestPolicy: tt.policy}})
		rawRequest{
			method: "GET", url: "https://cdn.example.com/a%2Fb?a=1;b&&c", header: []string{"User-Agent: curl/8", "X-Forwarded-For: 192.0.2.4", "X-Amz-Cf-Id: forged", "Connection: close"},
			viewer: netip.MustParseAddr("2001:db8::7"),
		}.send(t, server)
		want := slices.Concat([]string{"Host: " + tt.host}, tt.more, []string{viaLine, idLine, "X-Forwarded-For: 192.0.2.4,2001:db8::7"})
		got = slices.DeleteFunc(got, func(line string) bool { return line == "Accept-Encoding: gzip" }) // of Go's transport
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: what the server got (-want +got):\n%s", tt.name, diff)
		}
	}
}

// An application on the distribution needs a policy, as it does
// in CloudFront.
func ExampleAllViewer() {
	application := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Printf("%s, query %q, %d cookies\n", r.Host, r.URL.RawQuery, len(r.Cookies()))
	})
	for _, policy := range []edge.OriginRequestPolicy{{}, edge.AllViewer()} {
		distribution, err := edge.New(edge.Config{Default: edge.Behavior{
			Origin: application, OriginRequestPolicy: policy, Public: true,
		}})
		if err != nil {
			panic(err)
		}
		get(distribution, "https://www.example.com/?page=1", "session=1")
	}
	// Output:
	// origin.example.com, query "", 0 cookies
	// www.example.com, query "page=1", 1 cookies
}
