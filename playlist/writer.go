// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"io"

	"github.com/cfsign/cfsign/sign"
)

const (
	maxToken   = 1 << 20
	outputSize = 32 << 10
	pieceSize  = 4 << 10
)

// A Writer rewrites the playlist that is written to it on its way to another
// writer. It holds back only the line, tag or text that is not complete yet: at
// most 1 MiB of input, whatever the length of the playlist, besides what it
// remembers of a manifest (64 KiB). It is made by [NewHLS] or [NewDASH], serves one
// playlist, and must not be used concurrently. The zero Writer fails with
// [ErrZeroValue].
//
// After an error every call returns this error. What was written until then is
// not a playlist and must not be used as one.
type Writer struct {
	w       io.Writer
	format  format
	pending []byte // the beginning of a token
	output  []byte
	err     error
	closed  bool
}

// A format is how a kind of playlist is divided into tokens, and what becomes of
// each.
type format interface {
	// end returns where the first token of data ends, or 0 if it goes on. When
	// this was asked before, data had the length seen.
	end(data []byte, seen int) int
	// appendToken appends a token, rewritten, to dst.
	appendToken(dst, token []byte) ([]byte, error)
	// appendLast appends what was left of the input to dst.
	appendLast(dst, rest []byte) ([]byte, error)
	// contentType is that of such playlists.
	contentType() string
}

// NewHLS returns a Writer that rewrites an HLS playlist, of either kind, and
// writes it to w. What does not begin with #EXTM3U goes through unchanged.
//
// playlistURL is the URL under which the viewer has fetched the playlist;
// its query does not matter. NewHLS returns [ErrURL] if it is not an absolute http
// or https URL in the form in which clients send it, and [ErrZeroValue] for the
// zero SignedPolicy.
func NewHLS(w io.Writer, playlistURL string, s sign.SignedPolicy) (*Writer, error) {
	c, l, err := prepare(playlistURL, s)
	if err != nil {
		return nil, err
	}
	return newWriter(w, &hls{credential: c, location: l}), nil
}

// NewDASH is [NewHLS] for a DASH manifest. What does not have MPD as its root
// element goes through unchanged, as do a document with a DOCTYPE and what follows
// after something that is not XML.
func NewDASH(w io.Writer, manifestURL string, s sign.SignedPolicy) (*Writer, error) {
	c, l, err := prepare(manifestURL, s)
	if err != nil {
		return nil, err
	}
	return newWriter(w, newDASH(c, l)), nil
}

func prepare(playlistURL string, s sign.SignedPolicy) (credential, location, error) {
	c, err := newCredential(s)
	if err != nil {
		return credential{}, location{}, err
	}
	l, err := playlistLocation(playlistURL)
	return c, l, err
}

func newWriter(w io.Writer, f format) *Writer {
	return &Writer{w: w, format: f, output: make([]byte, 0, outputSize+pieceSize)}
}

// Write rewrites p, and writes all of it that is complete. The errors are
// [ErrTooLong], for a manifest [ErrDiverted], [ErrClosed], and those of the
// underlying writer.
func (x *Writer) Write(p []byte) (int, error) {
	if err := x.usable(); err != nil {
		return 0, err
	}
	if x.err = x.write(p); x.err == nil {
		x.err = x.flush()
	}
	if x.err != nil {
		return 0, x.err
	}
	return len(p), nil
}

// Close writes what was held back, such as a last line without its end. It does
// not close the underlying writer. A second call does nothing.
func (x *Writer) Close() error {
	if x.closed && x.err == nil {
		return nil
	}
	if err := x.usable(); err != nil {
		return err
	}
	x.closed = true
	x.output, x.err = x.format.appendLast(x.output, x.pending)
	x.pending = nil
	if x.err == nil {
		x.err = x.flush()
	}
	return x.err
}

func (x *Writer) usable() error {
	switch {
	case x.format == nil:
		return refuse(ErrZeroValue, "make the writer with NewHLS or NewDASH")
	case x.err != nil:
		return x.err
	case x.closed:
		return refuse(ErrClosed, "make a writer for each playlist")
	}
	return nil
}

// write completes the pending token in small pieces, so that it is not p as a whole
// that is copied, and takes the rest from p itself.
func (x *Writer) write(p []byte) error {
	for len(x.pending) > 0 && len(p) > 0 {
		held := len(x.pending)
		piece := p[:min(len(p), pieceSize)]
		x.pending = append(x.pending, piece...)
		used, err := x.consume(x.pending, held)
		if err != nil {
			return err
		}
		if used == 0 {
			p = p[len(piece):]
			continue
		}
		p = p[used-held:] // what was held did not end a token, so it is used up
		x.pending = x.pending[:0]
	}
	used, err := x.consume(p, 0)
	if err != nil {
		return err
	}
	if used < len(p) {
		x.pending = append(x.pending, p[used:]...)
	}
	return nil
}

// consume rewrites the complete tokens of data, and returns their length.
func (x *Writer) consume(data []byte, seen int) (used int, err error) {
	for used < len(data) {
		n := x.format.end(data[used:], seen)
		if n > maxToken || n == 0 && len(data)-used > maxToken {
			return used, refuse(ErrTooLong, "more than %d bytes", maxToken)
		}
		if n == 0 {
			break
		}
		if x.output, err = x.format.appendToken(x.output, data[used:used+n]); err != nil {
			return used, err
		}
		if len(x.output) >= outputSize {
			if err := x.flush(); err != nil {
				return used, err
			}
		}
		used, seen = used+n, 0
	}
	return used, nil
}

func (x *Writer) flush() error {
	if len(x.output) == 0 {
		return nil
	}
	n, err := x.w.Write(x.output)
	if err == nil && n != len(x.output) {
		err = io.ErrShortWrite
	}
	x.output = x.output[:0]
	return err
}
