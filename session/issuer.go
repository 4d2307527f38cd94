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
// left it there. No grants: nothing, and cookies that the viewer has are cleared. It
// is called for every request, perhaps by several goroutines at once, so it should be
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
const mostGrants = 20

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
	seed := mix(offsetBasis, fmt.Sprint(s.KeyPairID(), a.Domain, a.SameSite, a.MaxAge, a.Partitioned, a.Insecure, o.Lifetime, o.HintCookie, o.Former))
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
	had, hasState := i.stateOf(r)
	switch {
	case len(grants) == 0 && !hasState:
		return nil, nil
	case len(grants) == 0:
		return i.Removal(r)
	case hasState && i.isInOrder(r, had, grants):
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
	cookies, err := i.cleared(i.pathsOf(r), "/")
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

func (i *Issuer) stateOf(r *http.Request) (state, bool) {
	text, ok := cookieValue(r, i.options.StateCookie)
	if !ok {
		return state{}, false
	}
	s, _ := parseState(text)
	return s, true // one that cannot be read is renewed
}

// isInOrder reports whether the cookies of a state will do. A renewal that is further
// away than any that is set now comes from another clock.
func (i *Issuer) isInOrder(r *http.Request, had state, grants []Grant) bool {
	now := i.clock().Unix()
	latest := now + int64((i.options.Lifetime+i.options.Cache.Window)/time.Second)
	if had.rights != hashAll(i.seed, grants) || now >= had.renewal || had.renewal > latest {
		return false
	}
	for _, g := range grants {
		if i.isSentWith(r, g) {
			if _, ok := cookieValue(r, wire.CookieKeyPairID); !ok {
				return false
			}
		}
	}
	return true
}

// isSentWith reports whether browsers send the cookies of a grant with r, too.
func (i *Issuer) isSentWith(r *http.Request, g Grant) bool {
	domain, host := i.options.Attributes.Domain, r.Host
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 {
		host = host[:colon]
	}
	if domain == "" || host != domain && !strings.HasSuffix(host, "."+domain) {
		return false
	}
	return isBelow(r.URL.EscapedPath(), g.path())
}

// cookies signs for all grants before it returns any cookie.
func (i *Issuer) cookies(r *http.Request, grants []Grant) ([]*http.Cookie, error) {
	if err := checkOverlap(grants); err != nil {
		return nil, err
	}
	var set []*http.Cookie
	var paths []string
	end := int64(0)
	for _, g := range grants {
		signed, err := i.sign(r.Context(), g)
		if err != nil {
			return nil, err
		}
		a := i.options.Attributes
		a.Path = g.path()
		cookies, err := signed.CookieSet().Cookies(a)
		if err != nil {
			return nil, because(ErrGrant, err)
		}
		set = append(set, cookies...)
		paths = append(paths, a.Path)
		if expires := signed.Policy().Expires().Unix(); end == 0 || expires < end {
			end = expires
		}
	}
	leftOver := paths
	if hasSigned(r) {
		leftOver = append(slices.Clone(paths), "/") // where the application sees them
	}
	old, err := i.cleared(i.pathsOf(r), leftOver...)
	if err != nil {
		return nil, err
	}
	early := int64(i.options.Renewal / time.Second)
	early += rand.Int64N(early/4 + 1)
	s := state{renewal: end - early, rights: hashAll(i.seed, grants), paths: encodePaths(paths)}
	all := append(withoutReplaced(old, set), set...)
	return append(all, i.ownCookies(s.String(), strconv.FormatInt(end, 10), int(i.options.Attributes.MaxAge/time.Second))...), nil
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
func (i *Issuer) pathsOf(r *http.Request) []string {
	had, ok := i.stateOf(r)
	if !ok {
		return nil
	}
	return decodePaths(had.paths)
}

// cleared returns the removal of all cookies on the paths, and of the former ones.
// Paths that come from the viewer are left out if they are none.
func (i *Issuer) cleared(had []string, sure ...string) ([]*http.Cookie, error) {
	var cookies []*http.Cookie
	for _, path := range had {
		a := i.options.Attributes
		a.Path = path
		if removal, err := sign.ClearCookies(a); err == nil && !slices.Contains(sure, path) {
			cookies = append(cookies, removal...)
		}
	}
	all := slices.Clone(i.options.Former)
	for _, path := range sure {
		a := i.options.Attributes
		a.Path = path
		all = append(all, a)
	}
	for _, a := range all {
		removal, err := sign.ClearCookies(a)
		if err != nil {
			return nil, because(ErrGrant, err)
		}
		cookies = append(cookies, removal...)
	}
	return cookies, nil
}

// withoutReplaced leaves out removals of cookies that are set anew.
func withoutReplaced(removals, set []*http.Cookie) []*http.Cookie {
	return slices.DeleteFunc(removals, func(old *http.Cookie) bool {
		return slices.ContainsFunc(set, func(c *http.Cookie) bool {
			return c.Name == old.Name && c.Path == old.Path && c.Domain == old.Domain
		})
	})
}

// ownCookies returns the state cookie and, if there is to be one, the hint.
func (i *Issuer) ownCookies(state, hint string, maxAge int) []*http.Cookie {
	a := i.options.Attributes
	own := func(name, value string) *http.Cookie {
		return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: !a.Insecure, SameSite: cmp.Or(a.SameSite, http.SameSiteLaxMode), Partitioned: a.Partitioned, HttpOnly: true}
	}
	cookies := []*http.Cookie{own(i.options.StateCookie, state)}
	if i.options.HintCookie != "" {
		cookie := own(i.options.HintCookie, hint)
		cookie.HttpOnly = false
		cookies = append(cookies, cookie)
	}
	return cookies
}
