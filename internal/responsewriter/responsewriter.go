// SPDX-License-Identifier: Apache-2.0

// Package responsewriter has the http.ResponseWriter that this module puts between a server
// and a handler. It has the optional methods that handlers ask for, so WebSockets, event
// streams and file transfers work behind it as they do without it.
package responsewriter

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// A Hook decides what happens to one response. The Writer calls exactly one of its methods,
// once, unless the handler panics before it answers.
type Hook interface {
	// Begin is called before the final header is sent. The status is 101, or 200 or more.
	// Begin can change the header. It returns the destination of the body:
	//
	//   - nil: the client gets the body as the handler writes it.
	//   - A [Holder] gets the body. It sends the header itself, with the writer that Unwrap
	//     returns.
	//   - Answered{} is a Holder that drops the body, because Begin has answered already.
	//   - Another writer gets the body after the header was sent. io.Discard drops the body.
	Begin(status int) io.Writer
	// Hijacked is called when the handler has taken over the connection before the final
	// header was sent. It cannot send anything.
	Hijacked()
}

// A ResultNamer is a writer that logs CloudFront's detailed type of a result, such as
// InvalidRequestMethod.
type ResultNamer interface {
	NameResult(detailed string)
}

// NameResult tells the type of a result to the first [ResultNamer] among w and the writers below
// it. Call it in the goroutine of the handler, before the response. Without a ResultNamer, it does
// nothing.
func NameResult(w http.ResponseWriter, detailed string) {
	for {
		if namer, ok := w.(ResultNamer); ok {
			namer.NameResult(detailed)
			return
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = wrapper.Unwrap()
	}
}

// A Holder is the destination of a body that decides when the header is sent. See [Hook].
type Holder interface {
	io.Writer
	// FlushError sends what can be sent. It is called when the handler flushes.
	FlushError() error
}

// Answered is the destination of a body that the client must not get. See [Hook].
type Answered struct{}

// FlushError does nothing.
func (Answered) FlushError() error { return nil }

// Write drops p, and returns no error. An error would tell the handler that the client has
// gone.
func (Answered) Write(p []byte) (int, error) { return len(p), nil }

// A Writer is an http.ResponseWriter that calls a hook before the final header. Embed it by
// value in the type with the hook's methods, and call Init: then a response needs only one
// allocation. Like the writers of net/http, it is not safe for concurrent use.
type Writer struct {
	next  http.ResponseWriter
	hook  Hook
	body  io.Writer // nil: next
	begun bool      // the hook was called
	used  bool
}

// Init makes w a writer in front of next. You must call it before any other method.
func (w *Writer) Init(next http.ResponseWriter, hook Hook) { w.next, w.hook = next, hook }

// Finish ends the response. You must call it when the handler has returned. If the handler
// sent nothing, Finish calls Begin with the status 200, and the server sends the header.
func (w *Writer) Finish() { w.begin(http.StatusOK) }

// Sent reports whether it is too late to change the header, because the final header was
// sent, the connection was hijacked, or Finish was called.
func (w *Writer) Sent() bool { return w.begun }

// Used reports whether the handler called a method other than Unwrap. If the handler has
// returned without such a call, it may have answered with the writer below this one.
func (w *Writer) Used() bool { return w.used }

// Unwrap returns the writer below, for http.ResponseController.
func (w *Writer) Unwrap() http.ResponseWriter { return w.next }

// Header returns the header of the writer below.
func (w *Writer) Header() http.Header {
	w.used = w.used || !w.begun // A call from Begin does not count.
	return w.next.Header()
}

// WriteHeader sends the header. It calls the hook before a final header, and not before an
// informational one.
func (w *Writer) WriteHeader(status int) {
	w.used = true
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.begin(status)
	}
	if w.holder() == nil {
		w.next.WriteHeader(status)
	}
}

// Write sends the header if necessary, and then p.
func (w *Writer) Write(p []byte) (int, error) { return w.destination().Write(p) }

// WriteString is Write without a copy, if the destination can take a string.
func (w *Writer) WriteString(s string) (int, error) { return io.WriteString(w.destination(), s) }

// ReadFrom lets net/http send a file efficiently, if the body goes to the client.
func (w *Writer) ReadFrom(src io.Reader) (int64, error) {
	dst := w.destination()
	if dst, ok := dst.(io.ReaderFrom); ok {
		return dst.ReadFrom(src)
	}
	return io.Copy(dst, src)
}

// Flush sends the header and buffered data.
func (w *Writer) Flush() { _ = w.FlushError() }

// FlushError is Flush for http.ResponseController.
func (w *Writer) FlushError() error {
	w.destination()
	if holder := w.holder(); holder != nil {
		return holder.FlushError()
	}
	return http.NewResponseController(w.next).Flush()
}

// Hijack lets the handler take over the connection. If the server cannot do that, as in
// HTTP/2, or the body does not go to the client, the error wraps http.ErrNotSupported.
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

// begin calls the hook once. It sets begun first, because the hook may use the writer.
func (w *Writer) begin(status int) {
	if !w.begun {
		w.begun = true
		w.body = w.hook.Begin(status)
	}
}

// holder returns the destination of the body if it sends the header itself, or nil.
func (w *Writer) holder() Holder {
	holder, _ := w.body.(Holder)
	return holder
}

// destination sends the header if necessary, and returns the destination of the body. If
// that is the writer below, the writer sends the header itself, and can detect the
// Content-Type.
func (w *Writer) destination() io.Writer {
	w.used = true
	if !w.begun {
		w.begin(http.StatusOK)
		if w.body != nil && w.holder() == nil {
			w.next.WriteHeader(http.StatusOK)
		}
	}
	if w.body == nil {
		return w.next
	}
	return w.body
}
