// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/requestline"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// Grants returns what the user of a request may fetch, as the authentication in front
// has left it there. No grants mean nothing: cookies that the issuer has set are
// removed. It is called for every request, perhaps by several goroutines at once, so it
// should be quick.
type Grants func(r *http.Request) ([]Grant, error)

// An Issuer sets, renews and clears the signed cookies of viewers. It is made by [New]
// and is safe for concurrent use.
type Issuer struct {
	cache   *sign.Cache
	signer  *sign.Signer
	grants  Grants
	options Options
	config  uint64 // hash of what all cookies have in common
	sizes   sizes
}

// mostGrants keeps the signed cookies of a viewer below 50, the least that browsers store
// for a domain (RFC 6265, section 6.1).
const mostGrants = 10

// New returns an issuer that signs with s what grants returns, and goes by the clock of
// s. It returns an error that wraps [ErrOptions] for an invalid argument, with the
// reason of package sign if it has one.
func New(s *sign.Signer, grants Grants, o Options) (*Issuer, error) {
	if grants == nil {
		return nil, refuse(ErrOptions, "grants is nil: pass a function")
	}
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	cache, err := sign.NewCache(s, o.Lifetime, o.Cache)
	if err != nil {
		return nil, because(ErrOptions, err)
	}
	a := o.Attributes
	config := hashOf(fmt.Sprintf("%q %d %d %t %t %d", a.Domain, a.SameSite, a.MaxAge, a.Partitioned, a.Insecure, o.Lifetime), fmt.Sprint(o.HintCookie, o.FormerAttributes), nil)
	i := &Issuer{cache: cache, signer: s, grants: grants, options: o, config: config}
	i.measure()
	return i, nil
}

// Stats returns the counts of the issuer's cache of signed policies.
func (i *Issuer) Stats() sign.CacheStats { return i.cache.Stats() }

// Issue sets the cookies for the grants of r on w, whatever the viewer has: at login, and
// when the grants change. It returns [ErrNoGrants] if the user cannot be found in r yet:
// use [Issuer.IssueFor] then. It returns [ErrCrossSite] for a form that another site sent,
// and otherwise the errors of [Issuer.Renew].
//
// Call it before the header is written. If that was too late it returns [ErrLost],
// as far as the ResponseWriter tells.
func (i *Issuer) Issue(w http.ResponseWriter, r *http.Request) error {
	grants, err := i.grantsOf(r)
	if err != nil {
		return i.refused(r, err)
	}
	return i.IssueFor(w, r, grants...)
}

// IssueFor is [Issuer.Issue] for grants that are known to the caller: at login, before
// the Grants function finds the user in the request.
func (i *Issuer) IssueFor(w http.ResponseWriter, r *http.Request, grants ...Grant) error {
	switch {
	case len(grants) == 0:
		return i.refused(r, refuse(ErrNoGrants, "the user of the request may fetch nothing, or is not in it yet: pass the grants to IssueFor"))
	case i.hidesState(r):
		return i.refused(r, refuse(ErrCrossSite, "browsers do not send the state cookie with it, so what the viewer has is unknown: redirect to a page of your own, and call Issue or Renew there"))
	}
	c, err := i.changeFor(r, grants, Issued)
	if c == nil { // what was renewed for the user before must not stay on the response
		c = &change{}
	}
	return i.send(w, r, c, err)
}

// Renew does what the middleware does, as one call before the handler: it is for
// authentication inside of a router or framework, such as Gin's. It sets cookies on w if
// they are missing, about to expire, or for other grants than the user now has, and
// removes them if the user has no grants. Otherwise it does nothing. It always calls the
// Grants function, and signs only if it must.
//
// It returns [ErrGrants], [ErrGrant], [ErrKey], [ErrHeader] or
// [ErrLost], and sets no cookies then. If the grants are known, it still removes the
// cookies of folders that are not among them.
//
// A handler must not change the Cache-Control of a response on which Renew has set cookies.
// Handlers that send files or proxy requests do that, as do early hints: put these behind
// [Issuer.Handler]. [Issuer.Issue] or [Issuer.Clear] may follow on the same response: they
// replace what Renew has set.
func (i *Issuer) Renew(w http.ResponseWriter, r *http.Request) error {
	c, err := i.renewal(r)
	return i.send(w, r, c, err)
}

// Clear removes all cookies that the issuer has set, at logout: those that the state
// cookie of r names and those for the grants of r, which another host of the application
// may have set. It does so even if the grants are unknown. It returns [ErrLost] as
// Issue does.
func (i *Issuer) Clear(w http.ResponseWriter, r *http.Request) error {
	grants, err := i.grantsOf(r)
	c := i.clearance(r, grants)
	c.event.Err = errors.Join(err, c.event.Err)
	return i.send(w, r, c, nil)
}

