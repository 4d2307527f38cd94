// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A Grant is what a user may fetch. fmt prints String, which has no query.
type Grant struct {
	// Resource says which URLs the user may fetch. Make it with [policy.Under].
	Resource policy.Resource
	// SourceIP is the range of the viewer's addresses. Nil: anywhere.
	SourceIP *netip.Prefix
	// Path is the Path of the cookies. Empty: the folder of the resource, which is
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
	path, _ := g.Resource.PathPrefix()
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

// hashAll returns a hash of the key, the options and the grants, in whatever order. It
// is the same in every process, and allocates nothing.
func hashAll(config uint64, keyPairID string, grants []Grant) uint64 {
	sum := config + hashOf(keyPairID, "", nil)
	for _, g := range grants {
		sum += hashOf(g.Resource.String(), g.Path, g.SourceIP)
	}
	return sum
}

// hash tells grants for one path apart.
func (g Grant) hash() uint32 { return uint32(hashOf(g.Resource.String(), g.Path, g.SourceIP)) }

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

// checkOverlap refuses grants whose cookies a browser would mix up.
func checkOverlap(grants []Grant) error {
	for i, g := range grants {
		for _, other := range grants[:i] {
			if overlap(g.path(), other.path()) {
				return refuse(ErrGrant, "browsers would send the cookies for %s and %s together: give each a folder that is not in the other's, or sign one resource for both", other.path(), g.path())
			}
		}
	}
	return nil
}

// overlap reports whether browsers send the cookies for one path to the other.
func overlap(a, b string) bool { return isBelow(a, b) || isBelow(b, a) }

// isBelow reports whether browsers send cookies for the path other to path.
func isBelow(path, other string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(other, "/"))
	return path == other || ok && strings.HasPrefix(rest, "/")
}
