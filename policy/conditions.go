// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
)

// Conditions limit a custom policy. The zero value is invalid, because a policy must
// expire, except for a sign.Cache, which sets Expires itself.
type Conditions struct {
	// Expires is when access ends. It is required. A fraction of a second is cut off.
	Expires time.Time
	// NotBefore is when access begins. CloudFront still denies requests during that
	// second. In whole seconds, NotBefore must be before Expires. A failed time.Parse
	// returns the zero Time, so check its error. Zero: at once.
	NotBefore time.Time
	// SourceIP is the range of the viewer's IPv4 addresses, as CloudFront sees them. It never
	// sees a private, loopback or link-local address, so such a range is only useful with a
	// local edge. CloudFront does not support IPv6 here. If you have the address of a
	// connection, use netip.Addr.Unmap, because Go may write an IPv4 address in the form of
	// IPv6. Host bits are cleared. The zero Prefix, which a failed netip.ParsePrefix
	// returns, is an error. So is a length of 0, unless you write 0.0.0.0/0. Nil: any
	// address.
	SourceIP *netip.Prefix
}

// setConditions checks c and sets the conditions of p.
func (p *Policy) setConditions(c Conditions) error {
	var err error
	if p.expires, err = expiry(c.Expires); err != nil {
		return err
	}
	if !c.NotBefore.IsZero() {
		if p.notBefore, err = epoch(FieldNotBefore, c.NotBefore); err != nil {
			return err
		}
		if err := p.checkOrder(); err != nil {
			return err
		}
	}
	if c.SourceIP == nil {
		return nil
	}
	if p.sourceIP, err = checkSourceIP(*c.SourceIP); err != nil {
		return err
	}
	if c.SourceIP.Bits() == 0 && *c.SourceIP != p.sourceIP {
		return inField(FieldSourceIP, refuse("source_ip", fmt.Sprintf("%v is every address", *c.SourceIP), "write 0.0.0.0/0 if you mean it, or check the length of the prefix"))
	}
	return nil
}

// checkOrder refuses a start that is not before the expiry.
func (p *Policy) checkOrder() error {
	if p.notBefore >= p.expires {
		return inField(FieldNotBefore, refuse("time_order", fmt.Sprintf("in whole seconds, the start %s is not before the expiry %s", utc(p.notBefore), utc(p.expires)),
			"set an earlier start or a later expiry"))
	}
	return nil
}

func expiry(t time.Time) (int64, error) {
	if t.IsZero() {
		return 0, inField(FieldExpires, refuse("no_expiry", "it is missing, and every policy must end at some time", "set one, such as time.Now().Add(time.Hour)"))
	}
	return epoch(FieldExpires, t)
}

// epoch returns t in epoch seconds.
func epoch(field Field, t time.Time) (int64, error) {
	seconds := t.Unix()
	if err := checkEpoch(seconds); err != nil {
		return 0, inField(field, err)
	}
	return seconds, nil
}

// utc formats epoch seconds.
func utc(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

func checkEpoch(seconds int64) error {
	if seconds <= 0 {
		return refuse("time", fmt.Sprintf("%d is not after 1970-01-01", seconds), "check that the time is not left unset")
	}
	if seconds > wire.MaxEpoch {
		return refuse("time", fmt.Sprintf("%d is after 2262-04-11, the last day in CloudFront's documentation", seconds), "set an earlier time, in seconds and not milliseconds")
	}
	return nil
}

// checkSourceIP returns prefix, masked.
func checkSourceIP(prefix netip.Prefix) (netip.Prefix, error) {
	if !prefix.IsValid() {
		return netip.Prefix{}, inField(FieldSourceIP, refuse("source_ip", "the prefix is invalid", "check the error of netip.ParsePrefix, and leave SourceIP nil to allow any address"))
	}
	if address := prefix.Addr(); address.Is4In6() {
		// Servers see the address like this if they listen for IPv4 and IPv6.
		return netip.Prefix{}, inField(FieldSourceIP, refuse("source_ip", prefix.String()+" is an IPv4 address in the form of IPv6", fmt.Sprintf("use Unmap, which returns %v", address.Unmap())))
	}
	if !prefix.Addr().Is4() {
		return netip.Prefix{}, inField(FieldSourceIP, refuse("source_ip", prefix.String()+" is not IPv4, the only kind that CloudFront compares", "write a range such as 192.0.2.0/24"))
	}
	return prefix.Masked(), nil
}

// parseSourceIP returns the range that a policy document names, masked, because AWS's own
// samples have host bits.
func parseSourceIP(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, inField(FieldSourceIP, refuse("source_ip", "AWS:SourceIp is not a range with its length", "write 192.0.2.0/24, or 192.0.2.10/32 for one address"))
	}
	return checkSourceIP(prefix)
}
