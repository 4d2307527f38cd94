// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
)

// An innerURL is a signed URL that is part of another URL: a parameter of a viewer's page
// or of an image proxy.
type innerURL struct {
	url       string
	isEncoded bool
}

// explainInner explains a signed URL in the URL of the request, if that is why the request
// failed. It returns "" otherwise.
func (x explanation) explainInner(failed CheckName) string {
	if !x.outermost || urlHasNoScheme(x.evaluation, nil) {
		return ""
	}
	if failed == CheckCredential && x.credential.values.isEmpty() {
		if inner, ok := encodedInner(x.request.URL); ok {
			return inner.sentence(x.reportOn(inner))
		}
	}
	inner, ok := plainInner(x.request.URL)
	if !ok || !x.reaches(inner, failed) {
		return ""
	}
	return inner.sentence(x.reportOn(inner))
}

var (
	plainURLInURL = advice{
		"A signed URL is part of this URL, but it is not encoded, so its parameters became parameters of this URL",
		"write it there with encodeURIComponent",
	}
	encodedURLInURL = advice{
		"A signed URL is part of this URL, encoded as it should be, and CloudFront checks its signature when it is requested itself",
		"look at the inner URL. The outer one needs a signature of its own only if its own host and path restrict access",
	}
)

// sentence says what the inner URL is, and what a report says about it.
func (u innerURL) sentence(report Report) string {
	a := plainURLInURL
	if u.isEncoded {
		a = encodedURLInURL
	}
	text := a.sentence(false) + " The inner URL: " + report.Summary() + "."
	if report.Hint != "" {
		text += " " + report.Hint
	}
	return text
}

// reportOn explains the inner URL, with the same keys and at the same time.
func (x explanation) reportOn(inner innerURL) Report {
	v := *x.verifier
	v.Clock = func() time.Time { return x.now }
	return v.explain(Request{URL: inner.url, ViewerIP: x.request.ViewerIP}, false)
}

// reaches reports whether the inner URL passes the check that the outer one has failed.
func (x explanation) reaches(inner innerURL, failed CheckName) bool {
	e := &evaluation{verifier: x.verifier, request: Request{URL: inner.url, ViewerIP: x.request.ViewerIP}, now: x.now}
	for _, name := range checks {
		if x.keyless && (name == CheckKey || name == CheckSignature) {
			continue
		}
		if e.run(name) != nil {
			return false
		}
		if name == failed {
			return true
		}
	}
	return false
}

// encodedInner finds a signed URL that is encoded as a parameter or as a part of the path,
// perhaps several times.
func encodedInner(rawURL string) (innerURL, bool) {
	const most = 3 // layers of encoding
	for part := range strings.FieldsFuncSeq(rawURL, func(r rune) bool { return strings.ContainsRune("?&/=;#", r) }) {
		for range most {
			decoded := unescapeLoosely(part)
			if decoded == part {
				break
			}
			if part = decoded; isSignedURL(part) {
				return innerURL{part, true}, true
			}
		}
	}
	return innerURL{}, false
}

// plainInner finds a signed URL that stands in another one as it is.
func plainInner(rawURL string) (innerURL, bool) {
	const most = 3 // URLs in URLs
	rest := rawURL
	for range most {
		next := strings.Index(rest[min(1, len(rest)):], "http")
		if next < 0 {
			break
		}
		if rest = rest[1+next:]; isSignedURL(rest) {
			return innerURL{rest, false}, true
		}
	}
	return innerURL{}, false
}

func isSignedURL(rawURL string) bool {
	if !strings.HasPrefix(rawURL, "https://") && !strings.HasPrefix(rawURL, "http://") {
		return false
	}
	c, err := fromURL(rawURL)
	return err == nil && c.values.get(wire.ParamSignature) != "" && c.values.get(wire.ParamKeyPairID) != ""
}
