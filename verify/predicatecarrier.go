// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"net/url"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

func urlHas(part string) predicate {
	return func(e *examination, _ error) bool { return strings.Contains(e.request.URL, part) }
}

func urlHasAny(characters string) predicate {
	return func(e *examination, _ error) bool { return strings.ContainsAny(e.request.URL, characters) }
}

// notURL: without a scheme and a host there is nothing to request.
func notURL(e *examination, _ error) bool {
	return !strings.HasPrefix(e.request.URL, "https://") && !strings.HasPrefix(e.request.URL, "http://")
}

// inPath: somebody wrote & or ; for the question mark.
func inPath(e *examination, _ error) bool {
	return strings.Contains(wire.WithoutQuery(e.request.URL), wire.ParamSignature+"=")
}

// wrongCase: parameters whose names are right but for their case.
func wrongCase(e *examination, _ error) bool {
	_, query, _ := strings.Cut(e.request.URL, "?")
	for parameter := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(parameter, "=")
		for _, cookie := range wire.CookieNames() {
			if right := wire.ParamName(cookie); name != right && strings.EqualFold(name, right) {
				return true
			}
		}
	}
	return false
}

func tooLong(e *examination, _ error) bool { return len(e.request.URL) > wire.MaxURL }

// encodedQuery: somebody encoded the signed URL once more.
func encodedQuery(e *examination, _ error) bool {
	return strings.Contains(e.request.URL, "Signature%3D")
}

// cookiesHidden: the cookies are there, and a parameter of the application's, which
// is no whole credential, has a reserved name.
func cookiesHidden(e *examination, _ error) bool {
	cookies, err := fromCookies(e.request.Cookies)
	if err != nil || cookies.get(wire.ParamKeyPairID) == "" || cookies.get(wire.ParamSignature) == "" {
		return false
	}
	return e.raw(wire.ParamSignature) == "" || e.raw(wire.ParamKeyPairID) == ""
}

func someInURL(e *examination, _ error) bool {
	return !e.credential.cookies && len(e.credential.values) > 0
}

func someCookies(e *examination, _ error) bool {
	return e.credential.cookies && len(e.credential.values) > 0
}

func wrongCaseCookies(e *examination, _ error) bool {
	for _, cookie := range e.request.Cookies {
		for _, right := range wire.CookieNames() {
			if cookie != nil && cookie.Name != right && strings.EqualFold(cookie.Name, right) {
				return true
			}
		}
	}
	return false
}

func urlIsS3(e *examination, _ error) bool {
	u, err := url.Parse(wire.WithoutQuery(e.credential.url))
	return err == nil && strings.HasSuffix(u.Hostname(), ".amazonaws.com")
}

// isSegment: a player asks for these by itself, as the playlist names them.
func isSegment(e *examination, _ error) bool {
	path := wire.WithoutQuery(e.request.URL)
	for _, extension := range []string{".ts", ".m4s", ".m4a", ".m4v", ".aac", ".vtt", ".webvtt", ".cmfv", ".cmfa", ".cmft"} {
		if strings.HasSuffix(path, extension) {
			return true
		}
	}
	return false
}

func isPlaylist(rawURL string) bool {
	path := wire.WithoutQuery(rawURL)
	return strings.HasSuffix(path, ".m3u8") || strings.HasSuffix(path, ".mpd")
}
