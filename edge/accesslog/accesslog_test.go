// SPDX-License-Identifier: Apache-2.0

package accesslog_test

import (
	"bufio"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/accesslog"
	"github.com/cfsign/cfsign/internal/localca"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// A log is where a handler writes. It can be read meanwhile.
type log struct {
	mu   sync.Mutex
	text strings.Builder
	line chan struct{} // one for each write
	fail error
}

func newLog() *log { return &log{line: make(chan struct{}, 100)} }

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line <- struct{}{}
	if l.fail != nil {
		return 0, l.fail
	}
	return l.text.Write(p)
}

// records parses the log: one map of fields for each line.
func (l *log) records(t *testing.T) (records []map[string]string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for line := range strings.Lines(l.text.String()) {
		line, ended := strings.CutSuffix(line, "\n")
		switch {
		case !ended:
			t.Errorf("%q has no end", line)
		case line == "#Version: 1.0" && names == nil:
		case strings.HasPrefix(line, "#Fields: "):
			names = strings.Fields(line)[1:]
		default:
			values := strings.Split(line, "\t")
			if len(values) != 33 || len(names) != 33 {
				t.Fatalf("%d values for %d fields: %q", len(values), len(names), line)
			}
			record := map[string]string{}
			for i, name := range names {
				record[name] = values[i]
			}
			records = append(records, record)
		}
	}
	return records
}

// one returns the only record.
func (l *log) one(t *testing.T) map[string]string {
	t.Helper()
	<-l.line
	records := l.records(t)
	if len(records) != 1 {
		t.Fatalf("%d lines", len(records))
	}
	return records[0]
}

// respond answers with a status and headers.
func respond(status int, body string, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
}

