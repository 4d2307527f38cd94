// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto/ecdsa"
	"errors"
	"net/url"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// A predicate reports whether a rule applies to a failure.
type predicate func(e *examination, err error) bool

func all(predicates ...predicate) predicate {
	return func(e *examination, err error) bool {
		for _, p := range predicates {
			if !p(e, err) {
				return false
			}
		}
		return true
	}
}

func isReason(reason error) predicate {
	return func(_ *examination, err error) bool { return errors.Is(err, reason) }
}

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
	return strings.Contains(withoutQuery(e.request.URL), wire.ParamSignature+"=")
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

func hasBoth(one, other string) predicate {
	return func(e *examination, _ error) bool {
		_, hasOne := e.credential.values.lookup(one)
		_, hasOther := e.credential.values.lookup(other)
		return hasOne && hasOther
	}
}

// raw returns the value of a parameter as it was sent, also where it could not be
// read as part of a credential.
func (e *examination) raw(param string) string {
	if e.credential.cookies || e.credential.values.get(param) != "" {
		return e.credential.values.get(param)
	}
	_, query, _ := strings.Cut(e.request.URL, "?")
	for parameter := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(parameter, "="); name == param {
			return value
		}
	}
	return ""
}

// decoded returns the value of a parameter without its percent-encoding.
func (e *examination) decoded(param string) string {
	value, err := url.PathUnescape(e.raw(param))
	if err != nil {
		return e.raw(param)
	}
	return value
}

func isEncoded(param string) predicate {
	return func(e *examination, _ error) bool { return strings.Contains(e.raw(param), "%") }
}

func unpadded(param string) predicate {
	return func(e *examination, _ error) bool { return len(e.decoded(param))%4 != 0 }
}

