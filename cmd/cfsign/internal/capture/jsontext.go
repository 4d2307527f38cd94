// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// readJSON reads a policy document, a HAR file, or JSON with cookies or a URL in it, such as
// the output of "aws cloudfront sign-cookies" or the answer of an API.
func readJSON(text string) (Request, error) {
	if isPolicy(text) {
		return Request{Form: FormPolicy, Policy: []byte(text)}, nil
	}
	r, err := readHAR(text)
	if err == nil && len(r.Cookies) > 0 || err != nil && !isOtherJSON(err) {
		return r, err
	}
	found, foundErr := findInJSON(text)
	switch {
	case foundErr == nil && err == nil: // a request whose cookies are elsewhere
		r.Cookies, r.SetCookies = found.Cookies, found.SetCookies
		return r, nil
	case foundErr == nil:
		return found, nil
	case err == nil:
		return r, nil
	case errors.Is(foundErr, errSeveralURLs):
		return Request{}, foundErr
	}
	if literal, ok := readLiteral(text); ok {
		return literal, nil
	}
	return Request{}, err
}

// readLiteral reads a value as a programming language prints it.
func readLiteral(text string) (Request, bool) {
	if len(text) > MaxText {
		return Request{}, false
	}
	if r, ok := readPairs(text); ok {
		return r, true
	}
	return readSetCookies(text)
}

// isOtherJSON reports whether JSON that is not a HAR file can be something else.
func isOtherJSON(err error) bool {
	return errors.Is(err, errNoHAR) || errors.Is(err, errJSON) || errors.Is(err, errNoHARURL)
}

// A jsonFinder collects what is in JSON.
type jsonFinder struct {
	Request
	signed, unsigned []string // URLs
	depth            int
}

// findInJSON returns the cookies and the URL in JSON. It returns an error if there is neither,
// or if the URL is not clear.
func findInJSON(text string) (Request, error) {
	if len(text) > MaxText {
		return Request{}, errJSON
	}
	f := jsonFinder{Request: Request{Form: FormJSON}}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	for { // several values can follow each other
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Request{}, errJSON
		}
		f.walk(value)
	}
	urls := f.signed
	if len(urls) == 0 {
		urls = f.unsigned
	}
	switch {
	case len(urls) == 1:
		f.URL = urls[0]
	case len(urls) > 1 && (len(f.signed) > 0 || len(f.Cookies) == 0):
		return Request{}, errSeveralURLs
	case len(f.Cookies) == 0:
		return Request{}, errNoHAR
	}
	return f.Request, nil
}

func (f *jsonFinder) walk(value any) {
	const deepest = 100
	if f.depth++; f.depth > deepest {
		return
	}
	defer func() { f.depth-- }()
	switch v := value.(type) {
	case map[string]any:
		if f.cookieObject(v) {
			return
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if text := scalar(v[key]); text != "" && isCookieName(key) {
				f.Cookies = append(f.Cookies, newCookie(key+"="+text))
				continue
			}
			f.walk(v[key])
		}
	case []any:
		for _, element := range v {
			f.walk(element)
		}
	case string:
		f.text(v)
	}
}

// cookieObject reads a cookie as browsers, their extensions and test frameworks write it: an
// object with a name and a value.
func (f *jsonFinder) cookieObject(object map[string]any) bool {
	members := map[string]any{}
	for key, value := range object {
		members[strings.ToLower(key)] = value
	}
	name, value := scalar(members["name"]), scalar(members["value"])
	if !isCookieName(name) {
		return false
	}
	c := newCookie(name + "=" + value)
	_, hasDomain := members["domain"]
	_, hasPath := members["path"]
	for key, value := range members {
		switch v := value.(type) {
		case bool:
			if v {
				setAttribute(c, key, "")
			}
		case string:
			setAttribute(c, key, v)
		}
	}
	if !hasDomain && !hasPath {
		f.Cookies = append(f.Cookies, c)
		return true
	}
	if hostOnly, _ := members["hostonly"].(bool); hostOnly {
		f.SetBy, c.Domain = c.Domain, ""
	}
	f.addSetCookie(c)
	return true
}

// text reads a string: JSON within JSON, cookies or a URL.
func (f *jsonFinder) text(text string) {
	text = strings.Trim(text, white)
	var inner any
	switch {
	case strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &inner) == nil:
		f.walk(inner)
	case hasScheme(text) && !strings.ContainsAny(text, " \n"):
		list := &f.unsigned
		if isSigned(text) {
			list = &f.signed
		}
		if !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	default:
		if r, ok := readSetCookies(text); ok {
			f.Cookies, f.SetCookies = append(f.Cookies, r.Cookies...), append(f.SetCookies, r.SetCookies...)
		} else if areCookies(text) {
			f.Cookies = append(f.Cookies, CookieHeader(text)...)
		}
	}
}

// isCookieName reports whether name is the name of a signed cookie.
func isCookieName(name string) bool {
	switch name {
	case "CloudFront-Policy", "CloudFront-Expires", "CloudFront-Signature", "CloudFront-Key-Pair-Id", "CloudFront-Hash-Algorithm":
		return true
	}
	return false
}

// scalar returns a string or a number as text, or "".
func scalar(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return fmt.Sprint(v)
	}
	return ""
}

// isSigned reports whether a URL has a parameter that only signed URLs have.
func isSigned(url string) bool {
	return strings.Contains(url, "Key-Pair-Id=") || strings.Contains(url, "Signature=")
}
