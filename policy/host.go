// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cfsign/cfsign/internal/wire"
)

// A hostRule says which wildcards a host can have.
type hostRule int

const (
	literalHost   hostRule = iota // none
	subdomainHost                 // "*." before at least two literal labels
	anyHost                       // anywhere
)

// Limits on the text form of a name (RFC 1035, section 2.3.4).
const (
	maxHost  = 253
	maxLabel = 63
)

// ifEveryHost is the alternative to a pattern whose wildcard reaches too far.
const ifEveryHost = "use PatternAnyHost if every host is meant"

// checkHost refuses hosts that a client would rewrite, and wildcards that rule does not
// allow. host may have a port.
func checkHost(host, scheme string, rule hostRule) error {
	name, port, hasPort := strings.Cut(host, ":")
	err := checkHostname(name, rule)
	if err == nil && hasPort {
		err = checkPort(port, scheme)
	}
	if hasPort && port == "" && (name == "https" || name == "http") {
		return refuse("host", "the scheme is there twice", "write https:// once")
	}
	if err != nil && strings.Contains(host, "@") {
		return refuse("user_info", "a user name or password, which clients do not send in the URL", "leave out everything up to the @")
	}
	return err
}

// isHost reports whether checkHost returns nil for a host without wildcards. It makes no
// error, so it allocates nothing.
func isHost(host, scheme string) bool {
	name, port, hasPort := strings.Cut(host, ":")
	if name == "" || len(name) > maxHost || hostBytes.span(name) < len(name) || strings.Contains(name, "*") {
		return false
	}
	last := ""
	for last = range strings.SplitSeq(name, ".") {
		if last == "" || len(last) > maxLabel {
			return false
		}
	}
	if isNumber(last) && !isIPv4(name) {
		return false
	}
	return !hasPort || isPort(port) && !isDefaultPort(port, scheme)
}

func checkHostname(name string, rule hostRule) error {
	if name == "" {
		return refuse("host", "the host is missing", "write https://host/path")
	}
	if err := checkHostBytes(name); err != nil {
		return err
	}
	if strings.HasSuffix(name, ".") {
		return refuse("host", "the host ends in a dot", "leave it out")
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
		return refuse("host", "CloudFront serves no IPv6 addresses as hosts", "write the DNS name")
	case 'A' <= b && b <= 'Z':
		return refuse("host", "clients send the host in lower case", fmt.Sprintf("write %q", strings.ToLower(name)))
	case b >= utf8.RuneSelf:
		return refuse("host", "clients send the host in ASCII", "write the Punycode form, whose labels begin with xn--")
	default:
		return refuse("host", describeByte(b)+" cannot stand in a host", "write a DNS name or an IPv4 address")
	}
}

// checkHostWildcard refuses wildcards that reach further than one domain.
func checkHostWildcard(name string, rule hostRule) error {
	if rule == anyHost || !strings.Contains(name, "*") {
		return nil
	}
	if rule == literalHost {
		return refuse("wildcard", "an asterisk in the host", "write the whole host").or("use Pattern")
	}
	domain, ok := strings.CutPrefix(name, "*.")
	if !ok || strings.Contains(domain, "*") {
		return refuse("wildcard", `a host can only begin with "*." ("*example.com" also covers evilexample.com)`, "write *.example.com").or(ifEveryHost)
	}
	if !strings.Contains(domain, ".") {
		return refuse("wildcard", "fewer than two labels after *.", "write *.example.com").or(ifEveryHost)
	}
	if wire.IsDistributionParent(domain) {
		return refuse("wildcard", name+" is every distribution that trusts the key", "write the domain name of the distribution that you mean").or(ifEveryHost)
	}
	return nil
}