func isHex(param string) predicate {
	return func(e *examination, _ error) bool {
		const shortest = 128 // of 64 bytes
		value := e.raw(param)
		return len(value) >= shortest && strings.Trim(strings.ToLower(value), "0123456789abcdef") == ""
	}
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

func (e *examination) keyPairID() string { return e.credential.values.get(wire.ParamKeyPairID) }

func keyBegins(prefixes ...string) predicate {
	return func(e *examination, _ error) bool {
		for _, prefix := range prefixes {
			if strings.HasPrefix(e.keyPairID(), prefix) {
				return true
			}
		}
		return false
	}
}

func keyIsUUID(e *examination, _ error) bool {
	return len(e.keyPairID()) == 36 && strings.Count(e.keyPairID(), "-") == 4
}

func keyIsPEM(e *examination, _ error) bool {
	return len(e.keyPairID()) > 64 || strings.Contains(e.keyPairID(), "BEGIN")
}

func keyIsEmpty(e *examination, _ error) bool {
	id, sent := e.credential.values.lookup(wire.ParamKeyPairID)
	return sent && id == ""
}

func keyIsUnset(e *examination, _ error) bool {
	switch e.keyPairID() {
	case "undefined", "null", "nil", "None", "NaN", "false":
		return true
	}
	return false
}

// keyIsDistribution: those of distributions have the form of those of keys, but for the
// first letter.
func keyIsDistribution(e *examination, _ error) bool {
	return len(e.keyPairID()) >= 13 && len(e.keyPairID()) <= 14 && strings.HasPrefix(e.keyPairID(), "E")
}

func keyIsLower(e *examination, _ error) bool {
	upper := strings.ToUpper(e.keyPairID())
	return strings.HasPrefix(upper, "K") && len(upper) >= 13 && e.keyPairID() == strings.ToLower(upper)
}

func keyIsNone(e *examination, _ error) bool { return keys.CheckID(e.keyPairID()) != nil }

// isUnset: what JavaScript and templates write for a value that is none.
func isUnset(param string) predicate {
	return func(e *examination, _ error) bool {
		value := e.decoded(param)
		return value == "undefined" || value == "null" || strings.HasPrefix(value, "[object")
	}
}

// encodedQuery: somebody encoded the signed URL once more.
func encodedQuery(e *examination, _ error) bool {
	return strings.Contains(e.request.URL, "Signature%3D")
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

func resourceHasBackslash(e *examination, err error) bool {
	return errors.Is(err, policy.ErrCharacter) && strings.Contains(string(e.document), `\\?`)
}

// folderWithoutAsterisk: https://cdn.example.com/videos/ is one URL.
func folderWithoutAsterisk(e *examination, _ error) bool {
	resource := e.policy.Resource().String()
	return strings.HasSuffix(resource, "/") && strings.HasPrefix(e.credential.url, resource)
}

func cannedWildcard(e *examination, _ error) bool {
	return e.credential.isCanned() && strings.Contains(e.credential.url, "*")
}

func isCannedMalformed(e *examination, err error) bool {
	return e.credential.isCanned() && errors.Is(err, ErrMalformedPolicy)
}

func isCannedTime(e *examination, err error) bool {
	return e.credential.isCanned() && errors.Is(err, policy.ErrTime)
}

func hashIsUnnamed(e *examination, _ error) bool {
	_, named := e.credential.values.lookup(wire.ParamHashAlgorithm)
	return !named
}

// rawECDSA: 64 bytes are the length of no other signature.
func rawECDSA(e *examination, _ error) bool { return len(e.signature) == 64 }

func tooShort(e *examination, _ error) bool {
	const shortestECDSA = 64 // r and s are seldom a byte or two shorter
	if _, isECDSA := e.key.(*ecdsa.PublicKey); isECDSA {
		return len(e.signature) < shortestECDSA
	}
	return len(e.signature) < 256
}

func otherSize(e *examination, _ error) bool {
	const rsaSize, longestECDSA = 256, 72
	if _, isECDSA := e.key.(*ecdsa.PublicKey); isECDSA {
		return len(e.signature) > longestECDSA
	}
	return len(e.signature) != rsaSize
}

func cannedCookies(e *examination, _ error) bool {
	return e.credential.cookies && e.credential.isCanned()
}

func isCannedURL(e *examination, _ error) bool { return e.credential.isCanned() }

func isDuration(e *examination, _ error) bool {
	const longestDuration = 10 * 365 * 24 * 60 * 60
	return e.policy.Expires().Unix() <= longestDuration
}

func expiredJustNow(e *examination, _ error) bool {
	const few = 5 * 60
	return e.now.Unix()-e.policy.Expires().Unix() <= few
}

func viewerUnknown(e *examination, _ error) bool { return !e.request.ViewerIP.IsValid() }

func viewerIsIPv6(e *examination, _ error) bool { return e.request.ViewerIP.Unmap().Is6() }

func cookiesAnyScheme(e *examination, _ error) bool {
	scheme, _, _ := strings.Cut(e.policy.Resource().String(), "://")
	return e.credential.cookies && strings.Contains(scheme, "*")
}

func urlIsS3(e *examination, _ error) bool {
	u, err := url.Parse(withoutQuery(e.credential.url))
	return err == nil && strings.HasSuffix(u.Hostname(), ".amazonaws.com")
}

func differs(section policy.Section) predicate {
	return func(_ *examination, err error) bool {
		var mismatch *policy.NotCoveredError
		return errors.As(err, &mismatch) && mismatch.Section == section
	}
}

// downgraded: https was signed, and http is requested.
func downgraded(e *examination, err error) bool {
	return differs(policy.SectionScheme)(e, err) && strings.HasPrefix(e.credential.url, "http://")
}

func onlyPlaylist(e *examination, err error) bool {
	return differs(policy.SectionPath)(e, err) && isPlaylist(e.policy.Resource().String()) && !isPlaylist(e.credential.url)
}

// isSegment: a player asks for these by itself, as the playlist names them.
func isSegment(e *examination, _ error) bool {
	path := withoutQuery(e.request.URL)
	for _, extension := range []string{".ts", ".m4s", ".m4a", ".m4v", ".aac", ".vtt", ".webvtt", ".cmfv", ".cmfa", ".cmft"} {
		if strings.HasSuffix(path, extension) {
			return true
		}
	}
	return false
}

func isPlaylist(rawURL string) bool {
	path := withoutQuery(rawURL)
	return strings.HasSuffix(path, ".m3u8") || strings.HasSuffix(path, ".mpd")
}
