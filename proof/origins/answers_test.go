// SPDX-License-Identifier: Apache-2.0

package origins_test

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
)

// answers are what an origin answered.
type answers struct {
	// statuses counts the answers by the first digit of their status, 0 for none.
	statuses [10]int
	// foreign describes each answer with somebody else's file.
	foreign []string
}

// request sends the same requests to the named origins, to all at once.
func (s *site) request(t *testing.T, hits []hit, names []string) map[string]*answers {
	t.Helper()
	targets := make([]string, len(hits))
	for i, hit := range hits {
		targets[i] = hit.target
	}
	all := map[string]*answers{}
	var group sync.WaitGroup
	for _, name := range names {
		a := &answers{}
		all[name] = a
		group.Go(func() {
			err := getAll(s.addresses[name], targets, func(i, status int, body []byte) {
				a.statuses[status/100]++
				if owner := foreign(body, hits[i].owner); owner != "" {
					a.foreign = append(a.foreign, fmt.Sprintf("GET %s, with a grant for %q: a file of %q", targets[i], hits[i].owner, owner))
				}
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	group.Wait()
	return all
}

// table compares answers with the answers of the control.
func table(all, control map[string]*answers) string {
	return tabulate("origin\t2xx\t3xx\t4xx\t5xx\tnone\tforeign files\twithout rules", func(w io.Writer) {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			a := all[name]
			fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t", name, a.statuses[2], a.statuses[3], a.statuses[4], a.statuses[5], a.statuses[0], len(a.foreign))
			if c, ok := control[name]; ok {
				fmt.Fprint(w, len(c.foreign))
			}
			fmt.Fprintln(w)
		}
	})
}

// tabulate aligns the columns of what rows writes.
func tabulate(heading string, rows func(io.Writer)) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, heading)
	rows(w)
	_ = w.Flush() // to a strings.Builder
	return text.String()
}
