// SPDX-License-Identifier: Apache-2.0

package addressrange_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/addressrange"
)

func ExampleParse() {
	prefix, err := addressrange.Parse("192.0.2.7")
	fmt.Println(prefix, err)
	// Output: 192.0.2.7/32 <nil>
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a range", "192.0.2.0/24", "192.0.2.0/24"},
		{"everywhere", "0.0.0.0/0", "0.0.0.0/0"},
		{"with a port", "192.0.2.7:443", `"192.0.2.7:443" has the port of a connection: write 192.0.2.7, without the port`},
		{"IPv4 in IPv6", "::ffff:192.0.2.0/120", `"::ffff:192.0.2.0/120" is an IPv4 address in the form of IPv6: write 192.0.2.0/24`},
		{"IPv6", "2001:db8::/32", "CloudFront compares IPv4 addresses only: leave out the range, or turn off IPv6 for the distribution and write an IPv4 range"},
		{"bits behind the length", "192.0.2.7/24", "192.0.2.7/24 is the range 192.0.2.0/24: write that, or 192.0.2.7/32 for one address"},
		{"a word", "home", `"home" is neither an IPv4 address nor a range: write 192.0.2.7 or 192.0.2.0/24`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			prefix, err := addressrange.Parse(tt.text)
			got := prefix.String()
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
