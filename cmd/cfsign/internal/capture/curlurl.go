// SPDX-License-Identifier: Apache-2.0

package capture

import "strings"

// setURL sets the URL that curl requests.
func (c *curlCommand) setURL() error {
	url, err := c.writtenURL()
	if err != nil {
		return err
	}
	if url, err = c.withQuery(url); err != nil {
		return err
	}
	url = c.unglob(url)
	if !hasScheme(url) && !strings.Contains(url, "://") {
		c.fault(faultScheme)
		url = "http://" + url
	}
	c.URL = c.withHost(url)
	_, _, path := splitURL(c.URL)
	if !c.asIs && strings.Contains(strings.ReplaceAll(path+"/", "/../", "/./"), "/./") {
		c.fault(faultDots)
	}
	return nil
}

// writtenURL returns the first URL. A word that can be the argument of an unknown option
// must look like a URL, and be the only one.
func (c *curlCommand) writtenURL() (string, error) {
	urls := c.urls
	for _, w := range c.doubtful {
		if !strings.Contains(w.text, "://") {
			continue
		}
		if len(urls) > 0 {
			return "", errOption
		}
		urls = append(urls, w)
	}
	switch {
	case len(urls) == 0:
		return "", errNoURL
	case urls[0].open:
		return "", errVariable
	case urls[0].text == "":
		return "", errNoURL
	case len(urls) > 1:
		c.note(noteSeveralURLs)
	}
	return urls[0].text, nil
}

// withQuery returns the URL with the data that -G puts into its query.
func (c *curlCommand) withQuery(url string) (string, error) {
	data := c.query
	if c.get {
		data = append(data, c.data...)
	}
	if len(data) == 0 {
		return url, nil
	}
	url, _, _ = strings.Cut(url, "#") // curl does not send the fragment
	var parts []string
	for _, d := range data {
		part, err := d.encode()
		if err != nil {
			return "", err
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	query := strings.Join(parts, "&")
	switch {
	case query == "", strings.HasSuffix(url, "?"), strings.HasSuffix(url, "&"):
		return url + query, nil
	case strings.Contains(url, "?"):
		return url + "&" + query, nil
	default:
		return url + "?" + query, nil
	}
}

// encode returns a datum as curl writes it into a query.
func (d datum) encode() (string, error) {
	text := d.word.text
	if d.word.open {
		return "", errVariable
	}
	switch d.option {
	case "data-urlencode":
		return urlEncode(text)
	case "url-query":
		if strings.HasPrefix(text, "+") {
			return text[1:], nil
		}
		return urlEncode(text)
	case "data-raw":
		return text, nil
	}
	if strings.HasPrefix(text, "@") {
		return "", errFile
	}
	return text, nil
}

// urlEncode encodes text, or only the part after "name=".
func urlEncode(text string) (string, error) {
	i := strings.IndexAny(text, "=@")
	if i < 0 {
		return escape(text), nil
	}
	if text[i] == '@' {
		return "", errFile
	}
	if i == 0 {
		return escape(text[1:]), nil
	}
	return text[:i+1] + escape(text[i+1:]), nil
}

// escape percent-encodes like curl, with lower-case digits, unlike net/url.
func escape(text string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for i := range len(text) {
		switch character := text[i]; {
		case character == ' ':
			b.WriteByte('+')
		case strings.IndexByte(unreserved, character) >= 0:
			b.WriteByte(character)
		default:
			b.Write([]byte{'%', digits[character>>4], digits[character&15]})
		}
	}
	return b.String()
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// unglob removes the backslashes that keep curl from expanding brackets.
func (c *curlCommand) unglob(url string) string {
	if c.globOff {
		return url
	}
	bare := globEscapes.Replace(url)
	_, authority, _ := splitURL(url)
	rest := strings.Replace(url, authority, "", 1) // [::1] is an address
	if strings.ContainsAny(globEscaped.Replace(rest), "{}[]") {
		c.fault(faultGlob)
	}
	return bare
}

var (
	globEscapes = strings.NewReplacer(`\{`, "{", `\}`, "}", `\[`, "[", `\]`, "]")
	globEscaped = strings.NewReplacer(`\{`, "", `\}`, "", `\[`, "", `\]`, "")
)

// withHost returns the URL as CloudFront sees it, with the host of the Host header.
func (c *curlCommand) withHost(url string) string {
	for _, h := range c.headers {
		f, ok := parseField(h)
		if !ok || f.value == "" || !strings.EqualFold(f.name, "Host") {
			continue
		}
		if _, authority, _ := splitURL(url); !strings.EqualFold(authority, f.value) {
			c.fault(faultHost)
			return withAuthority(url, f.value)
		}
	}
	return url
}
