// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"net/http"
	"strings"
)

// A curlCommand is the first request of a curl command.
type curlCommand struct {
	Request
	urls     []word
	doubtful []word // the URL, or the argument of an unknown option
	headers  []string
	cookies  []string // arguments of -b
	query    []datum  // arguments of --url-query
	data     []datum
	method   string
	get      bool
	head     bool
	upload   bool
	globOff  bool
	asIs     bool
	done     bool
	err      error
}

// A datum is a part of a body or, with -G, of the query.
type datum struct {
	option string
	word   word
}

// readCurl reads the words of a curl command. The first word is curl itself.
func readCurl(words []word) (Request, error) {
	c := curlCommand{Request: Request{Form: FormCurl}}
	c.parse(words[1:])
	if c.err != nil {
		return Request{}, c.err
	}
	if err := c.setURL(); err != nil {
		return Request{}, err
	}
	c.setHeaders()
	c.Method = c.resolveMethod()
	return c.Request, nil
}

// parse sorts the arguments.
func (c *curlCommand) parse(words []word) {
	onlyURLs := false
	for len(words) > 0 && !c.done && c.err == nil {
		w := words[0]
		words = words[1:]
		switch {
		case onlyURLs || len(w.text) < 2 || w.text[0] != '-':
			c.urls = append(c.urls, w)
		case w.open && !isLiteralOption(w):
			c.err = errVariable
		case w.text == "--":
			onlyURLs = true
		case strings.HasPrefix(w.text, "--"):
			words = c.long(w, words)
		default:
			words = c.short(w, words)
		}
	}
}

// isLiteralOption reports whether an open word is a short option with its argument, as
// -H"X: $Y". Only the argument can be open.
func isLiteralOption(w word) bool {
	return len(w.text) > 2 && shortWithArgument[w.text[1]] != ""
}

// long reads a long option, and returns the words after it and its argument.
func (c *curlCommand) long(w word, rest []word) []word {
	name := w.text[2:]
	switch {
	case takesArgument(name):
		if len(rest) > 0 {
			c.argument(name, rest[0])
			rest = rest[1:]
		}
	case isFlag(name):
		c.flag(name)
	default:
		c.note(noteOption)
		if len(rest) > 0 && !strings.HasPrefix(rest[0].text, "-") {
			c.doubtful = append(c.doubtful, rest[0])
			rest = rest[1:]
		}
	}
	return rest
}

// short reads a word of short options: flags, and perhaps an option whose argument is
// the rest of the word or the next word.
func (c *curlCommand) short(w word, rest []word) []word {
	for i := 1; i < len(w.text); i++ {
		name, ok := shortWithArgument[w.text[i]]
		if !ok {
			c.flag(shortFlags[w.text[i]])
			continue
		}
		if i+1 < len(w.text) || w.open {
			c.argument(name, word{w.text[i+1:], w.open})
		} else if len(rest) > 0 {
			c.argument(name, rest[0])
			rest = rest[1:]
		}
		return rest
	}
	return rest
}

func (c *curlCommand) flag(name string) {
	switch name {
	case "get":
		c.get = true
	case "head":
		c.head = true
	case "globoff":
		c.globOff = true
	case "path-as-is":
		c.asIs = true
	case "ipv4", "ipv6": // the last one counts
		c.OverIPv6 = name == "ipv6"
	case "next":
		c.note(noteSeveralURLs)
		c.done = true
	}
}

func (c *curlCommand) argument(name string, w word) {
	switch name {
	case "url":
		c.urls = append(c.urls, w)
	case "header":
		c.header(w)
	case "cookie":
		c.cookie(w)
	case "config":
		c.fault(faultConfigFile)
	case "request":
		c.method = w.text
	case "range":
		c.headers = append(c.headers, "Range: bytes="+w.text)
	case "user-agent":
		c.headers = append(c.headers, "User-Agent: "+w.text)
	case "referer":
		c.headers = append(c.headers, "Referer: "+strings.TrimSuffix(w.text, ";auto"))
	case "url-query":
		c.query = append(c.query, datum{name, w})
	case "data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json", "form", "form-string":
		c.data = append(c.data, datum{name, w})
	case "upload-file":
		c.upload = true
	}
}

// header reads the argument of -H. Variables matter only in headers that affect access.
func (c *curlCommand) header(w word) {
	f, ok := parseField(w.text)
	switch {
	case strings.HasPrefix(w.text, "@"):
		c.fault(faultHeaderFile)
	case w.open && (!ok || strings.EqualFold(f.name, "Cookie") || strings.EqualFold(f.name, "Host")):
		c.err = errVariable
	case !w.open:
		c.headers = append(c.headers, w.text)
	}
}

func (c *curlCommand) cookie(w word) {
	switch {
	case w.open && (w.text == "" || strings.Contains(w.text, "=")):
		c.err = errVariable
	case w.text == "": // turns curl's cookie engine on
	case strings.Contains(w.text, "="):
		c.cookies = append(c.cookies, w.text)
	default:
		c.fault(faultCookieFile)
	}
}

func (c *curlCommand) resolveMethod() string {
	switch {
	case c.method != "":
		return c.method
	case c.head:
		return http.MethodHead
	case c.upload:
		return http.MethodPut
	case len(c.data) > 0 && !c.get:
		return http.MethodPost
	default:
		return http.MethodGet
	}
}

// setHeaders adds the headers as curl sends them. "Name:" removes a default header of
// curl; "Name;" is sent without a value.
func (c *curlCommand) setHeaders() {
	own := false
	for _, h := range c.headers {
		f, ok := parseField(h)
		if name, isEmpty := strings.CutSuffix(h, ";"); !ok && isEmpty {
			f, ok = parseField(name + ":")
		} else if ok && f.value == "" {
			own = own || strings.EqualFold(f.name, "Cookie")
			continue
		}
		if !ok {
			continue
		}
		own = own || strings.EqualFold(f.name, "Cookie")
		c.addField(f)
	}
	if own && len(c.cookies) > 0 {
		c.fault(faultCookieTwice)
		return
	}
	for _, value := range c.cookies {
		c.Cookies = append(c.Cookies, CookieHeader(value)...)
	}
}
