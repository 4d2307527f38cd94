// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

// ReadCookies returns the cookies that a text has for a request to url at that time: a Cookie
// header with or without its name, Set-Cookie lines, a response or transcript that sets them,
// a cookie file, all that cfsign cookies and "aws cloudfront sign-cookies" print, and all
// else with cookies that [Read] accepts. With a cookie file, it also returns the CloudFront
// cookies that a client would not send.
//
// It returns an error for a text without cookies, because a text that is not read must not look like
// a request without cookies, and for a text with more than [MaxText] bytes.
func ReadCookies(text []byte, url string, now time.Time) (Request, []UnsentCookie, error) {
	if len(text) > MaxText {
		return Request{}, nil, errLongCookies
	}
	decoded := decode(text)
	trimmed := strings.Trim(decoded, white)
	switch {
	case trimmed == "":
		return Request{}, nil, errNoCookies
	case isKey(trimmed):
		return Request{}, nil, ErrKey
	case isJar(trimmed):
		sent, unsent, err := CookieJar([]byte(trimmed), url, now)
		return Request{Form: FormJar, Cookies: sent}, unsent, err
	}
	if r, err := Read(text); err == nil && len(r.Cookies) > 0 {
		return r, nil, nil
	}
	if isCookieHeader(trimmed) {
		return Request{Form: FormCookies, Cookies: CookieHeader(trimmed)}, nil, nil
	}
	return Request{}, nil, errNoCookies
}

// isCookieHeader reports whether a text of one line can be a Cookie header, perhaps without
// any cookie for CloudFront.
func isCookieHeader(text string) bool {
	if strings.ContainsAny(text, "\r\n") || text[0] == '{' || text[0] == '[' || text[0] == '<' || hasScheme(text) {
		return false
	}
	cookies := CookieHeader(text)
	for _, c := range cookies {
		if c.Name == "" || strings.ContainsAny(c.Name, white+"/?:<>{}\"'") || !strings.Contains(text, c.Name+"=") {
			return false
		}
	}
	return len(cookies) > 0
}

// pairPattern matches a cookie for CloudFront in a text of another tool: JSON and the literals
// of programming languages, YAML, a table, a configuration of curl, or an assignment of a
// shell.
var pairPattern = regexp.MustCompile(`(?:CloudFront-(Policy|Expires|Signature|Key-Pair-Id|Hash-Algorithm)|CLOUDFRONT_(POLICY|EXPIRES|SIGNATURE|KEY_PAIR_ID|HASH_ALGORITHM))["'` + "`" + `]?(?:[ \t]*(?::|=>|=|\||,)[ \t]*["'` + "`" + `]?|[ \t]*(?::|=>)\s*["'` + "`" + `])([^\s"'` + "`" + `;,|{}\[\]()<>]+)`)

var (
	// pairComment matches a line without cookies.
	pairComment = regexp.MustCompile(`(?m)^[ \t]*#.*$`)
	// pairWords are around cookies in those texts.
	pairWords = regexp.MustCompile(`(?i)\b(?:b|h|header|cookies?|export|setx?|declare -x|const|let|var|SignCookies|env|array|dict|map|name|value)\b`)
	words     = regexp.MustCompile(`[\pL\pN]`)
)

// readPairs reads a text that has cookies for CloudFront and nothing else. It reports false if
// the text has any other word.
func readPairs(text string) (Request, bool) {
	text = pairComment.ReplaceAllString(text, "")
	matches := pairPattern.FindAllStringSubmatch(text, -1)
	rest := pairWords.ReplaceAllString(pairPattern.ReplaceAllString(text, ""), "")
	if len(matches) == 0 || words.MatchString(rest) {
		return Request{}, false
	}
	r := Request{Form: FormCookieText}
	for _, m := range matches {
		name := m[1]
		if name == "" {
			name = cookieName(m[2])
		}
		r.Cookies = append(r.Cookies, &http.Cookie{Name: "CloudFront-" + name, Value: m[3]})
	}
	return r, true
}

// readTable reads lines that were copied from a browser's table of cookies: name, value, domain
// and path, separated by tabs.
func readTable(text string) (Request, bool) {
	r := Request{Form: FormCookieText}
	for line := range strings.Lines(text) {
		columns := strings.Split(strings.Trim(line, white), "\t")
		if len(columns) < 2 || !isCookieName(columns[0]) {
			return Request{}, false
		}
		c := newCookie(columns[0] + "=" + columns[1])
		if len(columns) < 4 || !strings.HasPrefix(columns[3], "/") {
			r.Cookies = append(r.Cookies, c)
			continue
		}
		c.Path = columns[3]
		if domain, ok := strings.CutPrefix(columns[2], "."); ok {
			c.Domain = domain
		} else {
			r.SetBy = domain
		}
		c.Secure = true // not known here
		r.addSetCookie(c)
	}
	return r, len(r.Cookies) > 0
}

// cookieName returns the end of the name of a cookie, from its form in the environment.
func cookieName(upper string) string {
	words := strings.Split(strings.ToLower(upper), "_")
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "-")
}

// readJar reads a cookie file without a URL. All its cookies count, and their attributes are
// known.
func readJar(text string) (Request, error) {
	entries, err := parseJar([]byte(text))
	if err != nil {
		return Request{}, errJarText
	}
	r := Request{Form: FormJar}
	for _, e := range entries {
		r.Cookies = append(r.Cookies, e.cookie())
		c := e.cookie()
		c.Path, c.Secure, c.HttpOnly = e.path, e.secure, true
		if e.subdomains {
			c.Domain = e.domain
		} else {
			r.SetBy = e.domain
		}
		if e.expires != 0 {
			c.Expires = time.Unix(e.expires, 0).UTC()
		}
		if isCloudFront(c.Name) {
			r.SetCookies = append(r.SetCookies, c)
		}
	}
	if len(r.SetCookies) == 0 {
		return Request{}, errJarText
	}
	return r, nil
}
