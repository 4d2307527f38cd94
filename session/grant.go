// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A Grant is what a user may fetch. fmt prints String, which has no query.
type Grant struct {
	// Resource says which URLs, best as [policy.Under] makes it.
	Resource policy.Resource
	// SourceIP is the range of the viewer's addresses. Nil: anywhere.
	SourceIP *netip.Prefix
	// Path is that of the cookies. Empty: the folder of the resource, which is
	// its path up to the last slash before the first wildcard.
	Path string
}

// String names the resource, without its query, and the viewer's addresses.
func (g Grant) String() string {
	text := "grant for " + wire.WithoutQuery(g.Resource.String())
	if g.SourceIP != nil {
		text += " at " + g.SourceIP.String()
	}
	return text
}

// Format writes String, whatever the verb.
func (g Grant) Format(f fmt.State, verb rune) { wire.Format(f, verb, g.String()) }

// path returns the Path of the cookies.
func (g Grant) path() string {
	if g.Path != "" {
		return g.Path
	}
	_, rest, _ := strings.Cut(g.Resource.String(), "://")
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		return "/"
	}
	path, _, _ := strings.Cut(rest[slash:], "?")
	path, _, _ = strings.Cut(path, "*")
	return path[:strings.LastIndexByte(path, '/')+1]
}

// cloneGrants returns a copy that nobody else can change.
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

// hash tells grants apart (FNV-1a). It allocates nothing.
func (g Grant) hash(seed uint64) uint64 {
	h := mix(mix(seed, g.Resource.String()), g.Path)
	if g.SourceIP == nil {
		return h
	}
	address := g.SourceIP.Masked().Addr().As16()
	for _, b := range address {
		h = mixByte(h, b)
	}
	return mixByte(h, byte(g.SourceIP.Bits()))
}

// hashAll does not depend on the order of the grants.
func hashAll(seed uint64, grants []Grant) uint64 {
	sum := seed
	for _, g := range grants {
		sum += g.hash(seed)
	}
	return sum
}

const (
	offsetBasis = 14695981039346656037
	prime       = 1099511628211
)

// mix adds a text and a separator to a hash.
func mix(h uint64, text string) uint64 {
	for i := range len(text) {
		h = mixByte(h, text[i])
	}
	return mixByte(h, 0)
}

func mixByte(h uint64, b byte) uint64 { return (h ^ uint64(b)) * prime }

// checkOverlap refuses grants whose cookies a browser would mix up.
func checkOverlap(grants []Grant) error {
	for i, g := range grants {
		for _, other := range grants[:i] {
			if isBelow(g.path(), other.path()) || isBelow(other.path(), g.path()) {
				return refuse(ErrOverlap, "the cookies for %s and %s would be sent together: give each a folder that is not in the other's, or sign one resource for both", other.path(), g.path())
			}
		}
	}
	return nil
}

// isBelow reports whether cookies for the path other are sent to path.
func isBelow(path, other string) bool {
	return path == other || strings.HasPrefix(path, strings.TrimSuffix(other, "/")+"/")
}
