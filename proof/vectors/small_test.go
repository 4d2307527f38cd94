// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"testing"

	"github.com/cfsign/cfsign/internal/test/vectors"
)

// The three small files are the cases of internal/test/vectors without what concerns only
// this library.

type urlTest struct {
	head
	URL string `json:"url"`
}

func urlFile(t testing.TB) file[urlTest] {
	var tests []urlTest
	for _, c := range vectors.URLs(t) {
		tests = append(tests, urlTest{head{c.ID, c.Reason, "", flagsOf(c.Flags, nil), result(c.Refused), c.Refused}, c.URL})
	}
	return newFile("urls", "URLs that may be signed with a canned policy, and URLs that a signer should refuse", tests)
}

type documentTest struct {
	head
	Document string `json:"document"`
}

func documentFile(t testing.TB) file[documentTest] {
	var tests []documentTest
	for _, c := range vectors.Documents(t) {
		tests = append(tests, documentTest{head{c.ID, c.Reason, "", flagsOf(c.Flags, nil), result(c.Refused), c.Refused}, c.Document})
	}
	return newFile("documents", "Policy documents that a verifier may believe once their signature is verified, and documents that it should refuse", tests)
}

type matchTest struct {
	head
	Resource string `json:"resource"`
	URL      string `json:"url"`
}

func matchFile(t testing.TB) file[matchTest] {
	var tests []matchTest
	for _, c := range vectors.Matches(t) {
		is := invalid
		if c.Covered {
			is = valid
		}
		tests = append(tests, matchTest{head{c.ID, c.Reason, "", flagsOf(c.Flags, nil), is, ""}, c.Resource, c.URL})
	}
	return newFile("matches", "Resources of policies, and URLs that they cover (valid) or not (invalid)", tests)
}
