// SPDX-License-Identifier: Apache-2.0

// Package responsewriter is the http.ResponseWriter that this module puts between a
// server and a handler. It has the optional methods that handlers ask for, so that
// WebSockets, event streams and file transfers work behind it as they do without it.
package responsewriter

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// A Hook decides about one response. Exactly one of its methods is called, once, unless
// the handler panics before it answers.
type Hook interface {
	// Begin is called before the final header is sent: with the status 200 or more, or
	// 101. It may change the header. It returns where the body goes:
	//
	//   - nil: to the client, as the handler writes it.
	//   - Answered{}: nowhere, and the header is not sent either, because Begin has
	//     answered with the writer that Unwrap returns.
	//   - another writer: there, after the header was sent. io.Discard drops the body.
	Begin(status int) io.Writer
	// Hijacked is called when the handler has taken over the connection before a
	// final header was sent. Nothing can be sent any more.
	Hijacked()
}

// Answered is the destination of a body that the client must not get: see [Hook].
type Answered struct{}

// Write drops p. An error would tell the handler that the client has gone.
func (Answered) Write(p []byte) (int, error) { return len(p), nil }

// A Writer is an http.ResponseWriter that asks a hook before the final header. Embed it
// by value in the type that has the hook's methods, and call Init; then a response costs
// one allocation. Like the writers of net/http it is not safe for concurrent use.
type Writer struct {
	next  http.ResponseWriter
	hook  Hook
	body  io.Writer // nil: next
	begun bool      // the hook was called
	used  bool
}

// Init makes w a writer in front of next. It must be called before any other method.
func (w *Writer) Init(next http.ResponseWriter, hook Hook) { w.next, w.hook = next, hook }

// Finish must be called when the handler has returned. If the handler sent nothing, it
// calls Begin with the status 200, and the server sends the header.
func (w *Writer) Finish() { w.begin(http.StatusOK) }

// Sent reports whether it is too late to change the header: the final header was sent,
// or the connection hijacked, or Finish called.
func (w *Writer) Sent() bool { return w.begun }

// Used reports whether the handler called a method other than Unwrap. If it did not, and
// has returned, it may have answered with the writer below this one.
func (w *Writer) Used() bool { return w.used }

// Unwrap is for http.ResponseController.
func (w *Writer) Unwrap() http.ResponseWriter { return w.next }

// Header returns the header of the writer below.
func (w *Writer) Header() http.Header {
	w.used = w.used || !w.begun // Begin is no use
	return w.next.Header()
}

// WriteHeader sends an informational header as it is, and asks the hook before a final
// one.
func (w *Writer) WriteHeader(status int) {
	w.used = true
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.begin(status)
	}
	if !w.answered() {
		w.next.WriteHeader(status)
	}
}

// Write sends the header first.
func (w *Writer) Write(p []byte) (int, error) { return w.destination().Write(p) }

// WriteString spares a copy where the destination can take a string.
func (w *Writer) WriteString(s string) (int, error) { return io.WriteString(w.destination(), s) }

// ReadFrom lets net/http send a file in its own way, if the body goes to the client.
func (w *Writer) ReadFrom(src io.Reader) (int64, error) {
	dst := w.destination()
	if dst, ok := dst.(io.ReaderFrom); ok {
		return dst.ReadFrom(src)
	}
	return io.Copy(dst, src)
}

// Flush sends the header and what is buffered.
func (w *Writer) Flush() { _ = w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *Writer) FlushError() error {
	w.destination()
	if w.answered() {
		return nil
	}
	return http.NewResponseController(w.next).Flush()
}

// Hijack lets the handler take over the connection. It returns an error that wraps
// http.ErrNotSupported if the server cannot, as in HTTP/2, or if the body goes somewhere
// else than to the client.
func (w *Writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.used = true
	if w.body != nil {
		return nil, nil, fmt.Errorf("responsewriter: the response has begun: %w", http.ErrNotSupported)
	}
	connection, buffer, err := http.NewResponseController(w.next).Hijack()
	if err == nil && !w.begun {
		w.begun = true
		w.hook.Hijacked()
	}
	return connection, buffer, err
}

// begin asks the hook, once. It sets begun first, so that the hook cannot come back here.
func (w *Writer) begin(status int) {
	if !w.begun {
		w.begun = true
		w.body = w.hook.Begin(status)
	}
}

func (w *Writer) answered() bool { return w.body == Answered{} }

// destination returns where the body goes, after the header. The writer below sends the
// header itself, and can guess the Content-Type, if the body goes there.
func (w *Writer) destination() io.Writer {
	w.used = true
	if !w.begun {
		w.begin(http.StatusOK)
		if w.body != nil && !w.answered() {
			w.next.WriteHeader(http.StatusOK)
		}
	}
	if w.body == nil {
		return w.next
	}
	return w.body
}
