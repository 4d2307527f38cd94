// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestGeneratorCovers: the cases have every character that the library signs, in
// every place, and every kind of policy; so they cannot become tame unnoticed.
func TestGeneratorCovers(t *testing.T) {
	generator := newGenerator(defaultSeed)
	var paths, queries strings.Builder
	count := map[string]int{}
	for range 2 * defaultCases {
		c, _ := generator.testCase()
		path, query, _ := strings.Cut(c.url[len("https://"):], "?")
		paths.WriteString(path[strings.Index(path, "/"):])
		queries.WriteString(query)
		for _, kind := range kindsOf(c) {
			count[kind]++
		}
	}
	for _, b := range tame + pathChars {
		if !strings.ContainsRune(paths.String(), b) {
			t.Errorf("no path has %q", b)
		}
	}
	for _, b := range tame + queryChars + "&" {
		if !strings.ContainsRune(queries.String(), b) {
			t.Errorf("no query has %q", b)
		}
	}
	for _, kind := range []string{
		"canned", "exact", "wildcard", "any scheme", "start", "address", "both", "one address", "any address",
		"port", "long", "after 2038", "upper-case percent-encoding", "lower-case percent-encoding", "flag", "empty value", "second ?",
		"left by JavaScript", "changed by JavaScript",
	} {
		if count[kind] < 3 {
			t.Errorf("%s: %d cases", kind, count[kind])
		}
	}
}

var kinds = map[string]func(c testCase) bool{
	"canned":      func(c testCase) bool { return c.canned },
	"exact":       func(c testCase) bool { return !c.canned && c.isExact() },
	"wildcard":    func(c testCase) bool { return strings.Contains(c.resource, "*") },
	"any scheme":  testCase.hasAnyScheme,
	"start":       func(c testCase) bool { return c.notBefore != 0 },
	"address":     func(c testCase) bool { return c.sourceIP.IsValid() },
	"both":        testCase.hasBoth,
	"one address": func(c testCase) bool { return c.sourceIP.IsValid() && c.sourceIP.Bits() == 32 },
	"any address": func(c testCase) bool { return c.sourceIP.IsValid() && c.sourceIP.Bits() == 0 },
	"long":        func(c testCase) bool { return len(c.url) > 1000 },
	"after 2038":  func(c testCase) bool { return c.expires >= end32Bits },
	"second ?":    func(c testCase) bool { return strings.Count(c.url, "?") > 1 },

	"port":                        matches(`^https?://[^/]*:[0-9]`),
	"upper-case percent-encoding": matches(`%[0-9A-F]?[A-F]`),
	"lower-case percent-encoding": matches(`%[0-9a-f]?[a-f]`),
	"flag":                        matches(`[?&][^=&?]+(&|$)`),
	"empty value":                 matches(`=(&|$)`),
	"left by JavaScript":          matches(leftByJavaScript.String()),
	"changed by JavaScript":       func(c testCase) bool { return !leftByJavaScript.MatchString(c.url) },
}

func kindsOf(c testCase) []string {
	var found []string
	for kind, is := range kinds {
		if is(c) {
			found = append(found, kind)
		}
	}
	return found
}

func matches(pattern string) func(c testCase) bool {
	re := regexp.MustCompile(pattern)
	return func(c testCase) bool { return re.MatchString(c.url) }
}
