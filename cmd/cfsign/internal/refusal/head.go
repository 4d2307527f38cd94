// SPDX-License-Identifier: Apache-2.0

package refusal

import (
	"bytes"
	"net/http"
	"strings"
)

// fields reads header fields up to an empty line, or up to one that is no field,
// which belongs to the body then. The header is never nil.
func fields(data []byte) (http.Header, []byte) {
	header := http.Header{}
	for len(data) > 0 {
		line := firstLine(data)
		after := data[min(len(data), len(line)+1):]
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			return header, after
		}
		name, value, ok := field(line)
		if !ok {
			return header, data
		}
		header.Add(name, value)
		data = after
	}
	return header, nil
}

// field reads one.
func field(line []byte) (name, value string, ok bool) {
	before, after, ok := bytes.Cut(line, []byte(":"))
	if !ok || len(before) == 0 || bytes.ContainsFunc(before, notInName) {
		return "", "", false
	}
	return string(before), strings.TrimSpace(string(after)), true
}

// notInName reports what RFC 9110 does not allow in a field's name.
func notInName(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// firstLine returns that of data, without its end.
func firstLine(data []byte) []byte {
	if end := bytes.IndexByte(data, '\n'); end >= 0 {
		return data[:end]
	}
	return data
}
