// SPDX-License-Identifier: Apache-2.0

package session

import (
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
)

// isInOrder reports whether what the viewer has will do. After a change of attributes
// there may be two states; any that is in order counts.
func (i *Issuer) isInOrder(r *http.Request, grants []Grant) bool {
	rights := i.hash(grants, i.signer.KeyPairID())
	for text := range cookieValues(r, i.options.StateCookie) {
		if had, ok := parseState(text); ok && had.rights == rights && i.isCurrent(had) {
			return i.hasVisible(r, grants)
		}
	}
	return false
}

// isCurrent reports whether it is not time for a renewal. One that is further away than
// any that is set now comes from another clock.
func (i *Issuer) isCurrent(had state) bool {
	now := i.signer.Now().Unix()
	latest := now + int64(i.options.Lifetime/time.Second) + int64(i.options.Cache.Window/time.Second)
	return now < had.renewal && had.renewal <= latest
}

// hasVisible reports whether the cookies are there that come with r, too.
func (i *Issuer) hasVisible(r *http.Request, grants []Grant) bool {
	for _, g := range grants {
		if !i.isSentWith(r, g) {
			continue
		}
		if !hasCookie(r, wire.CookieKeyPairID) || !hasCookie(r, wire.CookieSignature) || !hasCookie(r, wire.CookiePolicy) {
			return false
		}
	}
	return true
}

// isSentWith reports whether browsers send the cookies of a grant with r, too.
func (i *Issuer) isSentWith(r *http.Request, g Grant) bool {
	domain, host := i.options.Attributes.Domain, strings.ToLower(r.Host)
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 {
		host = host[:colon]
	}
	if domain == "" || host != domain && !strings.HasSuffix(host, "."+domain) {
		return false
	}
	return isBelow(r.URL.EscapedPath(), g.path())
}
