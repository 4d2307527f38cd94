// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"net/netip"
)

// Parse reads a policy document, as it comes out of a URL or a cookie. The
// result is a custom policy that keeps the received bytes: its JSON is data.
//
// White space and JSON's escapes are allowed. Refused is whatever two readers
// could understand differently, and whatever [Custom] would refuse: names that
// are unknown, repeated or differ in case ([ErrUnknownMember],
// [ErrRepeatedMember]); other than one statement ([ErrStatements]); no resource
// ([ErrNoResource], although CloudFront reads it as everything) or expiry
// ([ErrNoExpiry]); times that are not whole numbers, or anything else that is
// not in a policy's form ([ErrSyntax]); an address range that is not IPv4 or has
// no prefix length ([ErrSourceIP]); documents longer than 6,144 bytes
// ([ErrTooLong]). The resource may be anything that [URL] or [PatternAnyHost]
// makes, and their errors are returned for any other.
func Parse(data []byte) (Policy, error) {
	if err := checkDocumentLength(len(data)); err != nil {
		return Policy{}, err
	}
	var p Policy
	s := scanner{data: string(data)}
	if err := p.scanDocument(&s); err != nil {
		return Policy{}, err
	}
	if err := s.end(); err != nil {
		return Policy{}, inField("Policy", err)
	}
	// A document in our own form is not kept a second time, so that policies
	// that say the same in the same bytes are equal.
	var buffer [typicalDocument]byte
	if !bytes.Equal(data, p.AppendJSON(buffer[:0])) {
		p.received = s.data
	}
	return p, nil
}

func (p *Policy) scanDocument(s *scanner) error {
	found := false
	err := s.object("the policy", func(name string) error {
		if name != "Statement" {
			return unknown(name, "Statement")
		}
		found = true
		return p.scanStatements(s)
	})
	if err == nil && !found {
		err = refuse(ErrStatements, `there is no "Statement"`)
	}
	return inField("Policy", err)
}

func (p *Policy) scanStatements(s *scanner) error {
	if !s.take('[') {
		return s.expected("Statement to be an array […]")
	}
	if s.take(']') {
		return refuse(ErrStatements, "there is none")
	}
	if err := p.scanStatement(s); err != nil {
		return err
	}
	if s.take(',') {
		return refuse(ErrStatements, "there are several, and CloudFront takes one: sign a policy for each")
	}
	if !s.take(']') {
		return s.expected("] after the statement")
	}
	return nil
}

func (p *Policy) scanStatement(s *scanner) error {
	err := s.object("the statement", func(name string) error {
		switch name {
		case "Resource":
			return p.scanResource(s)
		case "Condition":
			return p.scanConditions(s)
		}
		return unknown(name, "Resource", "Condition")
	})
	if err != nil {
		return err
	}
	if p.resource == (Resource{}) {
		return inField("Resource", refuse(ErrNoResource, "CloudFront reads that as everything the key may sign for: name the URLs"))
	}
	if p.expires == 0 {
		return inField("Expires", refuse(ErrNoExpiry, "every policy needs DateLessThan in its Condition"))
	}
	if p.notBefore >= p.expires {
		return inField("NotBefore", refuse(ErrTimeOrder, "DateGreaterThan, %s, is not before DateLessThan, %s", utc(p.notBefore), utc(p.expires)))
	}
	return nil
}

func (p *Policy) scanResource(s *scanner) error {
	pattern, err := s.text("Resource")
	if err != nil {
		return err
	}
	var parts sections
	if err := parts.parsePattern(pattern, anyHost); err != nil {
		return inField("Resource", err)
	}
	p.resource = Resource{pattern: pattern}
	return nil
}

func (p *Policy) scanConditions(s *scanner) error {
	return s.object("Condition", func(name string) (err error) {
		switch name {
		case "DateLessThan":
			p.expires, err = scanEpoch(s, name, "Expires")
		case "DateGreaterThan":
			p.notBefore, err = scanEpoch(s, name, "NotBefore")
		case "IpAddress":
			p.sourceIP, err = scanSourceIP(s, name)
		default:
			err = unknown(name, "DateLessThan", "DateGreaterThan", "IpAddress")
		}
		return err
	})
}

// scanEpoch reads {"AWS:EpochTime":N}.
func scanEpoch(s *scanner, condition, field string) (seconds int64, err error) {
	err = s.object(condition, func(name string) (err error) {
		if name != "AWS:EpochTime" {
			return unknown(name, "AWS:EpochTime")
		}
		if seconds, err = s.integer("AWS:EpochTime"); err == nil {
			err = checkEpoch(seconds)
		}
		return inField(field, err)
	})
	if err == nil && seconds == 0 {
		err = inField(field, refuse(ErrSyntax, `%s is empty: write {"AWS:EpochTime":1767290400}, or leave it out`, condition))
	}
	return seconds, err
}

// scanSourceIP reads {"AWS:SourceIp":"a.b.c.d/n"}.
func scanSourceIP(s *scanner, condition string) (prefix netip.Prefix, err error) {
	err = s.object(condition, func(name string) error {
		if name != "AWS:SourceIp" {
			return unknown(name, "AWS:SourceIp")
		}
		text, err := s.text("AWS:SourceIp")
		if err != nil {
			return err
		}
		prefix, err = parseSourceIP(text)
		return err
	})
	if err == nil && !prefix.IsValid() {
		err = inField("SourceIP", refuse(ErrSyntax, `%s is empty: write {"AWS:SourceIp":"192.0.2.0/24"}, or leave it out`, condition))
	}
	return prefix, err
}

// unknown reports a name that is none of those known here.
func unknown(name string, known ...string) error {
	const longest = 40
	if len(name) > longest {
		name = name[:longest] + "…"
	}
	return refuse(ErrUnknownMember, "%q, where only %q is allowed (names are case-sensitive)", name, known)
}
