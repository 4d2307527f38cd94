// SPDX-License-Identifier: Apache-2.0

package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// Rights says what the user of a request may fetch, as the authentication in front has
// left it there. No grants: nothing, and cookies that the issuer has set are cleared.
// It is called for every request, perhaps by several goroutines at once, so it should be
// quick.
type Rights func(r *http.Request) ([]Grant, error)

// An Issuer sets, renews and clears the signed cookies of viewers. It is made by [New]
// and is safe for concurrent use.
type Issuer struct {
	cache   *sign.Cache
	clock   func() time.Time
	rights  Rights
	options Options
	seed    uint64 // of what all cookies have in common
}

// mostGrants is how many cookie sets a response can carry.
const mostGrants = 10

// New returns an issuer that signs with s what rights says, and goes by the clock of
// s. It returns an error that
// wraps [ErrOptions] for options that are unusable, with the reason of package sign
// where it has one.
func New(s *sign.Signer, rights Rights, o Options) (*Issuer, error) {
	if rights == nil {
		return nil, refuse(ErrOptions, "there is no function for the rights")
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
	seed := mix(offsetBasis, fmt.Sprintf("%q %q %d %d %t %t %d %q %+q", s.KeyPairID(), a.Domain, a.SameSite, a.MaxAge, a.Partitioned, a.Insecure, o.Lifetime, o.HintCookie, fmt.Sprint(o.Former)))
	return &Issuer{cache: cache, clock: s.Now, rights: rights, options: o, seed: seed}, nil
}

// Stats returns the counts of the issuer's cache of signed policies.
func (i *Issuer) Stats() sign.CacheStats { return i.cache.Stats() }

// Renewal returns the cookies to set on the response to r: none, if those that the
// viewer has are in order. It asks the rights in any case, and the key only if it must.
//
// They are in order if the state cookie says that they are for the same rights and
// attributes and need no renewal yet, and if those that a browser would send with r are
// there. It returns [ErrRights], [ErrGrant], [ErrOverlap] or [ErrKey], and no cookie
// with an error.
//
// A response with cookies of this or the next two methods needs the header
// Cache-Control: private, no-store, and has to be given each cookie as a header of its
// own: some servers keep one cookie of a name, and here there are several with different
// paths.
func (i *Issuer) Renewal(r *http.Request) ([]*http.Cookie, error) {
	grants, err := i.rightsOf(r)
	if err != nil {
		return nil, err
	}
	switch {
	case len(grants) == 0 && !hasCookie(r, i.options.StateCookie):
		return nil, nil
	case len(grants) == 0:
		return i.Removal(r)
	case i.isInOrder(r, grants):
		return nil, nil
	}
	return i.cookies(r, grants)
}

// Cookies returns the cookies for the rights of r, whatever the viewer has. It returns
// the errors of Renewal.
func (i *Issuer) Cookies(r *http.Request) ([]*http.Cookie, error) {
	grants, err := i.rightsOf(r)
	if err != nil {
		return nil, err
	}
	if len(grants) == 0 {
		return i.Removal(r)
	}
	return i.cookies(r, grants)
}

// Removal returns the cookies that make a browser remove all that the issuer has set:
// under all names, on all paths that the state cookie of r names, and with the former
// attributes. The rights are not asked.
func (i *Issuer) Removal(r *http.Request) ([]*http.Cookie, error) {
	cookies, err := i.cleared(r, []string{"/"})
	if err != nil {
		return nil, err
	}
	return append(cookies, i.ownCookies("", "", -1)...), nil
}

func (i *Issuer) rightsOf(r *http.Request) ([]Grant, error) {
	grants, err := i.rights(r)
	switch {
	case err != nil:
		return nil, because(ErrRights, err)
	case len(grants) > mostGrants:
		return nil, refuse(ErrGrant, "there are %d, and browsers and proxies do not take cookies for more than %d: sign a folder above them", len(grants), mostGrants)
	}
	return grants, nil
}

// isInOrder reports whether what the viewer has will do. After a change of attributes
// there may be two states; any that is in order counts.
func (i *Issuer) isInOrder(r *http.Request, grants []Grant) bool {
	rights := hashAll(i.seed, grants)
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
	now := i.clock().Unix()
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

// cookies signs for all grants before it returns any cookie. The grants are copied
// first, so that the state says what was signed.
func (i *Issuer) cookies(r *http.Request, grants []Grant) ([]*http.Cookie, error) {
	grants = cloneGrants(grants)
	if err := checkOverlap(grants); err != nil {
		return nil, err
	}
	var set []*http.Cookie
	var paths []string
	end := int64(0)
	for _, g := range grants {
		cookies, expires, err := i.cookiesFor(r.Context(), g)
		if err != nil {
			return nil, err
		}
		set, paths = append(set, cookies...), append(paths, g.path())
		if end == 0 || expires < end {
			end = expires
		}
	}
	old, err := i.cleared(r, paths)
	if err != nil {
		return nil, err
	}
	early := int64(i.options.Renewal / time.Second)
	early += rand.Int64N(early/4 + 1)
	s := state{renewal: end - early, rights: hashAll(i.seed, grants), paths: encodePaths(paths)}
	own := i.ownCookies(s.String(), strconv.FormatInt(end, 10), int(i.options.Attributes.MaxAge/time.Second))
	if n := len(own[0].String()); n > wire.MaxCookie {
		return nil, refuse(ErrGrant, "the state needs a cookie of %d bytes for the paths, and browsers store %d: sign fewer folders, or one above them", n, wire.MaxCookie)
	}
	return append(append(withoutReplaced(old, set), set...), own...), nil
}

// cookiesFor returns the cookies for one grant, and when they expire.
func (i *Issuer) cookiesFor(ctx context.Context, g Grant) ([]*http.Cookie, int64, error) {
	signed, err := i.sign(ctx, g)
	if err != nil {
		return nil, 0, err
	}
	a := i.options.Attributes
	a.Path = g.path()
	cookies, err := signed.CookieSet().Cookies(a)
	if err != nil {
		return nil, 0, because(ErrGrant, err)
	}
	return cookies, signed.Policy().Expires().Unix(), nil
}

func (i *Issuer) sign(ctx context.Context, g Grant) (sign.SignedPolicy, error) {
	signed, err := i.cache.Sign(ctx, g.Resource, policy.Conditions{SourceIP: g.SourceIP})
	var named *policy.Error
	switch {
	case err == nil:
		return signed, nil
	case errors.As(err, &named), errors.Is(err, policy.ErrSourceIP):
		return signed, because(ErrGrant, err)
	}
	return signed, because(ErrKey, err)
}

// pathsOf returns the paths on which the viewer has cookies, as far as that is known.
// What is no path was not set here.
func (i *Issuer) pathsOf(r *http.Request) []string {
	var paths []string
	for text := range cookieValues(r, i.options.StateCookie) {
		had, _ := parseState(text)
		for _, path := range decodePaths(had.paths) {
			a := i.options.Attributes
			a.Path = path
			if _, err := sign.ClearCookies(a); err == nil && !slices.Contains(paths, path) && len(paths) < 2*mostGrants {
				paths = append(paths, path)
			}
		}
	}
	return paths
}

// cleared returns the removal of all cookies on the paths and on those that the viewer
// has, with the attributes of now and of former times. The path "/" is one if the
// application sees signed cookies there.
func (i *Issuer) cleared(r *http.Request, paths []string) ([]*http.Cookie, error) {
	all := slices.Clone(paths)
	if hasSigned(r) {
		all = append(all, "/")
	}
	all = append(all, i.pathsOf(r)...)
	slices.Sort(all)
	all = slices.Compact(all)
	var cookies []*http.Cookie
	for _, a := range append([]sign.CookieAttributes{i.options.Attributes}, i.options.Former...) {
		on := all
		if a.Path != "" {
			on = []string{a.Path}
		}
		for _, path := range on {
			a.Path = path
			removal, err := sign.ClearCookies(a)
			if err != nil {
				return nil, because(ErrGrant, err)
			}
			cookies = append(cookies, removal...)
		}
		if a.Partitioned != i.options.Attributes.Partitioned {
			cookies = append(cookies, ownCookie(a, i.options.StateCookie, "", -1))
		}
	}
	return cookies, nil
}

// withoutReplaced leaves out removals of cookies that are set anew.
func withoutReplaced(removals, set []*http.Cookie) []*http.Cookie {
	return slices.DeleteFunc(removals, func(old *http.Cookie) bool {
		return slices.ContainsFunc(set, func(c *http.Cookie) bool {
			return c.Name == old.Name && c.Path == old.Path && c.Domain == old.Domain && c.Partitioned == old.Partitioned
		})
	})
}

// ownCookies returns the state cookie and, if there is to be one, the hint.
func (i *Issuer) ownCookies(state, hint string, maxAge int) []*http.Cookie {
	cookies := []*http.Cookie{ownCookie(i.options.Attributes, i.options.StateCookie, state, maxAge)}
	if i.options.HintCookie != "" {
		cookie := ownCookie(i.options.Attributes, i.options.HintCookie, hint, maxAge)
		cookie.HttpOnly = false
		cookies = append(cookies, cookie)
	}
	return cookies
}

// ownCookie returns a cookie for the application's host alone.
func ownCookie(a sign.CookieAttributes, name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: !a.Insecure,
		SameSite: cmp.Or(a.SameSite, http.SameSiteLaxMode), Partitioned: a.Partitioned, HttpOnly: true,
	}
}