// TestLine compares a whole line.
func TestLine(t *testing.T) {
	log := newLog()
	handler := accesslog.New(respond(http.StatusPartialContent, "JPEG",
		"X-Amz-Cf-Id", "SOX4xwn4XV6Q==", "X-Cache", "Miss from cloudfront", "Content-Type", "image/jpeg",
		"Content-Length", "4", "Content-Range", "bytes 10-13/99"), log)
	request := httptest.NewRequest(http.MethodPost, "https://cdn.example.com/u/a%20b.jpg?Expires=1&x='~'&Signature=~_-", strings.NewReader("12345"))
	request.RequestURI = strings.TrimPrefix(request.RequestURI, "https://cdn.example.com")
	request.RemoteAddr = "192.0.2.100:11040"
	request.Header = http.Header{
		"Referer": {"https://app.example.com/"}, "User-Agent": {"Mozilla/5.0 (X11; Linux)"},
		"Cookie": {"a=1; b=2", "c=3"}, "X-Forwarded-For": {"198.51.100.7, 192.0.2.1"},
	}
	request.TLS = &tls.ConnectionState{Version: tls.VersionTLS12, CipherSuite: tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
	handler.ServeHTTP(httptest.NewRecorder(), request)
	got := log.one(t)
	for name, pattern := range map[string]string{
		"date": `^\d{4}-\d\d-\d\d$`, "time": `^\d\d:\d\d:\d\d$`, "time-taken": `^\d+\.\d{3}$`, "time-to-first-byte": `^\d+\.\d{3}$`,
	} {
		if !regexp.MustCompile(pattern).MatchString(got[name]) {
			t.Errorf("%s is %q", name, got[name])
		}
		delete(got, name)
	}
	want := map[string]string{
		"x-edge-location": "DEV1", "sc-bytes": "172", "c-ip": "192.0.2.100", "cs-method": "POST", "cs(Host)": "-",
		"cs-uri-stem": "/u/a%2520b.jpg", "sc-status": "206", "cs(Referer)": "https://app.example.com/",
		"cs(User-Agent)": "Mozilla/5.0%20(X11;%20Linux)", "cs-uri-query": "Expires=1&x=%27%7E%27&Signature=%7E_-",
		"cs(Cookie)": "a=1;%20b=2;%20c=3", "x-edge-result-type": "Miss", "x-edge-request-id": "SOX4xwn4XV6Q==",
		"x-host-header": "cdn.example.com", "cs-protocol": "https", "cs-bytes": "234", "x-forwarded-for": "198.51.100.7",
		"ssl-protocol": "TLSv1.2", "ssl-cipher": "ECDHE-RSA-AES128-GCM-SHA256", "x-edge-response-result-type": "Miss",
		"cs-protocol-version": "HTTP/1.1", "fle-status": "-", "fle-encrypted-fields": "-", "c-port": "11040",
		"x-edge-detailed-result-type": "Miss", "sc-content-type": "image/jpeg", "sc-content-len": "4",
		"sc-range-start": "10", "sc-range-end": "13",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestDirectives: the fields have CloudFront's names and order.
func TestDirectives(t *testing.T) {
	log := newLog()
	accesslog.New(respond(http.StatusOK, ""), log).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	const want = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end\n"
	if !strings.HasPrefix(log.text.String(), want) {
		t.Errorf("got %q", log.text.String())
	}
}

func TestResults(t *testing.T) {
	for _, tt := range []struct {
		status             int
		xCache, want, note string
	}{
		{200, "Hit from cloudfront", "Hit", "from the cache"},
		{200, "RefreshHit from cloudfront", "RefreshHit", "from the cache, after a question"},
		{200, "Miss from cloudfront", "Miss", "from the origin"},
		{403, "Error from cloudfront", "Error", "refused"},
		{200, "Error from cloudfront", "Error", "a custom error page with another status"},
		{301, "Redirect from cloudfront", "Redirect", "to https"},
		{302, "FunctionGeneratedResponse from cloudfront", "FunctionGeneratedResponse", "a function answered"},
		{200, "", "Miss", "a handler that is no distribution"},
		{404, "", "Error", "an error of such a handler"},
		{200, "Hit from elsewhere", "Miss", "another cache"},
		{503, "MISS", "Error", "another cache"},
		{200, " from cloudfront", "Miss", "no type"},
	} {
		log := newLog()
		accesslog.New(respond(tt.status, "", "X-Cache", tt.xCache), log).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		got := log.one(t)
		for _, field := range []string{"x-edge-result-type", "x-edge-response-result-type", "x-edge-detailed-result-type"} {
			if got[field] != tt.want {
				t.Errorf("%d %q, %s: %s is %q, want %q", tt.status, tt.xCache, tt.note, field, got[field], tt.want)
			}
		}
	}
}

func TestRequests(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(r *http.Request)
		field  string
		want   string
	}{
		{"without a query", func(r *http.Request) {}, "cs-uri-query", "-"},
		{"an empty query", func(r *http.Request) { r.RequestURI = "/?" }, "cs-uri-query", "-"},
		{"a query with a question mark", func(r *http.Request) { r.RequestURI = "/?a?b" }, "cs-uri-query", "a?b"},
		{"without cookies", func(r *http.Request) {}, "cs(Cookie)", "-"},
		{"a tab and a line break in a header", func(r *http.Request) { r.Header.Set("User-Agent", "a\tb\nc") }, "cs(User-Agent)", "a%09b%0Ac"},
		{"bytes that are not UTF-8", func(r *http.Request) { r.Header.Set("User-Agent", "\xff\x7f") }, "cs(User-Agent)", "%FF%7F"},
		{"an address of IPv6", func(r *http.Request) { r.RemoteAddr = "[2001:db8::7]:5000" }, "c-ip", "2001:db8::7"},
		{"an address without a port", func(r *http.Request) { r.RemoteAddr = "192.0.2.7" }, "c-port", "-"},
		{"a proxy that is no address", func(r *http.Request) { r.Header.Set("X-Forwarded-For", "unknown, 192.0.2.7") }, "x-forwarded-for", "-"},
		{"plain HTTP", func(r *http.Request) {}, "ssl-cipher", "-"},
		{"a cipher with another name in OpenSSL", func(r *http.Request) {
			r.TLS = &tls.ConnectionState{Version: tls.VersionTLS12, CipherSuite: tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256}
		}, "ssl-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"},
		{"HTTP/2", func(r *http.Request) { r.Proto = "HTTP/2.0" }, "cs-protocol-version", "HTTP/2.0"},
		{"no body with HEAD", func(r *http.Request) { r.Method = http.MethodHead }, "sc-bytes", "19"},
		{"a body with GET", func(r *http.Request) {}, "sc-bytes", "23"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := newLog()
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			tt.change(request)
			accesslog.New(respond(http.StatusOK, "body"), log).ServeHTTP(httptest.NewRecorder(), request)
			if got := log.one(t)[tt.field]; got != tt.want {
				t.Errorf("%s is %q, want %q", tt.field, got, tt.want)
			}
		})
	}
}

// TestDetailedResult: package edge knows more about a refusal than the response says.
func TestDetailedResult(t *testing.T) {
	for _, tt := range []struct {
		method, path string
		pages        []edge.ErrorResponse
		detailed     string
		why          string
	}{
		{http.MethodDelete, "/a", nil, "InvalidRequestMethod", "the behavior allows GET and HEAD"},
		{http.MethodDelete, "/a", []edge.ErrorResponse{{Status: http.StatusForbidden}}, "InvalidRequestMethod", "behind the filter of error responses"},
		{http.MethodGet, "/a", nil, "Error", "the request is not signed"},
		{http.MethodGet, "/%zz", nil, "InvalidRequest", "the path is malformed"},
	} {
		log := newLog()
		distribution, err := edge.New(edge.Config{
			Default:        edge.Behavior{Origin: respond(http.StatusOK, ""), TrustedKeyGroups: trusted(t), ViewerProtocolPolicy: edge.AllowAll},
			ErrorResponses: tt.pages,
			Logger:         slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(tt.method, "/a", nil)
		request.RequestURI = tt.path
		accesslog.New(distribution, log).ServeHTTP(httptest.NewRecorder(), request)
		if got := log.one(t); got["x-edge-detailed-result-type"] != tt.detailed || got["x-edge-result-type"] != "Error" {
			t.Errorf("%s: %q", tt.why, got)
		}
	}
}

// trusted returns a key group.
func trusted(t *testing.T) []keys.Set {
	set, err := keys.NewSet(map[string]crypto.PublicKey{"K2JCJMDEHXQW5F": testkeys.P256().Public()})
	if err != nil {
		t.Fatal(err)
	}
	return []keys.Set{set}
}

// TestTooLong: CloudFront does not log a request that is too long to be read.
func TestTooLong(t *testing.T) {
	log := newLog()
	answered := httptest.NewRecorder()
	accesslog.New(respond(http.StatusRequestEntityTooLarge, ""), log).ServeHTTP(answered, httptest.NewRequest(http.MethodGet, "/"+strings.Repeat("a", 8200), nil))
	if answered.Code != http.StatusRequestEntityTooLarge || log.text.Len() != 0 {
		t.Errorf("%d, and the log is %q", answered.Code, log.text.String())
	}
}

// TestPanic: a request whose connection is cut is logged, and the panic goes on.
func TestPanic(t *testing.T) {
	for _, tt := range []struct {
		begun         bool
		status, ready string
	}{
		{false, "000", "Error"},
		{true, "200", "Miss"},
	} {
		log := newLog()
		handler := accesslog.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if tt.begun {
				w.WriteHeader(http.StatusOK)
			}
			panic(http.ErrAbortHandler)
		}), log)
		func() {
			defer func() {
				if recover() != http.ErrAbortHandler {
					t.Error("the panic was stopped")
				}
			}()
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		}()
		got := log.one(t)
		if got["sc-status"] != tt.status || got["x-edge-result-type"] != "Error" || got["x-edge-response-result-type"] != tt.ready || got["x-edge-detailed-result-type"] != "Error" {
			t.Errorf("begun: %t: %q", tt.begun, got)
		}
	}
}

