// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

var (
	spaceBytes  = newByteSet(" \t\r\n")
	numberBytes = newByteSet(`0123456789+-.eE"`)
)

// A scanner reads the JSON of a policy document from left to right. Unlike encoding/json it
// sees repeated names, and it takes names by their exact spelling: it refuses a policy that
// not every reader would understand in the same way.
type scanner struct {
	data string
	at   int
}

// object reads an object and calls member for every name in it, with the scanner before the
// value.
func (s *scanner) object(what string, member func(name string) error) error {
	if !s.take('{') {
		return s.expected(what + " to be an object {...}")
	}
	if s.take('}') {
		return nil
	}
	var most [4]string // no object of a policy has more names
	seen := most[:0]
	for {
		name, err := s.name(what)
		if err != nil {
			return err
		}
		for _, earlier := range seen {
			if name == earlier {
				return refuse("repeated_member", fmt.Sprintf("%q appears twice in %s, and readers differ in which one counts", name, what), "remove one")
			}
		}
		seen = append(seen, name)
		if err := member(name); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.expected("a comma or } in " + what)
		}
	}
}

// name reads the name of a member and the colon after it.
func (s *scanner) name(what string) (string, error) {
	literal, escaped, err := s.literal("a name in ", what)
	if err != nil {
		return "", err
	}
	if escaped {
		return "", refuse("unknown_member", "an escaped name in "+what, "write it plainly")
	}
	if !s.take(':') {
		return "", s.expected("a colon in " + what)
	}
	return literal[1 : len(literal)-1], nil
}

// text reads a string.
func (s *scanner) text(what string) (string, error) {
	literal, escaped, err := s.literal(what, " to be a string")
	if err != nil {
		return "", err
	}
	if !escaped {
		return literal[1 : len(literal)-1], nil
	}
	var text string
	if err := json.Unmarshal([]byte(literal), &text); err != nil {
		return "", s.expected(what + " to have JSON's escapes")
	}
	return text, nil
}

// literal reads a string with its quotation marks, and reports whether it has a backslash. An
// error joins the parts of what.
func (s *scanner) literal(what ...string) (literal string, escaped bool, err error) {
	if !s.take('"') {
		return "", false, s.expected(strings.Join(what, ""))
	}
	start := s.at - 1
	for s.at < len(s.data) {
		switch b := s.data[s.at]; {
		case b == '"':
			s.at++
			return s.data[start:s.at], escaped, nil
		case b == '\\':
			s.at++
			escaped = true
		case b < ' ':
			return "", false, s.expected("no control character in " + strings.Join(what, ""))
		}
		s.at++
	}
	return "", false, s.expected("the end of " + strings.Join(what, ""))
}

// integer reads a whole number as CloudFront demands it for times.
func (s *scanner) integer(what string) (int64, error) {
	s.space()
	start := s.at
	s.at += numberBytes.span(s.data[s.at:])
	number := s.data[start:s.at]
	n, err := strconv.ParseInt(number, 10, 64)
	var plain [len("-9223372036854775808")]byte
	if err != nil || number != string(strconv.AppendInt(plain[:0], n, 10)) {
		s.at = start
		return 0, s.expected(what + " to be a whole number of seconds, such as 1767290400, without quotation marks")
	}
	return n, nil
}

// end returns an error if anything but white space is left.
func (s *scanner) end() error {
	s.space()
	if s.at < len(s.data) {
		return s.expected("nothing more")
	}
	return nil
}

// take reads white space and then b, if it is next.
func (s *scanner) take(b byte) bool {
	s.space()
	if s.at < len(s.data) && s.data[s.at] == b {
		s.at++
		return true
	}
	return false
}

func (s *scanner) space() {
	s.at += spaceBytes.span(s.data[s.at:])
}

func (s *scanner) expected(what string) error {
	return refuse("syntax", fmt.Sprintf("expected %s at byte %d", what, s.at+1), "")
}
