// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"net/netip"
	"strings"
	"time"
)

// A Policy says what a viewer may do: which URLs, until when, and, in a custom
// policy, from when and from which addresses. It holds exactly one statement,
// as CloudFront demands.
//
// Policies are made by [Canned], [Custom] and [Parse]. They are immutable and
// comparable with ==. The zero Policy allows nothing and cannot be signed.
type Policy struct {
	resource  Resource
	expires   int64        // epoch seconds; 0 only in the zero Policy
	notBefore int64        // epoch seconds; 0: no such condition
	sourceIP  netip.Prefix // not valid: no such condition
	canned    bool
	received  string // the document, if it is not the one of AppendJSON
}

// Canned returns the policy that allows rawURL until expires, in the short
// form that CloudFront rebuilds from the request: nothing but the expiry
// travels with the URL. It always means this one URL with its query, so
// rawURL may have any number of "?", but no asterisk.
//
// It returns the errors of [URL], and [ErrNoExpiry] or [ErrTime] for a zero or
// impossible time. Whether expires is past is checked when the policy is
// signed.
//
// Source: "Create a signed URL using a canned policy".
func Canned(rawURL string, expires time.Time) (Policy, error) {
	var s sections
	if err := s.parseExact(rawURL); err != nil {
		return Policy{}, inField("URL", err)
	}
	seconds, err := expiry(expires)
	if err != nil {
		return Policy{}, err
	}
	return Policy{resource: Resource{pattern: strings.Clone(rawURL)}, expires: seconds, canned: true}, nil
}

// Custom returns the policy that allows the URLs that r covers under the
// conditions c. The whole policy travels with the URL or the cookies.
//
// It returns [ErrNoResource] for the zero Resource; [ErrNoExpiry], [ErrTime]
// or [ErrTimeOrder] for times; [ErrSourceIP] for a range that is invalid or
// not IPv4; [ErrWildcard] for the resource of a canned policy with more than one
// "?"; and [ErrTooLong] for a document that no URL could carry.
//
// Source: "Create a signed URL using a custom policy".
func Custom(r Resource, c Conditions) (Policy, error) {
	if r == (Resource{}) {
		return Policy{}, inField("Resource", refuse(ErrNoResource, "CloudFront would read that as everything the key may sign for: make one with URL, Directory, Under or Pattern"))
	}
	if err := checkQuestionMarks(r.pattern); err != nil {
		return Policy{}, inField("Resource", err)
	}
	p := Policy{resource: r}
	if err := p.setConditions(c); err != nil {
		return Policy{}, err
	}
	var buffer [typicalDocument]byte
	if err := checkDocumentLength(len(p.AppendJSON(buffer[:0]))); err != nil {
		return Policy{}, err
	}
	return p, nil
}

// Resource returns the URLs that the policy covers.
func (p Policy) Resource() Resource { return p.resource }

// Expires returns when access ends, in UTC and whole seconds. It is the zero
// time for the zero Policy.
func (p Policy) Expires() time.Time {
	if p.expires == 0 {
		return time.Time{}
	}
	return time.Unix(p.expires, 0).UTC()
}

// NotBefore returns when access begins, in UTC and whole seconds, and whether
// the policy has that condition.
func (p Policy) NotBefore() (time.Time, bool) {
	if p.notBefore == 0 {
		return time.Time{}, false
	}
	return time.Unix(p.notBefore, 0).UTC(), true
}

// SourceIP returns the range of the viewer's addresses, masked, and whether
// the policy has that condition.
func (p Policy) SourceIP() (netip.Prefix, bool) {
	return p.sourceIP, p.sourceIP.IsValid()
}

// IsCanned reports whether the policy was made by [Canned].
func (p Policy) IsCanned() bool { return p.canned }
