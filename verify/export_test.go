// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"maps"
	"slices"
)

// Hints returns every hint that a rule can give.
func Hints() []string {
	hints := []string{ambiguousHint}
	for _, list := range append(slices.Collect(maps.Values(rules)), damagedURL) {
		for _, r := range list {
			hints = append(hints, r.hint)
		}
	}
	return hints
}
