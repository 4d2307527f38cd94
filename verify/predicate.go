// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto/ecdsa"
	"errors"
	"net/url"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A predicate reports whether a rule applies to a failure.
type predicate func(e *examination, err error) bool

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

func cookiesHidden(e *examination, _ error) bool {
	if !someInURL(e, nil) {
		return false
	}
	values, err := fromCookies(e.request.Cookies)
	return err == nil && values.get(wire.ParamKeyPairID) != "" && values.get(wire.ParamSignature) != ""
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

func keyIsUnset(e *examination, _ error) bool {
	switch e.keyPairID() {
	case "undefined", "null", "nil", "None", "NaN", "false":
		return true
	}
	return false
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

// rawECDSA: 64 bytes do not begin as DER does.
func rawECDSA(e *examination, _ error) bool {
	_, isECDSA := e.key.(*ecdsa.PublicKey)
	return isECDSA && len(e.signature) == 64
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

func onlyPlaylist(e *examination, err error) bool {
	resource := withoutQuery(e.policy.Resource().String())
	return differs(policy.SectionPath)(e, err) && (strings.HasSuffix(resource, ".m3u8") || strings.HasSuffix(resource, ".mpd"))
}
