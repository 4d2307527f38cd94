// SPDX-License-Identifier: Apache-2.0

// Package addressrange parses the address range of a policy, as users write it:
//
//	prefix, err := addressrange.Parse("192.0.2.0/24")
package addressrange

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Parse returns the range of an IPv4 address or range. A single address is a range of one, as in AWS's
// tools.
func Parse(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil && address.Is4() {
		return address.Prefix(address.BitLen())
	}
	prefix, err := netip.ParsePrefix(text)
	withPort, portErr := netip.ParseAddrPort(text)
	switch mapped := prefixOf(text); {
	case portErr == nil && withPort.Addr().Unmap().Is4():
		return prefix, fmt.Errorf("%q has the port of a connection: write %v, without the port", text, withPort.Addr().Unmap())
	case mapped.Addr().Is4In6():
		return prefix, fmt.Errorf("%q is an IPv4 address in the form of IPv6: write %s", text, unmapped(mapped))
	case strings.Contains(text, ":"):
		return prefix, errors.New("CloudFront compares IPv4 addresses only: leave out the range, or turn off IPv6 for the distribution and write an IPv4 range")
	case err != nil:
		return prefix, fmt.Errorf("%q is neither an IPv4 address nor a range: write 192.0.2.7 or 192.0.2.0/24", text)
	case prefix != prefix.Masked():
		return prefix, fmt.Errorf("%s is the range %s: write that, or %s/32 for one address", text, prefix.Masked(), prefix.Addr())
	}
	return prefix, nil
}

// prefixOf returns the range that an IPv6 address, with or without a length, stands for.
// netip.ParsePrefix also accepts IPv4 addresses in the form of IPv6.
func prefixOf(text string) netip.Prefix {
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(address, address.BitLen())
	}
	prefix, _ := netip.ParsePrefix(text)
	return prefix
}

// unmapped returns a range of IPv4 addresses in the form of IPv6 as text in its usual form.
func unmapped(prefix netip.Prefix) string {
	const before = 96 // bits that all such addresses share
	address := prefix.Addr().Unmap()
	if bits := prefix.Bits() - before; bits >= 0 && bits < address.BitLen() {
		return netip.PrefixFrom(address, bits).Masked().String()
	}
	return address.String()
}
