// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"testing"

	"github.com/cfsign/cfsign/policy"
)

const benchURL = "https://d111111abcdef8.cloudfront.net/users/7/images/photo-0001.jpg?width=640"

func BenchmarkCanned(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Canned(benchURL, future); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMatches(b *testing.B) {
	r, err := policy.Under("https://d111111abcdef8.cloudfront.net/users", "7")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !r.Matches(benchURL) {
			b.Fatal("not covered")
		}
	}
}

func BenchmarkParse(b *testing.B) {
	p, err := policy.Canned(benchURL, future)
	if err != nil {
		b.Fatal(err)
	}
	document := p.JSON()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Parse(document); err != nil {
			b.Fatal(err)
		}
	}
}
