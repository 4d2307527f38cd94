// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"bytes"
)

const (
	maxLine   = 1 << 20
	pieceSize = 4 << 10
)

// A lineFormat rewrites a format line by line.
type lineFormat interface {
	// appendLine appends a line, rewritten, to dst. The last line may lack its line break.
	appendLine(dst, line []byte) []byte
	// passes reports whether the rest of the input stays unchanged.
	passes() bool
	counts() Result
	contentType() string
}

// lines splits what is written into lines, and writes each line when it is complete.
type lines struct {
	lineFormat
	output
	pending []byte // the start of an incomplete line
}

func (x *lines) write(p []byte) error {
	x.borrow()
	defer x.giveBack()
	if err := x.split(p); err != nil {
		return err
	}
	return x.flush()
}

func (x *lines) close() error {
	x.borrow()
	defer x.giveBack()
	if len(x.pending) > 0 {
		x.text = x.appendLine(x.text, x.pending)
		x.pending = nil
	}
	return x.flush()
}

// split completes the pending line in small pieces, so that only a small part of p is copied.
// It reads the other lines from p itself.
func (x *lines) split(p []byte) error {
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
		p = p[used-held:] // the bytes before p were part of this line
		x.pending = x.pending[:0]
	}
	used, err := x.consume(p, 0)
	if used < len(p) {
		x.pending = append(x.pending, p[used:]...)
	}
	return err
}

// consume rewrites the complete lines of data, and returns their total length. It does not
// search the first bytes of data, which have no line break, again.
func (x *lines) consume(data []byte, searched int) (used int, err error) {
	for used < len(data) {
		n := x.lineEnd(data[used:], searched)
		if n > maxLine || n == 0 && len(data)-used > maxLine {
			return used, refuse(ErrTooLong, "split the line, at most %d bytes are allowed", maxLine)
		}
		if n == 0 {
			break
		}
		x.text = x.appendLine(x.text, data[used:used+n])
		if err := x.spill(); err != nil {
			return used, err
		}
		used, searched = used+n, 0
	}
	return used, nil
}

// lineEnd returns the end of the first line of data, or 0 if it is incomplete.
func (x *lines) lineEnd(data []byte, searched int) int {
	if x.passes() {
		return min(len(data), maxLine)
	}
	if i := bytes.IndexByte(data[searched:], '\n'); i >= 0 {
		return searched + i + 1
	}
	return 0
}

// appendSigned appends the text of a URI, and the query if the policy covers the URI. Blanks
// around the URI stay: they are not allowed, but clients cut them off.
func (c *credential) appendSigned(dst, text []byte, base *location) ([]byte, verdict) {
	uri, before := trimBlanks(text)
	v := c.judge(base, uri)
	if v != covered {
		return append(dst, text...), v
	}
	if i := bytes.IndexByte(uri, '#'); i >= 0 {
		uri = uri[:i]
	}
	end := before + len(uri)
	dst = append(dst, text[:end]...)
	if s := separator(uri); s != 0 {
		dst = append(dst, s)
	}
	dst = append(dst, c.query...)
	return append(dst, text[end:]...), v
}

// trimBlanks returns text without spaces and tabs around it, and how many stood before it. It is
// faster than bytes.Trim, which prepares a set for each call.
func trimBlanks(text []byte) (trimmed []byte, before int) {
	end := len(text)
	for before < end && isSpaceOrTab(text[before]) {
		before++
	}
	for before < end && isSpaceOrTab(text[end-1]) {
		end--
	}
	return text[before:end], before
}

func isSpaceOrTab(b byte) bool { return b == ' ' || b == '\t' }

// withoutBreak returns a line without its line break.
func withoutBreak(line []byte) []byte {
	n := len(line)
	for n > 0 && (line[n-1] == '\n' || line[n-1] == '\r') {
		n--
	}
	return line[:n]
}
