// SPDX-License-Identifier: Apache-2.0

package edge

// MatchesPath parses a path pattern and matches it.
func MatchesPath(pattern, path string) (bool, error) {
	p, err := parsePathPattern("pattern", pattern)
	return err == nil && p.matches(path), err
}
