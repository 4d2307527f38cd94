// SPDX-License-Identifier: Apache-2.0

package responsewriter_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/responsewriter"
)

// A response uses the package, and records the calls.
type response struct {
	responsewriter.Writer
	decide func(x *response) io.Writer
	events []string
}

func (x *response) Begin(status int) io.Writer {
	x.events = append(x.events, fmt.Sprint("begin ", status))
	x.Header().Set("X-Hook", "1")
	if x.decide == nil {
		return nil
	}
	return x.decide(x)
}

func (x *response) Hijacked() { x.events = append(x.events, "hijacked") }

func newResponse(w http.ResponseWriter, decide func(*response) io.Writer) *response {
	x := &response{decide: decide}
	x.Init(w, x)
	return x
}

// middleware puts a response between the server and the handler.
func middleware(decide func(*response) io.Writer, seen chan<- *response, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := newResponse(w, decide)
		defer func() { seen <- x }()
		next(x, r)
		x.Finish()
	})
}

// TestHook: whatever the handler does, the hook is called once, before the final header.
func TestHook(t *testing.T) {
	for _, tt := range []struct {
		name   string
		handle func(x *response)
		want   []string
		used   bool
		reason string
	}{
		{"nothing", func(*response) {}, []string{"begin 200"}, false, "the server sends 200 at the end"},
		{"Unwrap", func(x *response) { x.Unwrap() }, []string{"begin 200"}, false, "the handler may write below"},
		{"Header", func(x *response) { x.Header().Set("A", "b") }, []string{"begin 200"}, true, "a header alone sends nothing, but uses the writer"},
		{"early hints", func(x *response) { x.WriteHeader(http.StatusEarlyHints) }, []string{"begin 200"}, true, "not final"},
		{"early hints first", func(x *response) {
			x.WriteHeader(http.StatusEarlyHints)
			x.WriteHeader(http.StatusNotFound)
		}, []string{"begin 404"}, true, "the second is final"},
		{"WriteHeader twice", func(x *response) {
			x.WriteHeader(http.StatusNotFound)
			x.WriteHeader(http.StatusOK)
		}, []string{"begin 404"}, true, "the first counts"},
		{"switching protocols", func(x *response) { x.WriteHeader(http.StatusSwitchingProtocols) }, []string{"begin 101"}, true, "final, although below 200"},
		{"Write", func(x *response) { _, _ = x.Write(nil) }, []string{"begin 200"}, true, "sends the header"},
		{"WriteString", func(x *response) { _, _ = x.WriteString("") }, []string{"begin 200"}, true, "sends the header"},
		{"ReadFrom", func(x *response) { _, _ = x.ReadFrom(strings.NewReader("")) }, []string{"begin 200"}, true, "sends the header"},
		{"Flush", func(x *response) { x.Flush() }, []string{"begin 200"}, true, "sends the header"},
		{"Hijack", func(x *response) { _, _, _ = x.Hijack() }, []string{"begin 200"}, true, "the recorder has no connection"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			x := newResponse(w, nil)
			if x.Sent() || x.Used() {
				t.Error("sent or used before anything happened")
			}
			tt.handle(x)
			x.Finish()
			x.Finish()
			if diff := cmp.Diff(tt.want, x.events); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
			if !x.Sent() || x.Used() != tt.used {
				t.Errorf("sent %t, used %t, want %t: %s", x.Sent(), x.Used(), tt.used, tt.reason)
			}
		})
	}
}

