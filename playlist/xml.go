// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// tokenKind says what a token of XML is.
type tokenKind int

const (
	textToken tokenKind = iota
	startToken
	endToken
	cdataToken
	skippedToken // a comment or a processing instruction
	doctypeToken // the beginning of a DOCTYPE
)

const (
	cdataOpen    = "<![CDATA["
	cdataClose   = "]]>"
	commentOpen  = "<!--"
	commentClose = "-->"
)

func kindOf(token []byte) tokenKind {
	switch {
	case token[0] != '<':
		return textToken
	case bytes.HasPrefix(token, []byte("</")):
		return endToken
	case bytes.HasPrefix(token, []byte("<?")), bytes.HasPrefix(token, []byte(commentOpen)):
		return skippedToken
	case bytes.HasPrefix(token, []byte(cdataOpen)):
		return cdataToken
	case bytes.HasPrefix(token, []byte("<!")):
		return doctypeToken
	}
	return startToken
}

// An xmlScanner finds the ends of tokens.
type xmlScanner struct {
	quote byte // the open quotation mark in an incomplete tag, or 0
}

// end implements [format]. A tag also ends before a <, which makes it malformed. Only the
// first two bytes of a DOCTYPE are a token.
func (s *xmlScanner) end(data []byte, seen int) int {
	switch {
	case data[0] != '<':
		return max(0, find(data, seen, "<"))
	case bytes.HasPrefix(data, []byte("<?")):
		return after(data, max(seen-1, len("<?")), "?>")
	case bytes.HasPrefix(data, []byte(commentOpen)):
		return after(data, max(seen-len(commentClose)+1, len(commentOpen)), commentClose)
	case bytes.HasPrefix(data, []byte(cdataOpen)):
		return after(data, max(seen-len(cdataClose)+1, len(cdataOpen)), cdataClose)
	case bytes.HasPrefix([]byte(commentOpen), data), bytes.HasPrefix([]byte(cdataOpen), data):
		return 0 // the next bytes show the kind
	case data[1] == '!':
		return len("<!")
	}
	return s.tagEnd(data, seen)
}

func (s *xmlScanner) tagEnd(data []byte, seen int) int {
	if seen <= 1 {
		s.quote = 0
	}
	for i := max(seen, 1); i < len(data); i++ {
		switch c := data[i]; {
		case s.quote != 0:
			if c == s.quote {
				s.quote = 0
			}
		case c == '"' || c == '\'':
			s.quote = c
		case c == '>':
			return i + 1
		case c == '<':
			return i
		}
	}
	return 0
}

// find returns the offset of text in data, searched from an offset on, or -1.
func find(data []byte, from int, text string) int {
	if from > len(data) {
		return -1
	}
	i := bytes.Index(data[from:], []byte(text))
	if i < 0 {
		return -1
	}
	return from + i
}

// after returns the offset behind text in data, or 0.
func after(data []byte, from int, text string) int {
	if i := find(data, from, text); i >= 0 {
		return i + len(text)
	}
	return 0
}

// A tag is a start tag.
type tag struct {
	token []byte
	name  []byte
	at    int  // the offset of the next attribute
	empty bool // <name/>
}

// An xmlAttribute is an attribute of a tag.
type xmlAttribute struct {
	name       []byte
	start, end int // of the value in the tag, without quotes
}

// parseTag parses a token that begins with <. It returns false if the token is not
// well-formed XML.
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

// next returns the next attribute, if there is one.
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

// nameEnd returns the end of the name that begins at i. A > follows the name.
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

// splitName splits a name into its prefix, with the colon, and its local part.
func splitName(name []byte) (prefix, local []byte) {
	i := bytes.IndexByte(name, ':') + 1
	return name[:i], name[i:]
}

// An xmlValue is the decoded value of an attribute or a text, without the blanks around it.
type xmlValue struct {
	text []byte
	// insertAt is the place for the query in the encoded value: before the fragment, or at
	// the end.
	insertAt int
}

// decode decodes raw, with its character references. It returns false if only the document
// type can explain a reference.
func (v *xmlValue) decode(raw []byte) bool {
	if bytes.IndexByte(raw, '&') < 0 {
		v.set(raw)
		return true
	}
	v.text, v.insertAt = v.text[:0], 0
	fragment := false
	for i := 0; i < len(raw); {
		r, n := rune(raw[i]), 1
		if raw[i] == '&' {
			if r, n = characterReference(raw[i:]); n == 0 {
				return false
			}
			v.text = utf8.AppendRune(v.text, r)
		} else {
			v.text = append(v.text, raw[i])
		}
		fragment = fragment || r == '#'
		blank := r < utf8.RuneSelf && isBlank(byte(r))
		i += n
		if !fragment && !blank {
			v.insertAt = i
		}
	}
	v.text = trimRight(append(v.text[:0], trimLeft(v.text)...))
	return true
}

// set is decode for a text without references.
func (v *xmlValue) set(raw []byte) {
	end := len(raw)
	if i := bytes.IndexByte(raw, '#'); i >= 0 {
		end = i
	}
	v.insertAt = len(trimRight(raw[:end]))
	v.text = append(v.text[:0], trimLeft(trimRight(raw))...)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func trimLeft(text []byte) []byte {
	for len(text) > 0 && isBlank(text[0]) {
		text = text[1:]
	}
	return text
}

func trimRight(text []byte) []byte {
	for len(text) > 0 && isBlank(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}

// characterReference returns the character of the reference at the start of text, and the
// length of the reference, or 0.
func characterReference(text []byte) (rune, int) {
	const longest = len("&#x10FFFF;")
	end := bytes.IndexByte(text[:min(len(text), longest)], ';')
	if end < 0 {
		return 0, 0
	}
	switch name := string(text[1:end]); {
	case name == "amp":
		return '&', end + 1
	case name == "lt":
		return '<', end + 1
	case name == "gt":
		return '>', end + 1
	case name == "quot":
		return '"', end + 1
	case name == "apos":
		return '\'', end + 1
	case len(name) > 2 && name[:2] == "#x":
		return character(name[2:], 16, end+1)
	case len(name) > 1 && name[0] == '#':
		return character(name[1:], 10, end+1)
	}
	return 0, 0
}

func character(digits string, base, length int) (rune, int) {
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
		return 0, 0
	}
	return rune(n), length
}
