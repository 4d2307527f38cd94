// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"fmt"
	"log"
	"net/netip"
	"time"

	"github.com/cfsign/cfsign/policy"
)

// newYear is when the policies of these examples expire.
var newYear = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func ExampleURL() {
	r, err := policy.URL("https://cdn.example.com/reports/2026.pdf?download=1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r)

	// Nothing is repaired: the error says what to write.
	_, err = policy.URL("https://cdn.example.com/my report.pdf")
	fmt.Println(err)
	// Output:
	// https://cdn.example.com/reports/2026.pdf?download=1
	// policy: URL: character that clients rewrite: a space in the path (byte 4 of it): write %20
}

func ExampleDirectory() {
	r, err := policy.Directory("https://cdn.example.com/videos")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r)
	fmt.Println(r.Matches("https://cdn.example.com/videos/2026/intro.m3u8?quality=high"))
	fmt.Println(r.Matches("https://cdn.example.com/videos2/intro.m3u8"))
	// Output:
	// https://cdn.example.com/videos/*
	// true
	// false
}

// The user's ID is data. Whatever is in it, it stays one segment.
func ExampleUnder() {
	for _, userID := range []string{"alice", "bob@example.com", "*", ".."} {
		r, err := policy.Under("https://cdn.example.com/users", userID)
		if errors.Is(err, policy.ErrSegment) {
			fmt.Println(err)
			continue
		}
		fmt.Println(r)
	}
	// Output:
	// https://cdn.example.com/users/alice/*
	// https://cdn.example.com/users/bob%40example.com/*
	// https://cdn.example.com/users/%2A/*
	// policy: segment 1: unusable path segment: "." and ".." (also with ; ? # or a space after them) lead to another directory: use an ID that cannot have this form
}

func ExamplePattern() {
	r, err := policy.Pattern("https://cdn.example.com/*/thumbnails/*.jpg")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Matches("https://cdn.example.com/alice/thumbnails/1.jpg"))

	_, err = policy.Pattern("https://*example.com/*")
	fmt.Println(errors.Is(err, policy.ErrWildcard))
	// Output:
	// true
	// true
}

func ExamplePatternAnyHost() {
	r, err := policy.PatternAnyHost("https://*")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Matches("https://any.example.org/of/your/distributions"))
	// Output: true
}

func ExampleResource_Child() {
	r, err := policy.Under("https://cdn.example.com/users", "jürgen")
	if err != nil {
		log.Fatal(err)
	}
	fileURL, err := r.Child("my photos", "50%.jpg")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fileURL)
	// Output: https://cdn.example.com/users/j%C3%BCrgen/my%20photos/50%25.jpg
}

func ExampleResource_Check() {
	r, err := policy.Directory("https://cdn.example.com/users/alice")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Check("https://cdn.example.com/users/alice/a.jpg"))
	fmt.Println(r.Check("https://cdn.example.com/users/bob/a.jpg"))
	fmt.Println(r.Check("https://cdn.example.com/users/alice/../bob/a.jpg"))
	// Output:
	// <nil>
	// policy: URL: not covered by the policy's resource: its path is "/users/bob/a.jpg", and that of the resource "/users/alice/*"
	// policy: URL: dot segment in the path: clients and servers resolve "." and "..", also percent-encoded: write the path that results
}

func ExampleCanned() {
	p, err := policy.Canned("https://cdn.example.com/a.jpg", newYear)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p)
	// Output: {"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":1798761600}}}]}
}

func ExampleCustom() {
	r, err := policy.Under("https://cdn.example.com/users", "alice")
	if err != nil {
		log.Fatal(err)
	}
	office := netip.MustParsePrefix("192.0.2.0/24")
	p, err := policy.Custom(r, policy.Conditions{Expires: newYear, SourceIP: &office})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p)
	// Output: {"Statement":[{"Resource":"https://cdn.example.com/users/alice/*","Condition":{"DateLessThan":{"AWS:EpochTime":1798761600},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}
}

// A time that was never set is not "for ever".
func ExampleCustom_noExpiry() {
	r, err := policy.Directory("https://cdn.example.com/videos")
	if err != nil {
		log.Fatal(err)
	}
	_, err = policy.Custom(r, policy.Conditions{})
	fmt.Println(err)
	// Output: policy: Expires: no expiry: every policy ends at some time: set one, such as time.Now().Add(time.Hour)
}

func ExampleParse() {
	p, err := policy.Parse([]byte(`{"Statement": [{"Resource": "https://cdn.example.com/*",
		"Condition": {"DateLessThan": {"AWS:EpochTime": 1798761600}}}]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Resource(), "until", p.Expires().Format(time.DateOnly))

	_, err = policy.Parse([]byte(`{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":1798761600000}}}]}`))
	fmt.Println(err)
	// Output:
	// https://cdn.example.com/* until 2027-01-01
	// policy: Expires: time out of range: 1798761600000 is after 2262-04-11: CloudFront counts in seconds; were milliseconds passed?
}
