// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A Grants function returns the grants of the user who sent r. Read the user from where
// your authentication leaves it, such as the context of r. If the user is not logged in or
// has no grants, return nil: the issuer then removes the cookies that it has set. If you
// cannot find out the grants, such as when a database fails, return an error: the viewer
// then keeps its cookies.
//
// The issuer calls the function for every request, so it should be quick. Several
// goroutines may call it at once.
type Grants func(r *http.Request) ([]Grant, error)

// A Grant allows a user to fetch the files of one folder. The zero Grant is invalid.
// Printed with fmt, it leaves out the query of the resource.
type Grant struct {
	// Resource is what the user may fetch. Create it with [policy.Under].
	Resource policy.Resource
	// SourceIP is the range of addresses that the request must come from. Nil: any
	// address.
	SourceIP *netip.Prefix
	// Path is the Path of the cookies. Empty: the folder of the resource, which is
	// its path up to the last slash before the first wildcard.
	Path string
}

// String names the resource, without its query, and the source addresses.
func (g Grant) String() string {
	text := "grant for " + wire.WithoutQuery(g.Resource.String())
	if g.SourceIP != nil {
		text += " at " + g.SourceIP.String()
	}
	return text
}

// Format writes String for every verb.
func (g Grant) Format(f fmt.State, verb rune) { wire.Format(f, verb, g.String()) }

// path returns the Path of the cookies.
func (g Grant) path() string {
	if g.Path != "" {
		return g.Path
	}
	path, _ := g.Resource.PathPrefix()
	return path[:strings.LastIndexByte(path, '/')+1]
}

// cloneGrants returns a deep copy.
func cloneGrants(grants []Grant) []Grant {
	copies := slices.Clone(grants)
	for i, g := range copies {
		if g.SourceIP != nil {
			prefix := *g.SourceIP
			copies[i].SourceIP = &prefix
		}
	}
	return copies
}

// A signedGrant is a grant and its signed cookies.
type signedGrant struct {
	grant     Grant
	path      string
	lines     []string // values of Set-Cookie
	expires   time.Time
	keyPairID string
}

// mostGrants keeps the signed cookies of a viewer below 50, the number that every browser
// stores for a domain (RFC 6265, section 6.1).
const mostGrants = 10

// signAll returns the signed cookies for all grants, or an error.
func signAll(ctx context.Context, cache *sign.Cache, a sign.CookieAttributes, grants []Grant) ([]signedGrant, error) {
	if len(grants) > mostGrants {
		return nil, refuse(ErrGrant, "%d grants need more cookies than browsers store for a domain: sign a folder above them, or %d at most", len(grants), mostGrants)
	}
	if err := checkOverlap(grants); err != nil {
		return nil, err
	}
	var all []signedGrant
	for _, g := range grants {
		signed, err := g.sign(ctx, cache, a)
		if err != nil {
			return nil, err
		}
		all = append(all, signed)
	}
	return all, nil
}

func (g Grant) sign(ctx context.Context, cache *sign.Cache, a sign.CookieAttributes) (signedGrant, error) {
	signed, err := cache.SignResource(ctx, g.Resource, policy.Conditions{SourceIP: g.SourceIP})
	var invalid *policy.Error
	switch {
	case err == nil:
	case errors.As(err, &invalid), errors.Is(err, policy.ErrSourceIP), errors.Is(err, sign.ErrBounds):
		return signedGrant{}, because(ErrGrant, err)
	default:
		return signedGrant{}, because(ErrKey, err)
	}
	a.Path = g.path()
	cookies, err := signed.CookieSet().Cookies(a)
	if err != nil {
		return signedGrant{}, because(ErrGrant, err)
	}
	lines := append(removalOfOthers(a, cookies), linesOf(cookies)...)
	return signedGrant{grant: g, path: a.Path, lines: lines, expires: signed.Policy().Expires(), keyPairID: signed.KeyPairID()}, nil
}

// removalOfOthers returns the lines that remove signed cookies that are not among cookies.
// With SHA-1, cookies has no Hash-Algorithm, and CloudFront would obey an earlier one.
func removalOfOthers(a sign.CookieAttributes, cookies []*http.Cookie) []string {
	const all = 4
	if len(cookies) == all {
		return nil
	}
	return removal(a, a.Path, func(name string) bool {
		return isIssued(name) && !slices.ContainsFunc(cookies, func(c *http.Cookie) bool { return c.Name == name })
	})
}

// unsigned returns the grants with their paths alone.
func unsigned(grants []Grant) (paths []signedGrant) {
	for _, g := range grants {
		paths = append(paths, signedGrant{grant: g, path: g.path()})
	}
	return paths
}

func grantsIn(signed []signedGrant) (grants []Grant) {
	for _, s := range signed {
		grants = append(grants, s.grant)
	}
	return grants
}

// firstExpiry returns when the first of the cookies expires, or the zero time.
func firstExpiry(signed []signedGrant) time.Time {
	if len(signed) == 0 {
		return time.Time{}
	}
	first := slices.MinFunc(signed, func(a, b signedGrant) int { return a.expires.Compare(b.expires) })
	return first.expires
}

// checkOverlap returns an error if browsers would send the cookies of two grants together.
func checkOverlap(grants []Grant) error {
	for i, g := range grants {
		for _, other := range grants[:i] {
			if overlap(g.path(), other.path()) {
				return refuse(ErrGrant, "browsers would send the cookies for %s and %s together: use folders that are not inside each other, or sign one resource for both", other.path(), g.path())
			}
		}
	}
	return nil
}

// overlap reports whether browsers send the cookies of one path to the other.
func overlap(a, b string) bool { return isBelow(a, b) || isBelow(b, a) }

// isBelow reports whether browsers send cookies with the Path above to path.
func isBelow(path, above string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(above, "/"))
	return path == above || ok && strings.HasPrefix(rest, "/")
}

// hashAll returns a hash of the grants in any order, the key and the options. Every
// process of an application returns the same hash. It does not allocate.
func hashAll(config uint64, keyPairID string, grants []Grant) uint64 {
	sum := config + hashOf(keyPairID, "", nil)
	for _, g := range grants {
		sum += hashOf(g.Resource.String(), g.Path, g.SourceIP)
	}
	return sum
}

// hash returns a hash that differs between grants with the same path.
func (g Grant) hash() uint32 { return uint32(hashOf(g.Resource.String(), g.Path, g.SourceIP)) }

func hashKey(keyPairID string) uint32 { return uint32(hashOf(keyPairID, "", nil)) }

func hashOf(first, second string, prefix *netip.Prefix) uint64 {
	h := fnv.New64a()
	h.Write([]byte(first))
	h.Write([]byte{0})
	h.Write([]byte(second))
	h.Write([]byte{0})
	if prefix != nil {
		address := prefix.Masked().Addr().As16()
		h.Write(address[:])
		h.Write([]byte{byte(prefix.Bits())})
	}
	return h.Sum64()
}
