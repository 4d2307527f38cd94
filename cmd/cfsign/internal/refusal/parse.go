// SPDX-License-Identifier: Apache-2.0

package refusal

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"unicode/utf8"
)

// MaxSize is how many bytes a response may have. Refusals are far smaller.
const MaxSize = 1 << 20

var (
	// ErrEmpty means that there is no response.
	ErrEmpty = errors.New("refusal: the response is empty")
	// ErrTooLarge means that the response is larger than [MaxSize].
	ErrTooLarge = errors.New("refusal: the response is too large")
	// ErrCompressed means that the body is compressed.
	ErrCompressed = errors.New("refusal: the body is compressed")
)

// ParseResponse reads what was saved of a response: the body alone, the header
// fields alone (curl -I), or both, as curl -i prints them and browsers copy them, or
// what curl -v says. Of several responses, such as after redirects, the last counts.
// Lines may end as on Unix and as on Windows, and the text may be UTF-16, which
// PowerShell writes.
//
// What does not look like a header is the body. Errors wrap [ErrEmpty],
// [ErrTooLarge] or [ErrCompressed], and say nothing of what is in the response. The
// body is a part of data unless the text had to be converted.
func ParseResponse(data []byte) (Response, error) {
	if len(data) > MaxSize {
		return Response{}, fmt.Errorf("%w: %d bytes, at most %d: give the refusal, not the file, or cut it", ErrTooLarge, len(data), MaxSize)
	}
	data = unmarked(data)
	if verbose, ok := fromVerbose(data); ok {
		data = verbose
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return Response{}, fmt.Errorf("%w: save it with curl -i, and the URL in quotation marks", ErrEmpty)
	}
	r := split(data)
	if compressed(r) {
		return Response{}, fmt.Errorf("%w: request it again with curl -i --compressed", ErrCompressed)
	}
	return r, nil
}

// split takes the heads off data until something else comes.
func split(data []byte) Response {
	r := Response{Body: data}
	for {
		rest := bytes.TrimLeft(r.Body, "\r\n\t ")
		status, after, ok := statusLine(rest)
		if !ok && (r.Header != nil || !startsWithField(rest)) {
			return r
		}
		if !ok {
			after = rest
		}
		r.Status = status
		r.Header, r.Body = fields(after)
	}
}

var statusPattern = regexp.MustCompile(`^HTTP/[0-9](?:\.[0-9])? ([1-9][0-9]{2})(?:[ \t][^\r\n]*)?(?:\r?\n|\r?$)`)

// statusLine reads one, and returns what is after it.
func statusLine(data []byte) (status int, after []byte, ok bool) {
	found := statusPattern.FindSubmatchIndex(data)
	if found == nil {
		return 0, nil, false
	}
	status, _ = strconv.Atoi(string(data[found[2]:found[3]])) // three digits
	return status, data[found[1]:], true
}

// compressed reports whether nobody can read the body. Clients that unpacked it may
// have left Content-Encoding in the header.
func compressed(r Response) bool {
	gzip := bytes.HasPrefix(r.Body, []byte("\x1f\x8b")) || bytes.HasPrefix(r.Body, []byte("\x28\xb5\x2f\xfd"))
	if r.Header == nil {
		return gzip
	}
	if r.Header.Get("Content-Encoding") == "" {
		return false
	}
	return gzip || !utf8.Valid(r.Body) || bytes.ContainsRune(r.Body, 0)
}

// startsWithField reports whether data begins with a header field that responses of
// the parties known here have, as browsers copy them, without the status.
func startsWithField(data []byte) bool {
	name, _, ok := field(firstLine(data))
	if !ok {
		return false
	}
	switch http.CanonicalHeaderKey(name) {
	case "Server", "Date", "Via", "X-Cache", "Content-Type", "Content-Length", "Connection", "X-Amz-Cf-Id", "X-Amz-Cf-Pop", "X-Amz-Request-Id", "X-Amz-Id-2":
		return true
	}
	return false
}
