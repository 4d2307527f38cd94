// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
)

// What is counted.
const (
	urlBytes      = "URLs, byte for byte"
	urlParameters = "URLs, parameters in another order"
	urlRewritten  = "of the URLs, rewritten by the peer"
	widened       = "of the URLs, with an asterisk from %2A, refused by us"
	documents     = "policies, byte for byte"
	reordered     = "policies, as JSON"
	signatures    = "RSA signatures, byte for byte"
	cookieSets    = "sets of cookies, byte for byte"
	theirsRSA     = "theirs, RSA, accepted by us"
	theirsECDSA   = "theirs, ECDSA, accepted by us"
	oursByThem    = "ours accepted by them"
	refused       = "altered, refused by both"
	refusedByThem = "refused by the peer alone"
)

var counted = []string{urlBytes, urlParameters, urlRewritten, widened, documents, reordered, signatures, cookieSets, theirsRSA, theirsECDSA, oursByThem, refused, refusedByThem}

// A tally counts what was compared with each peer, and reports what differs. It is
// safe for concurrent use.
type tally struct {
	mu       sync.Mutex
	counts   map[string]map[string]int
	versions map[string]map[string]string
}

func newTally() *tally {
	return &tally{counts: map[string]map[string]int{}, versions: map[string]map[string]string{}}
}

func (y *tally) add(peer, what string, n int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.counts[peer] == nil {
		y.counts[peer] = map[string]int{}
	}
	y.counts[peer][what] += n
}

// enough is after how many failures a peer is believed to differ.
const enough = 5

// check counts one comparison, or fails the test with what differs. After some
// failures it says nothing more.
func (y *tally) check(t *testing.T, peer, what string, i int, diff string) {
	t.Helper()
	if diff == "" {
		y.add(peer, what, 1)
		return
	}
	y.add(peer, "failures", 1)
	y.mu.Lock()
	n := y.counts[peer]["failures"]
	y.mu.Unlock()
	if n <= enough {
		t.Errorf("case %d, %s: %s", i, what, diff)
	} else if n == enough+1 {
		t.Errorf("and more of %s", peer)
	}
}

// String returns a table.
func (y *tally) String() string {
	y.mu.Lock()
	defer y.mu.Unlock()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, peer := range slices.Sorted(maps.Keys(y.counts)) {
		fmt.Fprintf(w, "%s\t%s\n", peer, versionText(y.versions[peer]))
		for _, what := range counted {
			if n := y.counts[peer][what]; n > 0 {
				fmt.Fprintf(w, "\t%s\t%d\n", what, n)
			}
		}
	}
	_ = w.Flush() // it writes to memory
	return b.String()
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// versionsOf notes which versions a peer consists of.
func (y *tally) versionsOf(peer string, versions map[string]string) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.versions[peer] = versions
}

func versionText(versions map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		parts = append(parts, name+" "+versions[name])
	}
	return strings.Join(parts, ", ")
}
