// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusal"
)

// A field is a line of a head: a name, a colon, a value. The names of the
// pseudo-headers of HTTP/2 begin with a colon.
type field struct{ name, value string }

// fieldName matches the name of a header and the colon behind it.
var fieldName = regexp.MustCompile("^:?[A-Za-z0-9!#$%&'*+.^_`|~-]+:")

func parseField(line string) (field, bool) {
	name := fieldName.FindString(line)
	if name == "" {
		return field{}, false
	}
	value := line[len(name):]
	return field{strings.TrimSuffix(name, ":"), strings.Trim(value, white)}, true
}

// cutLine returns the first line of text without its end, and the rest.
func cutLine(text string) (line, rest string) {
	line, rest, _ = strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// cutFields returns the header fields at the beginning of text, whether all of its
// lines are such, and what is behind the empty line that ends them.
func cutFields(text string) (fields []field, clean bool, rest string) {
	clean = true
	for text != "" {
		var line string
		line, text = cutLine(text)
		if line == "" {
			return fields, clean, text
		}
		if f, ok := parseField(line); ok {
			fields = append(fields, f)
		} else {
			clean = false
		}
	}
	return fields, clean, ""
}

// valueOf returns the value of the first field of that name, or "".
func valueOf(fields []field, name string) string {
	for _, f := range fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// A requestLine is the first line of a request.
type requestLine struct{ method, target, version string }

// The target may have spaces in it, which is a reason for being refused.
var requestLinePattern = regexp.MustCompile(`^([A-Z]{3,20}) (\S|\S.*\S) HTTP/([0-9.]+)\s*$`)

func parseRequestLine(line string) (requestLine, bool) {
	m := requestLinePattern.FindStringSubmatch(line)
	if m == nil {
		return requestLine{}, false
	}
	return requestLine{m[1], m[2], m[3]}, true
}

var statusLinePattern = regexp.MustCompile(`^HTTP/[0-9.]+ ([1-9][0-9]{2})(?: .*)?\s*$`)

// parseStatusLine returns the status in the first line of a response.
func parseStatusLine(line string) (int, bool) {
	m := statusLinePattern.FindStringSubmatch(line)
	if m == nil {
		return 0, false
	}
	status, err := strconv.Atoi(m[1])
	return status, err == nil
}

// parseResponse reads a response, or the last of several that follow each other, as
// those of proxies and redirects do.
func parseResponse(text string) *refusal.Response {
	var response *refusal.Response
	for {
		line, rest := cutLine(text)
		status, ok := parseStatusLine(line)
		if !ok {
			return response
		}
		fields, _, body := cutFields(rest)
		response = &refusal.Response{Status: status, Header: header(fields), Body: bodyOf(body)}
		text = body
	}
}

func header(fields []field) http.Header {
	h := http.Header{}
	for _, f := range fields {
		h.Add(f.name, f.value)
	}
	return h
}

// bodyOf returns nil for no body, so that an unknown one is like an empty one.
func bodyOf(body string) []byte {
	if body == "" {
		return nil
	}
	return []byte(body)
}
