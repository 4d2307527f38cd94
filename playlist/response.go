// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"io"
	"maps"
	"net/http"
	"strconv"

	"github.com/cfsign/cfsign/internal/responsewriter"
	"github.com/cfsign/cfsign/sign"
)

// maker is the type of NewHLS and NewDASH.
type maker = func(io.Writer, string, sign.SignedPolicy) (*Writer, error)

// A response is the http.ResponseWriter that the origin writes to.
type response struct {
	responsewriter.Writer
	request     *http.Request
	credentials Credentials
	options     Options
	before      http.Header // what was set before the origin was called

	writer   *Writer // nil: the response is no playlist, or is refused
	declared int64   // the origin's Content-Length, or -1
	received int64
}

// Hijacked has nothing to do: a connection is no playlist.
func (x *response) Hijacked() {}

// Begin decides what becomes of the response.
func (x *response) Begin(status int) io.Writer {
	newWriter := x.maker(status)
	if newWriter == nil {
		return nil
	}
	if err := x.begin(newWriter); err != nil {
		x.refuse(err)
		return responsewriter.Answered{}
	}
	if x.request.Method == http.MethodHead {
		return io.Discard
	}
	return rewriter{response: x}
}

// A rewriter takes the body of a playlist.
type rewriter struct{ response *response }

// Write counts the bytes and rewrites them.
func (x rewriter) Write(p []byte) (int, error) {
	x.response.received += int64(len(p))
	return x.response.writer.Write(p)
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
	playlistURL, s, err := x.credentials(x.request)
	if err != nil {
		return err
	}
	if x.writer, err = newWriter(x.Unwrap(), playlistURL, s); err != nil {
		return err
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
	h := x.Header()
	clear(h)
	maps.Copy(h, x.before)
	x.tell(err)
	x.options.Error(x.Unwrap(), x.request, err)
}

// finish ends the response when the origin has returned.
func (x *response) finish() {
	x.Finish()
	if x.writer == nil || x.request.Method == http.MethodHead {
		return
	}
	err := x.writer.Close()
	if err == nil && x.declared >= 0 && x.declared != x.received {
		err = refuse(ErrTruncated, "%d bytes of %d", x.received, x.declared)
	}
	if err != nil {
		x.tell(err)
		panic(http.ErrAbortHandler)
	}
}

// tell calls Options.Observe.
func (x *response) tell(err error) {
	if x.options.Observe != nil {
		x.options.Observe(x.request.Context(), Event{Request: x.request, Err: err})
	}
}
