// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"regexp"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusal"
)

// readRequest reads the head of a request, and the response below it.
func readRequest(line, rest string) (Request, error) {
	r := Request{Form: FormRequest}
	first, _ := parseRequestLine(line)
	fields, clean, body := cutFields(rest)
	if !clean {
		r.note(noteUnreadHeader)
	}
	r.setTarget(first, "", fields)
	r.addFields(fields)
	r.setResponse(parseResponse(strings.TrimLeft(body, white)))
	return r, nil
}

// setTarget puts the URL together. An empty scheme is unknown.
func (r *Request) setTarget(line requestLine, scheme string, fields []field) {
	host := valueOf(fields, "Host")
	if host == "" {
		host = valueOf(fields, ":authority")
	}
	if scheme == "" {
		scheme = assumedScheme(host, line.version)
		if !hasScheme(line.target) && !strings.HasPrefix(line.version, "2") && !strings.HasPrefix(line.version, "3") {
			r.note(noteHTTPAssumed)
		}
	}
	r.Method = line.method
	r.URL = targetURL(scheme, host, line.target)
	if r.URL == line.target && !hasScheme(line.target) {
		r.note(noteNoHost)
	}
}

// assumedScheme is https, as nearly everywhere, but for the port of http.
func assumedScheme(host, version string) string {
	if strings.HasSuffix(host, ":80") && version < "2" {
		return "http"
	}
	return "https"
}

// emptyLines matches the end of a line and the empty ones below it.
var emptyLines = regexp.MustCompile(`\r?\n(?:[ \t]*\r?\n)+`)

// readHeaders reads header fields without a request line: some Cookie headers, or what
// browsers let their users copy. It reports false for anything else.
func readHeaders(text string) (Request, bool) {
	fields, clean, _ := cutFields(pairLines(emptyLines.ReplaceAllString(text, "\n")))
	if len(fields) == 0 || !clean {
		return Request{}, false
	}
	r := Request{Form: FormHeaders}
	switch {
	case valueOf(fields, ":path") != "":
		r.setPseudo(fields)
		r.addFields(fields)
	case has(fields, "Cookie"):
		r.addFields(fields)
		if r.Header == nil {
			r.Form = FormCookies
		}
	case isOnly(fields, "Set-Cookie"):
		r.Form = FormSetCookies
		r.note(noteSetCookie)
		for _, f := range fields {
			r.Cookies = append(r.Cookies, setCookie(f.value))
		}
	case has(fields, "X-Amz-Cf-Id"):
		r.Form = FormResponse
		r.setResponse(&refusal.Response{Header: header(fields)})
	case has(fields, "Host"):
		r.addFields(fields)
	default:
		return Request{}, false
	}
	return r, r.URL != "" || r.Cookies != nil || r.Header != nil || r.Response != nil
}

// setPseudo takes the URL from the pseudo-headers of HTTP/2.
func (r *Request) setPseudo(fields []field) {
	scheme := valueOf(fields, ":scheme")
	if scheme == "" {
		scheme = "https"
	}
	r.setTarget(requestLine{valueOf(fields, ":method"), valueOf(fields, ":path"), "2"}, scheme, fields)
}

func has(fields []field, name string) bool {
	for _, f := range fields {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

func isOnly(fields []field, name string) bool {
	for _, f := range fields {
		if !strings.EqualFold(f.name, name) {
			return false
		}
	}
	return true
}

// pairLines puts the names and values of headers into one line where they are in two,
// as Chrome's table of headers is copied.
func pairLines(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	switch strings.TrimSuffix(lines[0], ":") {
	case ":authority", ":method", ":path", ":scheme":
	default:
		return text
	}
	if len(lines)%2 != 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(lines); i += 2 {
		b.WriteString(strings.TrimSuffix(lines[i], ":"))
		b.WriteString(": ")
		b.WriteString(lines[i+1])
		b.WriteString("\n")
	}
	return b.String()
}
