// SPDX-License-Identifier: Apache-2.0

package accesslog

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/internal/requestline"
	"github.com/cfsign/cfsign/internal/responsewriter"
)

// An exchange is one request with its response. It is the ResponseWriter that the next handler
// gets.
type exchange struct {
	responsewriter.Writer
	request  *http.Request
	body     *countedBody
	began    time.Time
	answered time.Time   // zero: the handler has not answered
	status   int         // zero: the handler has not answered
	header   http.Header // as it was sent
	sent     counter     // bytes of the body or the connection
	received counter     // bytes of a connection that was taken over
	hijacked bool
	aborted  bool   // the handler panicked
	detailed string // the type of the result; empty: the response shows it
}

// NameResult records the type that the response does not show.
func (e *exchange) NameResult(detailed string) { e.detailed = detailed }

// Begin records the header of the response. After 101, the handler takes over the connection.
func (e *exchange) Begin(status int) io.Writer {
	e.answered, e.status, e.header = time.Now(), status, e.Header().Clone()
	if status == http.StatusSwitchingProtocols {
		return nil
	}
	return &countedWriter{e.Unwrap(), &e.sent, e.request.Method != http.MethodHead}
}

// Hijacked records that the handler answers on the connection itself.
func (e *exchange) Hijacked() {
	e.answered, e.status, e.hijacked = time.Now(), http.StatusSwitchingProtocols, true
}

// Hijack returns a connection and a buffer that count. The buffer for writing is still empty.
func (e *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffer, err := e.Writer.Hijack()
	if err != nil {
		return nil, nil, err
	}
	e.hijacked = true
	early, _ := buffer.Peek(buffer.Reader.Buffered()) // what the server has read too much
	e.received.Add(int64(len(early)))
	counted := &countedConnection{Conn: connection, exchange: e}
	reader := bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(early)), counted))
	_, _ = reader.Peek(len(early)) // handlers look at what is buffered
	return counted, bufio.NewReadWriter(reader, bufio.NewWriter(counted)), nil
}

// sentBytes returns the size of the response.
func (e *exchange) sentBytes() int64 {
	size := e.sent.Load()
	if e.header != nil {
		size += int64(len("HTTP/1.1 200 ") + len(http.StatusText(e.status)) + len("\r\n") + requestline.HeaderSize(e.header) + len("\r\n"))
	}
	return size
}

// receivedBytes returns the size of the request.
func (e *exchange) receivedBytes() int64 {
	return int64(requestline.Size(e.request)) + e.body.read.Load() + e.received.Load()
}

// A counter counts bytes. The number can be read while a handler that was given up still runs.
type counter struct{ atomic.Int64 }

// A countedWriter counts the bytes of a body that the server accepts.
type countedWriter struct {
	io.Writer
	sent    *counter
	hasBody bool // false: the server drops the body, because the method is HEAD
}

// Write counts.
func (c *countedWriter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.add(int64(n))
	return n, err
}

// ReadFrom lets net/http send a file efficiently.
func (c *countedWriter) ReadFrom(src io.Reader) (int64, error) {
	n, err := io.Copy(c.Writer, src)
	c.add(n)
	return n, err
}

func (c *countedWriter) add(n int64) {
	if c.hasBody {
		c.sent.Add(n)
	}
}

// A countedBody counts what the handler reads of a request.
type countedBody struct {
	io.ReadCloser
	read counter
}

// Read counts.
func (c *countedBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.read.Add(int64(n))
	return n, err
}

// A countedConnection counts what a handler sends and receives on a connection.
type countedConnection struct {
	net.Conn
	exchange *exchange
}

// Read counts.
func (c *countedConnection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.exchange.received.Add(int64(n))
	return n, err
}

// Write counts.
func (c *countedConnection) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.exchange.sent.Add(int64(n))
	return n, err
}
