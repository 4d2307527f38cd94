// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// tokenKind is what a token of XML is.
type tokenKind int

const (
	textToken tokenKind = iota
	startToken
	endToken
	cdataToken
	skippedToken // a comment or a processing instruction
	doctypeToken // the beginning of one
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
	quote byte // the open quotation mark in a tag that goes on, or 0
}

// end is that of [format]. A tag also ends before a <, which makes it malformed,
// and of a DOCTYPE only the first two bytes are found.
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
		return 0 // which of them it is shows later
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

// find returns where text begins in data, from the offset from on, or -1.
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

// after returns where text has ended in data, or 0.
func after(data []byte, from int, text string) int {
	if i := find(data, from, text); i >= 0 {
		return i + len(text)
	}
	return 0
}