// checkViewerHost refuses hosts that never belong to a distribution, so that a signature for
// one of them is always useless.
//
// Source: "Amazon Simple Storage Service endpoints and quotas",
// https://docs.aws.amazon.com/general/latest/gr/s3.html
func checkViewerHost(host string) error {
	if !strings.Contains(host, ".amazonaws.") {
		return nil
	}
	if name, _, _ := strings.Cut(host, ":"); isS3(name) {
		return refuse("host", "a host of Amazon S3, which does not read CloudFront's signatures", "write the host of the distribution, such as d111111abcdef8.cloudfront.net")
	}
	return nil
}

// isS3 reports whether name is an endpoint of S3, or a bucket or an access point below one. A
// wildcard can stand for the bucket or the region.
func isS3(name string) bool {
	rest, ok := cutSuffixes(name, ".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu")
	if !ok {
		return false
	}
	labels := strings.Split(strings.TrimSuffix(rest, ".vpce"), ".")
	last := len(labels) - 1
	if last > 0 && isRegion(labels[last]) {
		last--
	}
	if last > 0 && labels[last] == "dualstack" {
		last--
	}
	endpoint := labels[last]
	return endpoint == "s3" || strings.HasPrefix(endpoint, "s3-") || strings.HasPrefix(endpoint, "s3express-")
}

// isRegion reports whether a label can be the name of a region, such as us-east-1. The older
// endpoints have it in their own label, as in s3-us-west-2.
func isRegion(label string) bool {
	if strings.HasPrefix(label, "s3-") {
		return false
	}
	return label == "*" || strings.Contains(label, "-") && strings.HasSuffix(strings.TrimRight(label, "0123456789"), "-")
}

// cutSuffixes cuts off the first of the suffixes that s has.
func cutSuffixes(s string, suffixes ...string) (before string, found bool) {
	for _, suffix := range suffixes {
		if before, found = strings.CutSuffix(s, suffix); found {
			return before, true
		}
	}
	return s, false
}

// checkLabels refuses labels that are empty or too long, and numbers that a client would
// rewrite as an IPv4 address.
func checkLabels(name string) error {
	if len(name) > maxHost {
		return refuse("host", fmt.Sprintf("the host has %d bytes, and DNS names have at most %d", len(name), maxHost), "write a shorter name")
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
	if !isIPv4(name) {
		return refuse("host", "clients read a host that ends in a number as an IPv4 address", "write four decimal numbers without leading zeros")
	}
	return nil
}

func checkLabel(label string) error {
	if label == "" {
		return refuse("host", "a label of the host is empty", "remove the extra dot")
	}
	if len(label) > maxLabel {
		return refuse("host", fmt.Sprintf("a label of the host has %d bytes, and DNS labels have at most %d", len(label), maxLabel), "write a shorter label")
	}
	return nil
}

// isNumber reports whether browsers read a last label as part of an IPv4 address
// (WHATWG URL, "ends in a number").
func isNumber(label string) bool {
	if label[0] < '0' || label[0] > '9' {
		return false
	}
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return isDecimal(label)
}

// isIPv4 reports whether name is an IPv4 address as clients send it.
func isIPv4(name string) bool {
	numbers := 0
	for number := range strings.SplitSeq(name, ".") {
		value := 0
		for _, digit := range []byte(number) {
			value = value*10 + int(digit-'0')
		}
		if !isDecimal(number) || len(number) > 3 || value > 255 || number[0] == '0' && number != "0" {
			return false
		}
		numbers++
	}
	return numbers == 4
}

func isDecimal(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func checkPort(port, scheme string) error {
	switch {
	case !isPort(port):
		return refuse("port", "the port is malformed", "write a decimal number from 1 to 65535 without leading zeros, or leave out the colon")
	case isDefaultPort(port, scheme):
		return refuse("port", "clients leave out the default port", "leave out :"+port)
	}
	return nil
}

func isPort(port string) bool {
	if !isDecimal(port) || len(port) > len("65535") || port[0] == '0' {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 32)
	return err == nil && n <= 65535
}

// isDefaultPort reports whether a client leaves out the port. A scheme with an asterisk stands
// for both.
func isDefaultPort(port, scheme string) bool {
	return port == "443" && scheme != "http" || port == "80" && scheme != "https"
}
