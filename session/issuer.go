// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
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
	signer  *sign.Signer
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
	seed := mix(offsetBasis, fmt.Sprintf("%q %d %d %t %t %d %q %+q", a.Domain, a.SameSite, a.MaxAge, a.Partitioned, a.Insecure, o.Lifetime, o.HintCookie, fmt.Sprint(o.Former)))
	return &Issuer{cache: cache, signer: s, rights: rights, options: o, seed: seed}, nil
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

// cookies signs for all grants before it returns any cookie. The grants are copied
// first, so that the state says what was signed.
func (i *Issuer) cookies(r *http.Request, grants []Grant) ([]*http.Cookie, error) {
	grants = cloneGrants(grants)
	if err := checkOverlap(grants); err != nil {
		return nil, err
	}
	var set []*http.Cookie
	var paths []string
	end, signedBy := int64(0), ""
	for n, g := range grants {
		cookies, signed, err := i.cookiesFor(r.Context(), g)
		if err != nil {
			return nil, err
		}
		set, paths = append(set, cookies...), append(paths, g.path())
		if expires := signed.Policy().Expires().Unix(); n == 0 || expires < end {
			end = expires
		}
		if n == 0 {
			signedBy = signed.KeyPairID()
		} else if signedBy != signed.KeyPairID() {
			signedBy = "" // the key was replaced meanwhile: all is renewed at the next request
		}
	}
	old, err := i.cleared(r, paths)
	if err != nil {
		return nil, err
	}
	early := int64(i.options.Renewal / time.Second)
	early += rand.Int64N(early/4 + 1)
	s := state{renewal: end - early, rights: i.hash(grants, signedBy), paths: encodePaths(paths)}
	own := i.ownCookies(s.String(), strconv.FormatInt(end, 10), int(i.options.Attributes.MaxAge/time.Second))
	if n := len(own[0].String()); n > wire.MaxCookie {
		return nil, refuse(ErrGrant, "the state needs a cookie of %d bytes for the paths, and browsers store %d: sign fewer folders, or one above them", n, wire.MaxCookie)
	}
	return append(append(withoutReplaced(old, set), set...), own...), nil
}

// hash tells grants apart, and the keys that sign for them: cookies by a former key are
// renewed at once.
func (i *Issuer) hash(grants []Grant, keyPairID string) uint64 {
	return hashAll(mix(i.seed, keyPairID), grants)
}

// cookiesFor returns the cookies for one grant, and what they were made of.
func (i *Issuer) cookiesFor(ctx context.Context, g Grant) ([]*http.Cookie, sign.SignedPolicy, error) {
	signed, err := i.sign(ctx, g)
	if err != nil {
		return nil, signed, err
	}
	a := i.options.Attributes
	a.Path = g.path()
	cookies, err := signed.CookieSet().Cookies(a)
	if err != nil {
		return nil, signed, because(ErrGrant, err)
	}
	return cookies, signed, nil
}

func (i *Issuer) sign(ctx context.Context, g Grant) (sign.SignedPolicy, error) {
	signed, err := i.cache.Sign(ctx, g.Resource, policy.Conditions{SourceIP: g.SourceIP})
	var named *policy.Error
	switch {
	case err == nil:
		return signed, nil
	case errors.As(err, &named), errors.Is(err, policy.ErrSourceIP), errors.Is(err, sign.ErrBounds):
		return signed, because(ErrGrant, err)
	}
	return signed, because(ErrKey, err)
}
