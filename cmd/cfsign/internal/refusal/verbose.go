// SPDX-License-Identifier: Apache-2.0

package refusal

import "bytes"

// fromVerbose returns the last response in what curl -v says: there "< " is before
// its header, "> " before that of the request, which is left out, and "* " before
// what curl tells of itself.
func fromVerbose(data []byte) ([]byte, bool) {
	begins := bytes.HasPrefix(data, []byte("* ")) || bytes.HasPrefix(data, []byte("> "))
	if !bytes.HasPrefix(data, []byte("< HTTP/")) && !(begins && bytes.Contains(data, []byte("\n< HTTP/"))) {
		return nil, false
	}
	var response []byte
	for rest := data; len(rest) > 0; {
		line := firstLine(rest)
		rest = rest[min(len(rest), len(line)+1):]
		switch {
		case bytes.HasPrefix(line, []byte("< HTTP/")):
			response = append(response[:0], line[2:]...)
		case bytes.HasPrefix(line, []byte("< ")):
			response = append(response, line[2:]...)
		case bytes.Equal(line, []byte("<")): // the empty line, of which an editor took the space
		case ofCurl(line):
			continue
		default:
			response = append(response, line...)
		}
		response = append(response, '\n')
	}
	return response, true
}

// ofCurl reports whether line is neither of the response's header nor of its body.
func ofCurl(line []byte) bool {
	for _, mark := range []string{"* ", "> ", "} [", "{ ["} {
		if bytes.HasPrefix(line, []byte(mark)) {
			return true
		}
	}
	return len(bytes.TrimRight(line, "\r")) == 1 && line[0] == '>'
}
