// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A symptom reports whether a failed request looks in a certain way. err is the error
// of the check that failed.
type symptom func(e *evaluation, err error) bool

func both(one, other symptom) symptom {
	return func(e *evaluation, err error) bool { return one(e, err) && other(e, err) }
}

func either(one, other symptom) symptom {
	return func(e *evaluation, err error) bool { return one(e, err) || other(e, err) }
}

func reasonIs(reason error) symptom {
	return func(_ *evaluation, err error) bool { return errors.Is(err, reason) }
}

// The credential.

func someParameters(e *evaluation, _ error) bool {
	return !e.credential.cookies && !e.credential.values.isEmpty()
}

func someCookies(e *evaluation, _ error) bool {
	return e.credential.cookies && !e.credential.values.isEmpty()
}

func hasBoth(one, other string) symptom {
	return func(e *evaluation, _ error) bool {
		_, hasOne := e.credential.values.lookup(one)
		_, hasOther := e.credential.values.lookup(other)
		return hasOne && hasOther
	}
}

func isCanned(e *evaluation, _ error) bool { return e.credential.isCanned() }

func isCannedInCookies(e *evaluation, _ error) bool {
	return e.credential.cookies && e.credential.isCanned()
}

func isCannedWithWildcard(e *evaluation, _ error) bool {
	return e.credential.isCanned() && strings.Contains(e.credential.url, "*")
}

// expiresOutOfRange: the expiry of a canned policy is no second between 1970 and 2262.
func expiresOutOfRange(e *evaluation, _ error) bool {
	seconds, err := strconv.ParseInt(e.raw(wire.ParamExpires), 10, 64)
	return err == nil && (seconds <= 0 || seconds > wire.MaxEpoch)
}

func hashIsUnnamed(e *evaluation, _ error) bool {
	_, named := e.credential.values.lookup(wire.ParamHashAlgorithm)
	return !named
}

// The policy and the viewer.

func resourceHasBackslash(e *evaluation, err error) bool {
	return errors.Is(err, policy.Reason("character")) && strings.Contains(string(e.document), `\\?`)
}

// documentIsEncoded: base64 of a JSON object begins with eyJ.
func documentIsEncoded(e *evaluation, _ error) bool {
	return strings.HasPrefix(string(e.document), "eyJ")
}

func documentIsString(e *evaluation, _ error) bool {
	return strings.HasPrefix(string(e.document), `"`) && looksLikePolicy(string(e.document))
}

// resourceIsFolder: a resource such as https://cdn.example.com/videos/ is one URL.
func resourceIsFolder(e *evaluation, _ error) bool {
	resource := e.policy.Resource().String()
	return strings.HasSuffix(resource, "/") && strings.HasPrefix(e.credential.url, resource)
}

func anySchemeInCookies(e *evaluation, _ error) bool {
	return e.credential.cookies && strings.Contains(e.policy.Resource().Scheme(), "*")
}

func expiryIsDuration(e *evaluation, _ error) bool {
	const longestDuration = 10 * 365 * 24 * 60 * 60
	return e.policy.Expires().Unix() <= longestDuration
}

func expiredJustNow(e *evaluation, _ error) bool {
	const minutes = 60
	return e.now.Unix()-e.policy.Expires().Unix() <= 5*minutes
}

func viewerIsUnknown(e *evaluation, _ error) bool { return !e.request.ViewerIP.IsValid() }

func viewerIsIPv6(e *evaluation, _ error) bool { return e.request.ViewerIP.Unmap().Is6() }

// The comparison of the URL with the policy's resource.

func mismatchOf(err error) policy.NotCoveredError {
	var mismatch *policy.NotCoveredError
	if !errors.As(err, &mismatch) {
		return policy.NotCoveredError{}
	}
	return *mismatch
}

func differsIn(section policy.Section) symptom {
	return func(_ *evaluation, err error) bool { return mismatchOf(err).Section == section }
}

// onlyPartMatches: some servers cut or decode the path, and the rest matches.
func onlyPartMatches(_ *evaluation, err error) bool { return mismatchOf(err).Unclear }

// onlyWiderMatches: only the wider of CloudFront's readings covers the URL.
func onlyWiderMatches(_ *evaluation, err error) bool { return mismatchOf(err).Wider }

// requestedOverHTTP: the URL was signed with https and requested with http.
func requestedOverHTTP(e *evaluation, err error) bool {
	return differsIn(policy.SectionScheme)(e, err) && strings.HasPrefix(e.credential.url, "http://")
}

func onlyPlaylistSigned(e *evaluation, err error) bool {
	return differsIn(policy.SectionPath)(e, err) && isPlaylist(e.policy.Resource().String()) && !isPlaylist(e.credential.url)
}
