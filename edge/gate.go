// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// A gate stands between the response writer of an origin and the viewer's. The origin runs in
// a goroutine of its own. When the gate is closed, the origin reaches the viewer no more.
type gate struct {
	next   http.ResponseWriter
	header http.Header // the origin's
	sent   bool        // the final header was sent

	mu       sync.Mutex // held while the origin uses next
	last     time.Time  // when the origin last did something
	started  bool       // the origin has begun its final response
	hijacked bool
	closed   bool
}

func newGate(next http.ResponseWriter) *gate {
	return &gate{next: next, header: next.Header().Clone(), last: time.Now()}
}

// start marks the begin of the final response. It returns false if the gate is closed.
func (g *gate) start() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = time.Now()
	g.started = g.started || !g.closed
	return !g.closed
}

// touch records that the origin is alive.
func (g *gate) touch() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = time.Now()
}

// close closes the gate, and returns whether the origin had begun its response or taken over
// the connection.
func (g *gate) close() (started, hijacked bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	return g.started, g.hijacked
}

// wait waits until the origin has ended, and returns true. If the origin does nothing for
// the given time, wait closes the gate and returns false. After a hijack there is no limit.
func (g *gate) wait(ended <-chan ending, limit time.Duration) (ending, bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case end := <-ended:
			return end, true
		case <-timer.C:
		}
		g.mu.Lock()
		idle, hijacked := time.Since(g.last), g.hijacked
		g.closed = !hijacked && idle >= limit
		closed := g.closed
		g.mu.Unlock()
		switch {
		case hijacked:
			return <-ended, true
		case closed:
			return ending{}, false
		}
		timer.Reset(limit - idle)
	}
}

// use calls do with the viewer's writer, unless the gate is closed.
func (g *gate) use(do func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return http.ErrHandlerTimeout
	}
	err := do()
	g.last = time.Now()
	return err
}

// sendHeader copies the origin's header to the viewer's. Later changes have no effect, as
// with net/http.
func (g *gate) sendHeader() {
	if !g.sent {
		header := g.next.Header()
		clear(header)
		copyHeader(header, g.header)
	}
}

// copyHeader copies the fields of src to dst. They share no memory.
func copyHeader(dst, src http.Header) {
	n := 0
	for _, values := range src {
		n += len(values)
	}
	space := make([]string, 0, n)
	for name, values := range src {
		start := len(space)
		space = append(space, values...)
		dst[name] = space[start:len(space):len(space)]
	}
}

// finish leaves the origin's header to the server, if the origin sent nothing.
func (g *gate) finish() {
	_ = g.use(func() error {
		if !g.hijacked {
			g.sendHeader()
		}
		return nil
	})
}

// Header returns the origin's header.
func (g *gate) Header() http.Header { return g.header }

// WriteHeader sends the header.
func (g *gate) WriteHeader(status int) {
	_ = g.use(func() error {
		g.sendHeader()
		g.sent = g.sent || status >= http.StatusOK || status == http.StatusSwitchingProtocols
		g.next.WriteHeader(status)
		return nil
	})
}

// Write sends the header if necessary, and then p.
func (g *gate) Write(p []byte) (n int, err error) {
	err = g.use(func() (err error) {
		g.sendHeader()
		g.sent = true
		n, err = g.next.Write(p)
		return err
	})
	return n, err
}

// ReadFrom lets net/http send a file efficiently. Other sources may be slow, so it reads them
// outside of the lock.
func (g *gate) ReadFrom(src io.Reader) (n int64, err error) {
	next, ok := g.next.(io.ReaderFrom)
	if !ok || !isFile(src) {
		return io.Copy(struct{ io.Writer }{g}, src)
	}
	err = g.use(func() (err error) {
		g.sendHeader()
		g.sent = true
		n, err = next.ReadFrom(src)
		return err
	})
	return n, err
}

// isFile reports whether src is a file or a part of one.
func isFile(src io.Reader) bool {
	if limited, ok := src.(*io.LimitedReader); ok {
		src = limited.R
	}
	_, ok := src.(*os.File)
	return ok
}

// FlushError sends the header and buffered data.
func (g *gate) FlushError() error {
	return g.use(func() error {
		g.sendHeader()
		g.sent = true
		return http.NewResponseController(g.next).Flush()
	})
}

// Hijack lets the origin take over the connection.
func (g *gate) Hijack() (connection net.Conn, buffer *bufio.ReadWriter, err error) {
	err = g.use(func() (err error) {
		connection, buffer, err = http.NewResponseController(g.next).Hijack()
		g.hijacked = err == nil
		return err
	})
	return connection, buffer, err
}

// SetReadDeadline, SetWriteDeadline and EnableFullDuplex are for http.ResponseController.
// There is no Unwrap, because an origin could go around the gate.

// SetReadDeadline sets the deadline for reading the request.
func (g *gate) SetReadDeadline(deadline time.Time) error {
	return g.use(func() error { return http.NewResponseController(g.next).SetReadDeadline(deadline) })
}

// SetWriteDeadline sets the deadline for writing the response.
func (g *gate) SetWriteDeadline(deadline time.Time) error {
	return g.use(func() error { return http.NewResponseController(g.next).SetWriteDeadline(deadline) })
}

// EnableFullDuplex lets the origin read the request while it writes the response.
func (g *gate) EnableFullDuplex() error {
	return g.use(func() error { return http.NewResponseController(g.next).EnableFullDuplex() })
}

// A timedBody is the body of a request. While the origin reads it, it is not too slow.
type timedBody struct {
	io.ReadCloser
	gate *gate
}

// Read reads, and records that the origin is alive.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.gate.touch()
	return n, err
}
