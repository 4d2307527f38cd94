// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// A tag is a start tag, and where its next attribute is.
type tag struct {
	token []byte
	name  []byte
	at    int
	empty bool // <name/>
}

// An xmlAttribute is an attribute, and where in the tag its value is, without the
// quotes.
type xmlAttribute struct {
	name       []byte
	start, end int
}

// parseTag reads a token that begins with <. It is false unless all of it is as
// XML has it.
func parseTag(token []byte) (tag, bool) {
	if token[len(token)-1] != '>' {
		return tag{}, false
	}
	t := tag{token: token, at: nameEnd(token, 1)}
	t.name = token[1:t.at]
	t.empty = bytes.HasSuffix(token, []byte("/>"))
	if len(t.name) == 0 {
		return tag{}, false
	}
	for check := t; ; {
		if _, more, ok := check.next(); !ok || !more {
			return t, ok
		}
	}
}

// next returns the next attribute, if there are more.
func (t *tag) next() (a xmlAttribute, more, ok bool) {
	begin := skipBlanks(t.token, t.at)
	if rest := t.token[begin:]; len(rest) == 1 || len(rest) == 2 && t.empty {
		return a, false, true
	}
	nameEnds := nameEnd(t.token, begin)
	a.name = t.token[begin:nameEnds]
	i := skipBlanks(t.token, nameEnds)
	if begin == t.at || len(a.name) == 0 || t.token[i] != '=' {
		return a, false, false
	}
	i = skipBlanks(t.token, i+1)
	quote := t.token[i]
	if quote != '"' && quote != '\'' {
		return a, false, false
	}
	a.start = i + 1
	length := bytes.IndexByte(t.token[a.start:], quote)
	if length < 0 || bytes.IndexByte(t.token[a.start:a.start+length], '<') >= 0 {
		return a, false, false
	}
	a.end = a.start + length
	t.at = a.end + 1
	return a, true, true
}

// nameEnd returns where the name that begins at i ends. There is a > behind it.
func nameEnd(token []byte, i int) int {
	for {
		switch token[i] {
		case ' ', '\t', '\r', '\n', '=', '/', '>', '"', '\'', '<', '&':
			return i
		}
		i++
	}
}

func skipBlanks(token []byte, i int) int {
	for isBlank(token[i]) {
		i++
	}
	return i
}

// splitName divides a name into its prefix, with the colon, and the local name.
func splitName(name []byte) (prefix, local []byte) {
	i := bytes.IndexByte(name, ':') + 1
	return name[:i], name[i:]
}
