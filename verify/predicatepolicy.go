// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
	"strings"

	"github.com/cfsign/cfsign/policy"
)

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

func differs(section policy.Section) predicate {
	return func(_ *examination, err error) bool {
		var mismatch *policy.NotCoveredError
		return errors.As(err, &mismatch) && mismatch.Section == section
	}
}

// isUnclear: what a server cuts off is what matches.
func isUnclear(_ *examination, err error) bool {
	var mismatch *policy.NotCoveredError
	return errors.As(err, &mismatch) && mismatch.Unclear
}

// isWider: only the wider of CloudFront's readings covers the URL.
func isWider(_ *examination, err error) bool {
	var mismatch *policy.NotCoveredError
	return errors.As(err, &mismatch) && mismatch.Wider
}

// downgraded: https was signed, and http is requested.
func downgraded(e *examination, err error) bool {
	return differs(policy.SectionScheme)(e, err) && strings.HasPrefix(e.credential.url, "http://")
}

func onlyPlaylist(e *examination, err error) bool {
	return differs(policy.SectionPath)(e, err) && isPlaylist(e.policy.Resource().String()) && !isPlaylist(e.credential.url)
}