// TestDestinations: each destination gets its part of the status, the header and the body.
func TestDestinations(t *testing.T) {
	var diverted bytes.Buffer
	for _, tt := range []struct {
		name                string
		decide              func(*response) io.Writer
		status              int
		body, diverted, log string
		flushed             bool
	}{
		{name: "passes", status: 404, body: "writestringread", flushed: true},
		{
			name:   "diverted",
			decide: func(*response) io.Writer { return &diverted },
			status: 404, diverted: "writestringread", flushed: true,
		},
		{name: "dropped", decide: func(*response) io.Writer { return io.Discard }, status: 404, flushed: true},
		{
			name: "answered",
			decide: func(x *response) io.Writer {
				http.Error(x.Unwrap(), "no", http.StatusTeapot)
				return responsewriter.Answered{}
			},
			status: 418, body: "no\n",
		},
	} {
		for _, explicit := range []bool{true, false} {
			t.Run(fmt.Sprint(tt.name, explicit), func(t *testing.T) {
				diverted.Reset()
				w := httptest.NewRecorder()
				x := newResponse(w, tt.decide)
				if explicit {
					x.WriteHeader(http.StatusNotFound)
				} else if tt.status == http.StatusNotFound {
					tt.status = http.StatusOK
				}
				n, err := x.Write([]byte("write"))
				m, err2 := x.WriteString("string")
				o, err3 := x.ReadFrom(strings.NewReader("read"))
				err4 := http.NewResponseController(x).Flush()
				if err := errors.Join(err, err2, err3, err4); err != nil || n != 5 || m != 6 || o != 4 {
					t.Errorf("the handler notices: %d, %d, %d, %v", n, m, o, err)
				}
				x.WriteHeader(http.StatusEarlyHints)
				x.WriteHeader(http.StatusInternalServerError)
				x.Finish()
				got := []any{w.Code, w.Body.String(), diverted.String(), w.Flushed, w.Header().Get("X-Hook")}
				if diff := cmp.Diff([]any{tt.status, tt.body, tt.diverted, tt.flushed, "1"}, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestDivertedHeader: the header is sent before the body, which may come much later.
func TestDivertedHeader(t *testing.T) {
	for name, write := range map[string]func(*response){
		"Write":       func(x *response) { _, _ = x.Write([]byte("a")) },
		"WriteString": func(x *response) { _, _ = x.WriteString("a") },
		"ReadFrom":    func(x *response) { _, _ = x.ReadFrom(strings.NewReader("a")) },
		"Flush":       func(x *response) { x.Flush() },
	} {
		calls := &calls{}
		write(newResponse(calls, func(*response) io.Writer { return io.Discard }))
		if len(calls.names) == 0 || calls.names[0] != "WriteHeader" {
			t.Errorf("%s: %v", name, calls.names)
		}
	}
}

// calls is the writer of a server, and records the names of the called methods.
type calls struct {
	names []string
	from  io.Reader
}

func (c *calls) Header() http.Header { return http.Header{} }

func (c *calls) WriteHeader(int) { c.names = append(c.names, "WriteHeader") }

func (c *calls) Write(p []byte) (int, error) {
	c.names = append(c.names, "Write")
	return len(p), nil
}

func (c *calls) ReadFrom(src io.Reader) (int64, error) {
	c.names, c.from = append(c.names, "ReadFrom"), src
	return io.Copy(io.Discard, src)
}

// TestReadFrom: net/http gets the original reader, because it looks for a file in it.
func TestReadFrom(t *testing.T) {
	c := &calls{}
	src := &io.LimitedReader{R: strings.NewReader("data"), N: 3}
	n, err := io.Copy(newResponse(c, nil), src)
	if diff := cmp.Diff([]string{"ReadFrom"}, c.names); diff != "" || c.from != io.Reader(src) || n != 3 || err != nil {
		t.Errorf("%d, %v, from %v (-want +got):\n%s", n, err, c.from, diff)
	}
	// A server without ReadFrom.
	w := httptest.NewRecorder()
	if n, err := newResponse(w, nil).ReadFrom(strings.NewReader("data")); n != 4 || err != nil || w.Body.String() != "data" {
		t.Errorf("%d, %v, %q", n, err, w.Body)
	}
}

// TestUnsupported: http.ResponseController learns what the server cannot do.
func TestUnsupported(t *testing.T) {
	c := http.NewResponseController(newResponse(struct{ http.ResponseWriter }{httptest.NewRecorder()}, nil))
	if err := c.Flush(); !errors.Is(err, http.ErrNotSupported) {
		t.Errorf("Flush: %v", err)
	}
	if _, _, err := c.Hijack(); !errors.Is(err, http.ErrNotSupported) {
		t.Errorf("Hijack: %v", err)
	}
}

// TestHijack: over a real connection, before and after the header.
func TestHijack(t *testing.T) {
	divert := func(*response) io.Writer { return io.Discard }
	for _, tt := range []struct {
		name   string
		decide func(*response) io.Writer
		before func(http.ResponseWriter)
		fails  bool
		want   []string
		reason string
	}{
		{"at once", nil, func(http.ResponseWriter) {}, false, []string{"hijacked"}, "no header is sent"},
		{"after 101", nil, func(w http.ResponseWriter) { w.WriteHeader(http.StatusSwitchingProtocols) }, false, []string{"begin 101"}, "the header was sent"},
		{"diverted", divert, func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) }, true, []string{"begin 200"}, "the handler would go around the hook"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen := make(chan *response, 1)
			server := httptest.NewServer(middleware(tt.decide, seen, func(w http.ResponseWriter, _ *http.Request) {
				tt.before(w)
				connection, buffer, err := w.(http.Hijacker).Hijack()
				if (err != nil) != tt.fails || tt.fails && !errors.Is(err, http.ErrNotSupported) {
					t.Errorf("Hijack: %v, %s", err, tt.reason)
				}
				if err != nil {
					return
				}
				if _, err := w.Write([]byte("x")); !errors.Is(err, http.ErrHijacked) {
					t.Errorf("Write after Hijack: %v", err)
				}
				_, _ = buffer.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
				_ = errors.Join(buffer.Flush(), connection.Close())
			}))
			defer server.Close()
			if response, err := server.Client().Get(server.URL); err == nil {
				response.Body.Close()
			}
			if x := <-seen; !x.Sent() || !cmp.Equal(tt.want, x.events) {
				t.Errorf("%s (-want +got):\n%s", tt.reason, cmp.Diff(tt.want, x.events))
			}
		})
	}
}

// TestHTTP2: the handler cannot take over the connection, and can still answer.
func TestHTTP2(t *testing.T) {
	seen := make(chan *response, 1)
	server := httptest.NewUnstartedServer(middleware(nil, seen, func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := w.(http.Hijacker).Hijack(); r.ProtoMajor != 2 || !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("%s: %v", r.Proto, err)
		}
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = io.Copy(w, strings.NewReader("first\n"))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "second\n")
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if string(body) != "first\nsecond\n" || err != nil || response.Header.Get("X-Hook") != "1" {
		t.Errorf("%q, %v, %v", body, err, response.Header)
	}
	if diff := cmp.Diff([]string{"begin 200"}, (<-seen).events); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAllocations: a response that embeds the writer needs one allocation.
func TestAllocations(t *testing.T) {
	w := httptest.NewRecorder()
	if got := testing.AllocsPerRun(100, func() {
		x := &quiet{}
		x.Init(w, x)
		kept = x
		x.Finish()
	}); got != 1 {
		t.Errorf("%v allocations", got)
	}
}

// kept makes the response escape to the heap, as a call of a handler does.
var kept http.ResponseWriter

type quiet struct{ responsewriter.Writer }

func (*quiet) Begin(int) io.Writer { return nil }

func (*quiet) Hijacked() {}
