// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// A hostRule says which wildcards a host may have.
type hostRule int

const (
	literalHost   hostRule = iota // none
	subdomainHost                 // "*." before at least two literal labels
	anyHost                       // anywhere
)

// Limits of RFC 1035, section 2.3.4, on the text form of a name.
const (
	maxHost  = 253
	maxLabel = 63
)

// checkHost refuses hosts that a client would rewrite, and wildcards that rule
// does not allow. host may have a port.
func checkHost(host, scheme string, rule hostRule) error {
	name, port, hasPort := strings.Cut(host, ":")
	err := checkHostname(name, rule)
	if err == nil && hasPort {
		err = checkPort(port, scheme)
	}
	if err != nil && strings.Contains(host, "@") {
		return refuse(ErrUserInfo, "clients do not send it in the URL: leave out the user name, the password and the @")
	}
	return err
}

func checkHostname(name string, rule hostRule) error {
	if name == "" {
		return refuse(ErrHost, "the host is missing: write https://host/path")
	}
	if err := checkHostBytes(name); err != nil {
		return err
	}
	if strings.HasSuffix(name, ".") {
		return refuse(ErrHost, "leave out the dot after the host")
	}
	if err := checkHostWildcard(name, rule); err != nil {
		return err
	}
	return checkLabels(name)
}

func checkHostBytes(name string) error {
	at := hostBytes.span(name)
	if at == len(name) {
		return nil
	}
	switch b := name[at]; {
	case b == '#':
		return refuseFragment()
	case b == '[':
		return refuse(ErrHost, "CloudFront serves no IPv6 addresses as hosts: write the DNS name")
	case 'A' <= b && b <= 'Z':
		return refuse(ErrHost, "clients send the host in lower case: write %q", strings.ToLower(name))
	case b >= 0x80:
		return refuse(ErrHost, "clients send the host in ASCII: write the Punycode form, whose labels begin with xn--")
	default:
		return refuse(ErrHost, "%s cannot stand in a host", describeByte(b))
	}
}

// checkHostWildcard refuses wildcards that reach further than one domain.
func checkHostWildcard(name string, rule hostRule) error {
	if rule == anyHost || !strings.Contains(name, "*") {
		return nil
	}
	if rule == literalHost {
		return refuse(ErrWildcard, "an asterisk in the host: write the whole host, or use Pattern")
	}
	domain, ok := strings.CutPrefix(name, "*.")
	if !ok || strings.Contains(domain, "*") {
		return refuse(ErrWildcard, `the host may only have its wildcard as "*." in front ("*example.com" also covers evilexample.com): `+
			"write *.example.com, or use PatternAnyHost if every host is meant")
	}
	if !strings.Contains(domain, ".") {
		return refuse(ErrWildcard, "at least two labels are needed after *.: write *.example.com, or use PatternAnyHost if every host is meant")
	}
	if wire.IsDistributionParent(domain) {
		return refuse(ErrWildcard, "%s is every distribution that trusts the key: write its domain name, or use PatternAnyHost if every host is meant", name)
	}
	return nil
}

// checkLabels refuses empty and overlong labels, and numbers that a client
// would rewrite as an IPv4 address.
func checkLabels(name string) error {
	if len(name) > maxHost {
		return refuse(ErrHost, "%d bytes, and DNS names have at most %d", len(name), maxHost)
	}
	label, start := "", 0
	for i := range len(name) + 1 {
		if i < len(name) && name[i] != '.' {
			continue
		}
		label, start = name[start:i], i+1
		if err := checkLabel(label); err != nil {
			return err
		}
	}
	if !isNumber(label) {
		return nil
	}
	if _, err := netip.ParseAddr(name); err != nil {
		return refuse(ErrHost, "clients read a host that ends in a number as an IPv4 address: write four decimal numbers without leading zeros")
	}
	return nil
}

func checkLabel(label string) error {
	if label == "" {
		return refuse(ErrHost, "a label of the host is empty: remove the extra dot")
	}
	if len(label) > maxLabel {
		return refuse(ErrHost, "a label of the host has %d bytes, and DNS labels have at most %d", len(label), maxLabel)
	}
	return nil
}

// isNumber reports whether browsers take a last label for part of an IPv4
// address (WHATWG URL, "ends in a number").
func isNumber(label string) bool {
	if label[0] < '0' || label[0] > '9' {
		return false
	}
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

func checkPort(port, scheme string) error {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || port[0] == '0' {
		return refuse(ErrPort, "write a decimal number from 1 to 65535 without leading zeros, or leave out the colon")
	}
	if n == 443 && scheme != "http" || n == 80 && scheme != "https" {
		return refuse(ErrPort, "clients leave out the default port: leave out :%d", n)
	}
	return nil
}