// TestViewerGone: the viewer closes the connection before the answer, or while it is sent.
func TestViewerGone(t *testing.T) {
	for _, tt := range []struct {
		begun         bool
		status, ready string
	}{
		{false, "000", "Error"},
		{true, "200", "Miss"},
	} {
		log := newLog()
		ctx, cancel := context.WithCancel(t.Context())
		server := httptest.NewServer(accesslog.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if tt.begun {
				w.(http.Flusher).Flush()
			}
			cancel()
			<-r.Context().Done()
			if !tt.begun {
				panic(http.ErrAbortHandler)
			}
		}), log))
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
		}
		got := log.one(t)
		server.Close()
		if got["sc-status"] != tt.status || got["x-edge-result-type"] != "Error" || got["x-edge-response-result-type"] != tt.ready || got["x-edge-detailed-result-type"] != "ClientCommError" {
			t.Errorf("begun: %t: %q", tt.begun, got)
		}
	}
}

// TestTLS: a real connection of each version.
func TestTLS(t *testing.T) {
	authority, err := localca.New("test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		version, cipher                          uint16
		h2                                       bool
		wantVersion, wantProtocol, cipherPattern string
	}{
		{tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, false, "TLSv1.2", "HTTP/1.1", "^ECDHE-ECDSA-AES128-GCM-SHA256$"},
		{tls.VersionTLS13, 0, true, "TLSv1.3", "HTTP/2.0", "^TLS_[A-Z0-9_]+_SHA(256|384)$"},
	} {
		log := newLog()
		server := httptest.NewUnstartedServer(accesslog.New(respond(http.StatusOK, "body"), log))
		server.EnableHTTP2 = tt.h2
		own, err := authority.Certificate(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		server.TLS = &tls.Config{GetCertificate: authority.Certificate, Certificates: []tls.Certificate{*own}, MaxVersion: tt.version}
		server.StartTLS()
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(authority.PEM())
		config := &tls.Config{RootCAs: roots, MaxVersion: tt.version}
		if tt.cipher != 0 {
			config.CipherSuites = []uint16{tt.cipher}
		}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: tt.h2}}
		response, err := client.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		got := log.one(t)
		server.Close()
		if got["ssl-protocol"] != tt.wantVersion || got["cs-protocol-version"] != tt.wantProtocol || got["cs-protocol"] != "https" || !regexp.MustCompile(tt.cipherPattern).MatchString(got["ssl-cipher"]) {
			t.Errorf("%q", got)
		}
	}
}

