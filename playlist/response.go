// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"io"
	"maps"
	"net/http"
	"strconv"

	"github.com/cfsign/cfsign/sign"
)

// maker is the type of NewHLS and NewDASH.
type maker = func(io.Writer, string, sign.SignedPolicy) (*Writer, error)

// fate is what becomes of a response.
type fate int

const (
	undecided fate = iota
	passed         // as the origin writes it
	rewritten
	headOnly // as rewritten, but nothing is sent
	refused  // Options.Error has answered
)

// A response is the http.ResponseWriter that the origin writes to.
type response struct {
	http.ResponseWriter
	request *http.Request
	rights  Rights
	options Options
	before  http.Header // what was set before the origin was called

	fate     fate
	writer   *Writer
	declared int64 // the origin's Content-Length, or -1
	received int64
}

// Unwrap is for http.ResponseController.
func (x *response) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// WriteHeader decides what becomes of the response, and sends its header.
func (x *response) WriteHeader(status int) {
	switch {
	case x.fate == refused, x.fate == rewritten, x.fate == headOnly:
		return
	case x.fate == passed, status < http.StatusOK && status != http.StatusSwitchingProtocols:
		x.ResponseWriter.WriteHeader(status)
		return
	}
	if newWriter := x.maker(status); newWriter == nil {
		x.fate = passed
	} else if err := x.begin(newWriter); err != nil {
		x.refuse(err)
		return
	}
	x.ResponseWriter.WriteHeader(status)
}

// maker returns the constructor for the playlist that the response is, or nil.
func (x *response) maker(status int) maker {
	h := x.Header()
	encoding := h.Get("Content-Encoding")
	if status != http.StatusOK || encoding != "" && encoding != "identity" {
		return nil
	}
	return makerOf(h.Get("Content-Type"), x.request.URL.Path)
}

// begin makes the writer, and the headers those of what it writes.
func (x *response) begin(newWriter maker) error {
	playlistURL, s, err := x.rights(x.request)
	if err != nil {
		return err
	}
	if x.writer, err = newWriter(x.ResponseWriter, playlistURL, s); err != nil {
		return err
	}
	x.fate = rewritten
	if x.request.Method == http.MethodHead {
		x.fate = headOnly
	}
	h := x.Header()
	x.declared = -1
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
		x.declared = n
	}
	for _, name := range []string{
		"Content-Length", "ETag", "Last-Modified", "Accept-Ranges", "Expires",
		"Digest", "Content-Digest", "Repr-Digest", "Content-MD5",
		"CDN-Cache-Control", "Surrogate-Control", // which some caches put before Cache-Control
	} {
		h.Del(name)
	}
	h.Set("Cache-Control", "private, no-store")
	if h.Get("Content-Type") == "" { // or net/http would guess
		h.Set("Content-Type", x.writer.format.contentType())
	}
	return nil
}

// refuse answers err, with the headers as if the origin had not been called.
func (x *response) refuse(err error) {
	x.fate = refused
	h := x.Header()
	clear(h)
	maps.Copy(h, x.before)
	x.options.Observe(x.request, err)
	x.options.Error(x.ResponseWriter, x.request, err)
}

// Write sends the header first. A playlist goes through the rewriter.
func (x *response) Write(p []byte) (int, error) {
	if x.fate == undecided {
		x.WriteHeader(http.StatusOK)
	}
	switch x.fate {
	case rewritten:
		x.received += int64(len(p))
		return x.writer.Write(p)
	case headOnly, refused:
		// An error would tell the origin that the viewer has gone, and some
		// then abort the answer.
		return len(p), nil
	}
	return x.ResponseWriter.Write(p)
}

// ReadFrom lets net/http send files in its own way.
func (x *response) ReadFrom(src io.Reader) (int64, error) {
	if x.fate == undecided {
		x.WriteHeader(http.StatusOK)
	}
	if x.fate == passed {
		return io.Copy(x.ResponseWriter, src)
	}
	return io.Copy(struct{ io.Writer }{x}, src)
}

// Flush sends what was written, but for an incomplete line or tag.
func (x *response) Flush() { _ = x.FlushError() }

// FlushError is for http.ResponseController.
func (x *response) FlushError() error {
	if x.fate == undecided {
		x.WriteHeader(http.StatusOK)
	}
	if x.fate == refused {
		return nil
	}
	return http.NewResponseController(x.ResponseWriter).Flush()
}

// finish ends the response when the origin has returned.
func (x *response) finish() {
	if x.fate == undecided {
		x.WriteHeader(http.StatusOK)
	}
	if x.fate != rewritten {
		return
	}
	err := x.writer.Close()
	if err == nil && x.declared >= 0 && x.declared != x.received {
		err = refuse(ErrTruncated, "%d bytes of %d", x.received, x.declared)
	}
	if err != nil {
		x.options.Observe(x.request, err)
		panic(http.ErrAbortHandler)
	}
}
