// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"regexp"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
)

// Read returns the request that text describes. It finds out the form of the text by its
// content.
//
// If the text is a key, it returns [ErrKey]. All other errors say what to paste instead.
// No error contains any part of the text.
func Read(text []byte) (Request, error) {
	if len(text) > MaxHAR {
		return Request{}, errTooLong
	}
	decoded := decode(text)
	trimmed := strings.Trim(decoded, white)
	switch {
	case trimmed == "":
		return Request{}, errEmpty
	case trimmed[0] == '{' || trimmed[0] == '[':
		return readJSON(trimmed)
	case len(text) > MaxText:
		return Request{}, errTooLong
	case isKey(trimmed):
		return Request{}, ErrKey
	}
	// The body of a response keeps its trailing white space.
	r, err := read(strings.TrimLeft(decoded, white), trimmed)
	if err != nil {
		return Request{}, err
	}
	if strings.ContainsAny(r.URL, "“”‘’") {
		r.fault(faultTypographic)
	}
	return r, nil
}

// read reads text, which begins with trimmed. The certain forms come first: a transcript
// can begin with its command, and a URL can contain anything.
func read(text, trimmed string) (Request, error) {
	if unmarked, ok := unmark(trimmed); ok && !isTranscript(text) {
		return read(unmarked, unmarked)
	}
	line, rest := cutLine(text)
	_, isRequest := parseRequestLine(line)
	_, isResponse := parseStatusLine(line)
	switch {
	case isTranscript(text):
		return readTranscript(text)
	case isCommand(line):
		return readCommand(text)
	case isRequest:
		return readRequest(line, rest)
	case isResponse:
		return readResponse(text), nil
	case isJar(text):
		return readJar(text)
	case hasScheme(line):
		return readURL(trimmed)
	case isBody(line):
		return Request{Form: FormBody, Response: newResponse(0, nil, text)}, nil
	}
	if r, ok := readElement(trimmed); ok {
		return r, nil
	}
	if err := foreign(line); err != nil {
		return Request{}, err
	}
	if r, ok := readHeaders(trimmed); ok {
		return r, nil
	}
	for _, read := range []func(string) (Request, bool){readSetCookies, readCookies} {
		if r, ok := read(unwrap(trimmed)); ok {
			return r, nil
		}
	}
	if start := findLine(text, isCommand); start >= 0 {
		return readCommand(text[start:]) // below a comment or another command
	}
	for _, read := range []func(string) (Request, bool){readTable, readPairs, readPolicy} {
		if r, ok := read(trimmed); ok {
			return r, nil
		}
	}
	r, err := readURL(trimmed)
	if err != nil || beforeURL.MatchString(trimmed) {
		if within, ok := readWithin(trimmed); ok {
			return within, nil
		}
	}
	return r, err
}

// unmark removes the marks of lines that were received, as curl -v prints them. It reports
// false if another line has no mark.
func unmark(text string) (string, bool) {
	var b strings.Builder
	for line := range strings.Lines(text) {
		received, ok := strings.CutPrefix(line, "< ")
		if !ok || strings.HasPrefix(received, "<") {
			return "", false
		}
		b.WriteString(received)
	}
	return b.String(), b.Len() > 0
}

// findLine returns the start of the first line that is accepts, or -1.
func findLine(text string, is func(line string) bool) int {
	for start := 0; start < len(text); {
		line, rest := cutLine(text[start:])
		if is(line) {
			return start
		}
		start = len(text) - len(rest)
	}
	return -1
}

var foreignPattern = regexp.MustCompile(`(?i)\b(?:(invoke-webrequest|invoke-restmethod|WebRequestSession)\b|(fetch\()|(wget)\s)`)

// foreign returns an error for a command of another tool.
func foreign(line string) error {
	m := foreignPattern.FindStringSubmatchIndex(line)
	switch {
	case m == nil:
		return nil
	case m[2] >= 0:
		return errPowerShell
	case m[4] >= 0:
		return errFetch
	default:
		return errWget
	}
}

// isBody reports whether a line is the first line of an error document or page.
func isBody(line string) bool {
	starts := []string{"<?xml", "<error>", "<!doctype html", "<html"}
	return slices.ContainsFunc(starts, func(start string) bool { return strings.HasPrefix(strings.ToLower(line), start) })
}

// readURL reads a URL, and the headers or cookies below it.
func readURL(trimmed string) (Request, error) {
	trimmed = unwrap(trimmed)
	if isURL(trimmed) {
		return Request{Form: FormURL, URL: trimmed}, nil
	}
	line, rest := cutLine(trimmed)
	line, rest = unwrap(strings.TrimRight(line, " \t")), strings.Trim(rest, white)
	if rest == "" || !isURL(line) {
		return Request{}, errForm
	}
	if below, ok := readBelow(rest); ok {
		below.Form, below.URL = FormURLHeaders, line
		return below, nil
	}
	return joinURL(trimmed)
}

// readBelow reads what follows a URL.
func readBelow(text string) (Request, bool) {
	line, _ := cutLine(text)
	if _, ok := parseStatusLine(line); ok {
		return readResponse(text), true
	}
	if isBody(line) {
		return Request{Response: newResponse(0, nil, text)}, true
	}
	if r, ok := readHeaders(text); ok && r.URL == "" {
		return r, true
	}
	return readCookies(text)
}

// joinURL joins a URL that a mail program has wrapped. Browsers drop such line breaks
// too.
func joinURL(text string) (Request, error) {
	joined := ""
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || strings.ContainsAny(line, white) || i > 0 && strings.Contains(line, "://") {
			return Request{}, errLines
		}
		joined += line
	}
	return Request{Form: FormURL, URL: joined, Notes: []message.Text{noteWrapped}}, nil
}

// readCookies reads the values of Cookie headers without the name of the header.
func readCookies(text string) (Request, bool) {
	if !areCookies(strings.ReplaceAll(text, "\n", ";")) {
		return Request{}, false
	}
	r := Request{Form: FormCookies}
	for line := range strings.Lines(text) {
		r.Cookies = append(r.Cookies, CookieHeader(line)...)
	}
	return r, true
}

// readResponse reads a refusal, or a response that sets signed cookies.
func readResponse(text string) Request {
	status, fields, _ := headsOf(text)
	if login, ok := readLogin(status, fields, ""); ok {
		return login
	}
	r := Request{Form: FormResponse}
	r.setResponse(parseResponse(text))
	return r
}
