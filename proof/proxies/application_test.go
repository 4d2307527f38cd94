// SPDX-License-Identifier: Apache-2.0

package proxies_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// ownHeaders are the application's own headers. With the status line, a login cookie,
// Cache-Control and the headers of net/http they are almost 1 KiB, which the default
// HeaderBudget leaves to them.
var ownHeaders = map[string]string{
	"Content-Security-Policy": "default-src 'self'; script-src 'self' 'nonce-4f3a9c1d2b7e8a60'; style-src 'self'; " +
		"img-src 'self' data: https://cdn.example.com; media-src https://cdn.example.com; font-src 'self'; " +
		"connect-src 'self' https://cdn.example.com; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
	"Strict-Transport-Security":    "max-age=63072000; includeSubDomains; preload",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	"Referrer-Policy":              "strict-origin-when-cross-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Reporting-Endpoints":          `default="https://app.example.com/reports"`,
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"X-Request-Id":                 "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
}

// loginCookie names the cookie of the application's own login.
const loginCookie = "__Host-login"

// An application lets users log in and out, and shows them a page. The user's name says
// what the user may fetch; see folders.
type application struct {
	issuer  *session.Issuer
	address string
	headers headers

	arrived, release chan struct{} // of a slow page
}

// startApplication starts an application that signs with s. It ends with the test.
func startApplication(t *testing.T, s *sign.Signer, o session.Options) *application {
	t.Helper()
	a := &application{arrived: make(chan struct{}), release: make(chan struct{})}
	grants := func(r *http.Request) (grants []session.Grant, err error) {
		user, _ := r.Context().Value(userKey{}).(string)
		for _, folder := range foldersOf(user) {
			resource, err := policy.Under("https://cdn.example.com/users", folder)
			if err != nil {
				return nil, err
			}
			grants = append(grants, session.Grant{Resource: resource})
		}
		return grants, nil
	}
	o.Attributes.Domain = "example.com"
	var err error
	if a.issuer, err = session.New(s, grants, o); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", a.login)
	mux.HandleFunc("POST /logout", a.logout)
	mux.HandleFunc("GET /header", header)
	mux.HandleFunc("GET /{$}", page)
	mux.HandleFunc("GET /public", public)
	mux.HandleFunc("GET /slow", a.slow)
	server := httptest.NewUnstartedServer(authenticate(a.issuer.Handler(mux)))
	server.Listener = &measuringListener{Listener: server.Listener, headers: &a.headers}
	server.Start()
	t.Cleanup(server.Close)
	a.address = server.Listener.Addr().String()
	return a
}

type userKey struct{}

// authenticate stands for any authentication in front of session.
func authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range ownHeaders {
			w.Header().Set(name, value)
		}
		if cookie, err := r.Cookie(loginCookie); err == nil {
			r = withUser(r, cookie.Value)
		}
		next.ServeHTTP(w, r)
	})
}

func withUser(r *http.Request, user string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), userKey{}, user))
}

// login also changes the user.
func (a *application) login(w http.ResponseWriter, r *http.Request) {
	user := r.FormValue("user")
	http.SetCookie(w, &http.Cookie{Name: loginCookie, Value: user, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	if err := a.issuer.Issue(w, withUser(r, user)); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *application) logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: loginCookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true})
	if err := a.issuer.Clear(w, r); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// page shows how the request arrived.
func page(w http.ResponseWriter, r *http.Request) {
	if err := session.Failure(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "private") // it is for one user
	fmt.Fprintf(w, "host %s, forwarded %s, for %t\n", r.Host, r.Header.Get("X-Forwarded-Proto"), r.Header.Get("X-Forwarded-For") != "")
}

// public is a page that anyone may get and keep.
func public(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("X-Accel-Expires", "3600") // which nginx prefers
	fmt.Fprintln(w, "welcome")
}

// slow waits before it answers. The middleware has chosen the cookies before.
func (a *application) slow(_ http.ResponseWriter, r *http.Request) {
	a.arrived <- struct{}{}
	select {
	case <-a.release:
	case <-r.Context().Done(): // the test has failed
	}
}

// header answers with a header of as many bytes as the query says, or of as many lines.
func header(w http.ResponseWriter, r *http.Request) {
	size, _ := strconv.Atoi(r.FormValue("bytes"))
	lines, _ := strconv.Atoi(r.FormValue("lines"))
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the server has logged it
	}
	defer connection.Close()
	text := headerOf(size)
	if lines > 0 {
		text = []byte(headerStart + strings.Repeat("Set-Cookie: x\r\n", lines-2) + "\r\n")
	}
	_, _ = connection.Write(text) // the proxy may have hung up
}

// headerStart has two lines besides the status.
const headerStart = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n"

// headerOf returns a response without a body whose header has size bytes: at least 300.
func headerOf(size int) []byte {
	const start, end, line = headerStart, "\r\n", "Set-Cookie: \r\n"
	var text strings.Builder
	text.WriteString(start)
	for left := size - len(start) - len(end); left > 0; left = size - text.Len() - len(end) {
		// Lines as long as session's, and none that is too short to be one.
		length := min(left, 300)
		if rest := left - length; rest > 0 && rest < 50 {
			length -= 50
		}
		text.WriteString(strings.TrimSuffix(line, "\r\n") + strings.Repeat("x", length-len(line)) + "\r\n")
	}
	text.WriteString(end)
	return []byte(text.String())
}

func TestHeaderOf(t *testing.T) {
	for size := 300; size < 3000; size++ {
		if got := len(headerOf(size)); got != size {
			t.Fatalf("headerOf(%d) has %d bytes", size, got)
		}
	}
}

// headers counts the bytes of the response headers that the application sends.
type headers struct {
	mu      sync.Mutex
	largest int
}

func (h *headers) add(size int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.largest = max(h.largest, size)
}

// take returns the size of the largest header since the last call.
func (h *headers) take() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	largest := h.largest
	h.largest = 0
	return largest
}

// A measuringListener measures headers where a proxy gets them.
type measuringListener struct {
	net.Listener
	headers *headers
}

func (l *measuringListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &measuringConnection{Conn: connection, headers: l.headers}, nil
}

type measuringConnection struct {
	net.Conn
	headers *headers

	mu      sync.Mutex
	written []byte
	done    bool // the header has been counted
}

// Read begins another response with every request.
func (c *measuringConnection) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.mu.Lock()
		c.written, c.done = nil, false
		c.mu.Unlock()
	}
	return n, err
}

func (c *measuringConnection) Write(b []byte) (int, error) {
	c.mu.Lock()
	if !c.done {
		c.written = append(c.written, b...)
		if end := bytes.Index(c.written, []byte("\r\n\r\n")); end >= 0 {
			c.headers.add(end + 4)
			c.done = true
		}
	}
	c.mu.Unlock()
	return c.Conn.Write(b)
}
