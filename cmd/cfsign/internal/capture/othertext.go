// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"encoding/base64"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/internal/wire"
)

// isPolicy reports whether JSON is meant as a policy document.
func isPolicy(text string) bool {
	return strings.HasPrefix(text, "{") && strings.Contains(text, "Statement") && strings.Contains(text, "Condition")
}

// readPolicy reads a policy document in base64, in any of its alphabets, as it stands in a URL
// or a cookie.
func readPolicy(text string) (Request, bool) {
	text = strings.TrimPrefix(unwrap(text), "Policy=")
	if unescaped, err := url.PathUnescape(text); err == nil {
		text = unescaped
	}
	if strings.Trim(text, base64Characters+white) != "" {
		return Request{}, false
	}
	text = strings.Join(strings.Fields(text), "")
	for _, decode := range []func(string) ([]byte, error){
		wire.Decode, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		document, err := decode(text)
		if trimmed := strings.Trim(string(document), white); err == nil && isPolicy(trimmed) {
			return Request{Form: FormPolicy, Policy: document}, true
		}
	}
	return Request{}, false
}

const base64Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_~"

var (
	elementPattern   = regexp.MustCompile(`^<[A-Za-z][A-Za-z0-9-]*[\s>]`)
	attributeValue   = regexp.MustCompile(`[A-Za-z-]+\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)
	urlWithinText    = regexp.MustCompile(`https?://[^\s"'<>` + "`" + `]+`)
	beforeURL        = regexp.MustCompile(`^(?:[\pL_$][^\s%:/?]*[=(:]["'(]*|!?\[[^\]]*\]\()https?://`) // an assignment, a style sheet, Markdown
	endOfASentence   = ".,;:!?)]}"
	srcsetDescriptor = regexp.MustCompile(`\s+[0-9.]+[wx]\s*(?:,|$)`)
)

// readElement reads the URL in an HTML element, such as an image or a link, as a browser does.
func readElement(text string) (Request, bool) {
	if !elementPattern.MatchString(text) {
		return Request{}, false
	}
	var found []string
	for _, m := range attributeValue.FindAllStringSubmatch(text, -1) {
		value := html.UnescapeString(m[1] + m[2] + m[3])
		for _, candidate := range srcsetDescriptor.Split(value, -1) {
			if candidate = strings.Trim(candidate, white); isSigned(candidate) && hasScheme(candidate) {
				found = append(found, candidate)
			}
		}
	}
	return oneSigned(found, Request{Form: FormElement})
}

// readWithin reads the only signed URL in a text of other words.
func readWithin(text string) (Request, bool) {
	var found []string
	for _, candidate := range urlWithinText.FindAllString(text, -1) {
		if isSigned(candidate) {
			found = append(found, strings.TrimRight(candidate, endOfASentence))
		}
	}
	return oneSigned(found, Request{Form: FormURL, Notes: []message.Text{noteWithin}})
}

func oneSigned(urls []string, r Request) (Request, bool) {
	slices.Sort(urls)
	if urls = slices.Compact(urls); len(urls) != 1 {
		return Request{}, false
	}
	r.URL = urls[0]
	return r, true
}
