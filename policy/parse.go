// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"fmt"
	"net/netip"

	"github.com/cfsign/cfsign/internal/wire"
)

const (
	// maxDocument is the longest policy document, in bytes, that a URL can carry: base64
	// turns three bytes into four.
	maxDocument = wire.MaxURL / 4 * 3

	// typicalDocument is a length, in bytes, that few documents exceed.
	typicalDocument = 512
)

// Parse reads a policy document, as it comes out of a URL or a cookie. The result is a
// custom policy that keeps these bytes: [Policy.JSON] returns them.
//
// White space and JSON's escapes are allowed. Parse refuses a document that two parsers
// could read differently. It accepts three documented forms that [Custom] does not make, and
// which you cannot sign again (see [Policy.Signable]): no resource, which CloudFront reads as
// everything; a resource without a scheme, such as *example.com; and a resource with other
// characters than a URL should have. It returns
//
//   - [ErrDocument] for names that are unknown, repeated or differ in case, for more or
//     fewer than one statement, for times that are not whole numbers, and for any other
//     document that does not have the form of a policy;
//   - [ErrExpiry] for a missing expiry, or a time out of range;
//   - [ErrSourceIP] for an address range that is not IPv4 or has no prefix length;
//   - [ErrTooLong] for a document longer than 6,144 bytes;
//   - [ErrURL] or [ErrWildcard] for a resource that no request can match, or whose path
//     some server in use reads as another one.
func Parse(data []byte) (Policy, error) {
	if err := checkDocumentLength(len(data)); err != nil {
		return Policy{}, err
	}
	if p, ok := parsePlain(data); ok {
		return p, nil
	}
	var p Policy
	s := scanner{data: string(data)}
	if err := p.scanDocument(&s); err != nil {
		return Policy{}, err
	}
	if err := s.end(); err != nil {
		return Policy{}, inField(FieldPolicy, err)
	}
	// A document as AppendJSON writes it is not kept a second time, so that policies that say
	// the same in the same bytes are equal.
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
		err = refuse("statements", `there is no "Statement"`, "write a list of one statement")
	}
	return inField(FieldPolicy, err)
}

func checkDocumentLength(n int) error {
	if n > maxDocument {
		return inField(FieldPolicy, refuse("too_long", fmt.Sprintf("%d bytes, and the longest URL that CloudFront accepts can carry %d", n, maxDocument), "shorten the resource"))
	}
	return nil
}

func (p *Policy) scanStatements(s *scanner) error {
	if !s.take('[') {
		return s.expected("Statement to be an array [...]")
	}
	if s.take(']') {
		return refuse("statements", "there is no statement", "write one")
	}
	if err := p.scanStatement(s); err != nil {
		return err
	}
	if s.take(',') {
		return refuse("statements", "there are several statements, and CloudFront takes one", "sign a policy for each")
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
		p.resource, p.omitted = Resource{pattern: "*", received: true}, true
	}
	if p.expires == 0 {
		return inField(FieldExpires, refuse("no_expiry", "it is missing, and every policy must end at some time", "write DateLessThan into Condition"))
	}
	return p.checkOrder()
}

func (p *Policy) scanResource(s *scanner) error {
	pattern, err := s.text("Resource")
	if err != nil {
		return err
	}
	p.resource, err = receivedResource(pattern)
	return inField(FieldResource, err)
}

func (p *Policy) scanConditions(s *scanner) error {
	return s.object("Condition", func(name string) (err error) {
		switch name {
		case "DateLessThan":
			p.expires, err = scanEpoch(s, name, FieldExpires)
		case "DateGreaterThan":
			p.notBefore, err = scanEpoch(s, name, FieldNotBefore)
		case "IpAddress":
			p.sourceIP, err = scanSourceIP(s, name)
		default:
			err = unknown(name, "DateLessThan", "DateGreaterThan", "IpAddress")
		}
		return err
	})
}

// scanEpoch reads {"AWS:EpochTime":N}.
func scanEpoch(s *scanner, condition string, field Field) (seconds int64, err error) {
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
		err = inField(field, refuse("syntax", condition+" is empty", `write {"AWS:EpochTime":1767290400}, or leave it out`))
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
		err = inField(FieldSourceIP, refuse("syntax", condition+" is empty", `write {"AWS:SourceIp":"192.0.2.0/24"}, or leave it out`))
	}
	return prefix, err
}

// unknown refuses a name that is not one of the known ones.
func unknown(name string, known ...string) error {
	const longest = 40
	if len(name) > longest {
		name = name[:longest] + "..."
	}
	return refuse("unknown_member", fmt.Sprintf("%q is not allowed here", name), fmt.Sprintf("write one of %q (names are case-sensitive)", known))
}
