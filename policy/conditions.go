// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"net/netip"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
)

// Conditions limit a custom policy.
type Conditions struct {
	// Expires is when access ends. It is required and counted in whole
	// seconds: a fraction is cut off.
	Expires time.Time
	// NotBefore is when access begins; CloudFront refuses that second itself.
	// It must be before Expires, in whole seconds. Zero: at once. So check the
	// error of time.Parse, which returns the zero Time when it fails.
	NotBefore time.Time
	// SourceIP is the range of the viewer's IPv4 addresses; CloudFront has no
	// IPv6 here. Host bits are cleared. Nil: anywhere. It is a pointer because
	// a failed parse gives the zero Prefix, which is refused. A length of 0 is every
	// address too, and is refused unless it is written 0.0.0.0/0.
	SourceIP *netip.Prefix
}

// setConditions checks c and takes it over.
func (p *Policy) setConditions(c Conditions) error {
	var err error
	if p.expires, err = expiry(c.Expires); err != nil {
		return err
	}
	if !c.NotBefore.IsZero() {
		if p.notBefore, err = epoch("NotBefore", c.NotBefore); err != nil {
			return err
		}
		if p.notBefore >= p.expires {
			return inField("NotBefore", refuse(ErrTimeOrder, "in whole seconds, %s is not before Expires, %s", utc(p.notBefore), utc(p.expires)))
		}
	}
	if c.SourceIP == nil {
		return nil
	}
	if p.sourceIP, err = checkSourceIP(*c.SourceIP); err != nil {
		return err
	}
	if c.SourceIP.Bits() == 0 && *c.SourceIP != p.sourceIP {
		return inField("SourceIP", refuse(ErrSourceIP, "%v is every address: write 0.0.0.0/0 if that is meant, leave SourceIP nil for viewers anywhere, or check the length of the prefix", *c.SourceIP))
	}
	return nil
}

func expiry(t time.Time) (int64, error) {
	if t.IsZero() {
		return 0, inField("Expires", refuse(ErrNoExpiry, "every policy ends at some time: set one, such as time.Now().Add(time.Hour)"))
	}
	return epoch("Expires", t)
}

// epoch returns t in epoch seconds.
func epoch(field string, t time.Time) (int64, error) {
	seconds := t.Unix()
	if err := checkEpoch(seconds); err != nil {
		return 0, inField(field, err)
	}
	return seconds, nil
}

// utc formats epoch seconds for people.
func utc(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

func checkEpoch(seconds int64) error {
	if seconds <= 0 {
		return refuse(ErrTime, "%d is not after 1970-01-01: was a time left unset?", seconds)
	}
	if seconds > wire.MaxEpoch {
		return refuse(ErrTime, "%d is after 2262-04-11: CloudFront counts in seconds; were milliseconds passed?", seconds)
	}
	return nil
}

// checkSourceIP returns prefix, masked.
func checkSourceIP(prefix netip.Prefix) (netip.Prefix, error) {
	if !prefix.IsValid() {
		return netip.Prefix{}, inField("SourceIP", refuse(ErrSourceIP, "the prefix is invalid: check the error of netip.ParsePrefix, and leave SourceIP nil for viewers anywhere"))
	}
	if !prefix.Addr().Is4() {
		return netip.Prefix{}, inField("SourceIP", refuse(ErrSourceIP, "%s is not IPv4, the only kind that CloudFront compares: write a range such as 192.0.2.0/24", prefix))
	}
	return prefix.Masked(), nil
}

// parseSourceIP returns the range that a policy document names, masked: host
// bits stand in AWS's own samples.
func parseSourceIP(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, inField("SourceIP", refuse(ErrSourceIP, "write AWS:SourceIp as an IPv4 range with its length, such as 192.0.2.0/24, or 192.0.2.10/32 for one address"))
	}
	return checkSourceIP(prefix)
}