// renewal returns what the viewer who sent r needs.
func (i *Issuer) renewal(r *http.Request) (*change, error) {
	grants, err := i.grantsOf(r)
	switch {
	case err != nil:
		return nil, err
	case i.hidesState(r):
		return nil, nil
	case len(grants) == 0 && !hasCookie(r, i.options.StateCookie):
		return nil, nil
	case len(grants) == 0:
		return i.clearance(r, nil), nil
	case i.isInOrder(r, grants):
		return nil, nil
	}
	return i.changeFor(r, grants, Renewed)
}

func (i *Issuer) grantsOf(r *http.Request) ([]Grant, error) {
	grants, err := i.grants(r)
	if err != nil {
		return nil, because(ErrGrants, err)
	}
	return grants, nil
}

// isInOrder reports whether the cookies that the viewer has will do. After a change of
// attributes there may be two states; any that is in order counts.
func (i *Issuer) isInOrder(r *http.Request, grants []Grant) bool {
	target := hashAll(i.config, i.signer.KeyPairID(), grants)
	for text := range cookieValues(r, i.options.StateCookie) {
		if had, ok := parseState(text); ok && had.grants == target && !had.pending && i.isCurrent(had) {
			return i.hasVisible(r, grants)
		}
	}
	return false
}

// isCurrent reports whether it is not time for a renewal. A renewal that is further away
// than any that is set now comes from another clock.
func (i *Issuer) isCurrent(had state) bool {
	now := i.signer.Now().Unix()
	latest := now + int64(i.options.Lifetime/time.Second) + int64(i.options.Cache.Window/time.Second)
	return now < had.renewal && had.renewal <= latest
}

// hasVisible reports whether the cookies are there that browsers send with r.
func (i *Issuer) hasVisible(r *http.Request, grants []Grant) bool {
	path := i.visiblePath(r)
	for _, g := range grants {
		if isBelow(path, g.path()) {
			return hasSet(r)
		}
	}
	return true
}

// isSentWith reports whether browsers send the cookies on a path with r.
func (i *Issuer) isSentWith(r *http.Request, path string) bool {
	return isBelow(i.visiblePath(r), path)
}

// hasSet reports whether r has a set of signed cookies.
func hasSet(r *http.Request) bool {
	return hasCookie(r, wire.CookieKeyPairID) && hasCookie(r, wire.CookieSignature) && hasCookie(r, wire.CookiePolicy)
}

// visiblePath returns the path to which the browser sent r, or "" if it sends the
// application no signed cookies. Handlers such as http.StripPrefix change the URL.
func (i *Issuer) visiblePath(r *http.Request) string {
	domain, host := i.options.Attributes.Domain, strings.ToLower(r.Host)
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 {
		host = host[:colon]
	}
	above, ok := strings.CutSuffix(host, domain)
	if domain == "" || !ok || above != "" && !strings.HasSuffix(above, ".") {
		return ""
	}
	if sent, ok := requestline.Path(r); ok {
		path, _, _ := strings.Cut(sent, "?")
		return path
	}
	return r.URL.EscapedPath()
}

// A signedGrant is a grant with its cookies.
type signedGrant struct {
	grant     Grant
	path      string
	lines     []string // values of Set-Cookie
	expires   time.Time
	keyPairID string
}

// sign returns the cookies for a grant.
func (i *Issuer) sign(ctx context.Context, g Grant) (signedGrant, error) {
	signed, err := i.cache.Sign(ctx, g.Resource, policy.Conditions{SourceIP: g.SourceIP})
	var named *policy.Error
	switch {
	case err == nil:
	case errors.As(err, &named), errors.Is(err, policy.ErrSourceIP), errors.Is(err, sign.ErrBounds):
		return signedGrant{}, because(ErrGrant, err)
	default:
		return signedGrant{}, because(ErrKey, err)
	}
	a := i.options.Attributes
	a.Path = g.path()
	cookies, err := signed.CookieSet().Cookies(a)
	if err != nil {
		return signedGrant{}, because(ErrGrant, err)
	}
	return signedGrant{grant: g, path: a.Path, lines: append(i.removalBeside(a.Path, cookies), linesOf(cookies)...), expires: signed.Policy().Expires(), keyPairID: signed.KeyPairID()}, nil
}

// removalBeside returns the removal of cookies that are not among those for a path. With
// SHA-1 there is no Hash-Algorithm, and CloudFront would take one that is left over.
func (i *Issuer) removalBeside(path string, cookies []*http.Cookie) []string {
	const all = 4
	if len(cookies) == all {
		return nil
	}
	return removal(i.options.Attributes, path, func(name string) bool {
		return isSet(name) && !slices.ContainsFunc(cookies, func(c *http.Cookie) bool { return c.Name == name })
	})
}
