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

// BenchmarkCheckStrict checks URLs before they are signed.
func BenchmarkCheckStrict(b *testing.B) {
	r, err := policy.Under("https://d111111abcdef8.cloudfront.net/users", "7")
	if err != nil {
		b.Fatal(err)
	}
	for name, url := range map[string]string{
		"plain": benchURL, "encoded": "https://d111111abcdef8.cloudfront.net/users/7/j%C3%BCrgen/my%20film.mp4", "odd": "https://d111111abcdef8.cloudfront.net/users/7/100%25/photo-0001.jpg?Width=640",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := r.CheckStrict(url); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
