// SPDX-License-Identifier: Apache-2.0

package verify

// Hints returns every hint that a rule can give.
func Hints() []string {
	var hints []string
	for _, list := range rules {
		for _, r := range list {
			hints = append(hints, r.hint)
		}
	}
	return hints
}