// TestWebSocket: the line comes when the connection is closed, with the bytes of both sides.
func TestWebSocket(t *testing.T) {
	const answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
	for _, tt := range []struct {
		name            string
		switchProtocols func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error)
		sent            string
	}{
		{"the handler writes the answer to the connection", func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
			connection, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return nil, nil, err
			}
			buffer.WriteString(answer)
			return connection, buffer, buffer.Flush()
		}, "82"},
		{"the server writes the answer", func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
			w.Header().Set("Upgrade", "websocket")
			w.Header().Set("Connection", "Upgrade")
			w.WriteHeader(http.StatusSwitchingProtocols)
			return http.NewResponseController(w).Hijack()
		}, "99"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := newLog()
			server := httptest.NewServer(accesslog.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amz-Cf-Id", "id")
				connection, buffer, err := tt.switchProtocols(w)
				if err != nil {
					t.Error(err)
					return
				}
				defer connection.Close()
				io.CopyN(connection, buffer, 5) // the server may have read the first byte
			}), log))
			defer server.Close()
			talk(t, server.Listener.Addr().String())
			got := log.one(t)
			for name, want := range map[string]string{
				"cs-protocol": "ws", "sc-status": "101", "x-edge-result-type": "Miss", "x-edge-request-id": "id", "sc-bytes": tt.sent, "cs-bytes": "77",
			} {
				if got[name] != want {
					t.Errorf("%s is %q, want %q", name, got[name], want)
				}
			}
		})
	}
}

// talk asks a server for a WebSocket, and expects an echo.
func talk(t *testing.T, address string) {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(10 * time.Second)); err != nil { // a server that refuses may keep the connection
		t.Fatal(err)
	}
	fmt.Fprint(connection, "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatal(err)
	}
	fmt.Fprint(connection, "hello")
	if echo, err := io.ReadAll(reader); err != nil || string(echo) != "hello" {
		t.Errorf("%q, %v", echo, err)
	}
}

// TestFailingWriter: a line that cannot be written is lost, and the later ones are complete.
func TestFailingWriter(t *testing.T) {
	log := newLog()
	log.fail = errors.New("the disk is full")
	handler := accesslog.New(respond(http.StatusOK, ""), log)
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/lost", nil))
	log.fail = nil
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/kept", nil))
	if records := log.records(t); len(records) != 1 || records[0]["cs-uri-stem"] != "/kept" {
		t.Errorf("%q", records)
	}
}

// TestConcurrent: lines are not mixed.
func TestConcurrent(t *testing.T) {
	log := newLog()
	handler := accesslog.New(respond(http.StatusOK, "body"), log)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/a", nil))
		})
	}
	group.Wait()
	if records := log.records(t); len(records) != 50 {
		t.Errorf("%d lines", len(records))
	}
}

// FuzzLine: every request is one line of 33 fields, and decoding a field gives the value back.
func FuzzLine(f *testing.F) {
	f.Add("/a b", "Mozilla/5.0 (X11)", "a=1\tb")
	f.Add("/\x00%25", "\n#Fields: x\n", "-")
	f.Fuzz(func(t *testing.T, path, agent, cookie string) {
		log := newLog()
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.RequestURI = path
		request.Header = http.Header{"User-Agent": {agent}, "Cookie": {cookie}}
		accesslog.New(respond(http.StatusOK, ""), log).ServeHTTP(httptest.NewRecorder(), request)
		if len(path)+len(agent)+len(cookie) > 8000 {
			return // it may be too long
		}
		got := log.one(t)
		stem, query, _ := strings.Cut(path, "?")
		for name, want := range map[string]string{"cs-uri-stem": stem, "cs-uri-query": query, "cs(User-Agent)": agent, "cs(Cookie)": cookie} {
			decoded, err := url.PathUnescape(got[name])
			if err != nil || decoded != want && (want != "" || decoded != "-") {
				t.Errorf("%s is %q, want %q encoded: %v", name, got[name], want, err)
			}
		}
	})
}
