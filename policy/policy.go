// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
)

// A Policy says what a viewer may do: which URLs, until when, and, in a custom policy,
// from when and from which addresses. It holds exactly one statement, as CloudFront
// requires.
//
// Policies are made by [Canned] and [Custom] to be signed, and by [Rebuild] and [Parse] from
// what a viewer sent. They are immutable and comparable with ==. The zero Policy allows
// nothing and cannot be signed.
type Policy struct {
	resource  Resource
	expires   int64        // epoch seconds; 0 only in the zero Policy
	notBefore int64        // epoch seconds; 0: no such condition
	sourceIP  netip.Prefix // not valid: no such condition
	canned    bool
	omitted   bool   // the document has no resource
	received  string // the document, if AppendJSON would write another one
}

// Canned returns the policy that allows rawURL until expires, in the short form that
// CloudFront rebuilds from the request: only the expiry travels with the URL. The policy
// covers exactly this URL with its query, so rawURL can have any number of "?", but no
// asterisk. A fraction of a second in expires is cut off.
//
// Canned returns the errors of [URL], and [ErrExpiry] if expires is zero or out of range.
// It accepts a time in the past: package sign refuses to sign an expired policy.
//
// Source: "Create a signed URL using a canned policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
func Canned(rawURL string, expires time.Time) (Policy, error) {
	if !isPlainURL(rawURL) {
		if _, err := parseExact(rawURL); err != nil {
			return Policy{}, inField(FieldURL, err)
		}
	}
	seconds, err := expiry(expires)
	if err != nil {
		return Policy{}, err
	}
	return Policy{resource: Resource{pattern: strings.Clone(rawURL)}, expires: seconds, canned: true}, nil
}

// Custom returns the policy that allows the URLs that r covers under the conditions c. The
// whole policy travels with the URL or the cookies.
//
// Custom returns [ErrDocument] for the zero Resource and for a resource that only a request
// can have (see [Policy.Signable]), [ErrExpiry] for a missing expiry or
// an invalid time, [ErrSourceIP] for a range that is invalid or not IPv4, [ErrWildcard] for
// the resource of a canned policy with more than one "?", and [ErrTooLong] for a document
// that no URL could carry.
//
// Source: "Create a signed URL using a custom policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
func Custom(r Resource, c Conditions) (Policy, error) {
	if r == (Resource{}) {
		return Policy{}, inField(FieldResource, refuse("no_resource", "it is missing, and CloudFront would read that as everything the key may sign for", "make one with URL, Directory, Under or Pattern"))
	}
	if r.received {
		return Policy{}, errReceived()
	}
	if err := checkQuestionMarks(r.pattern); err != nil {
		return Policy{}, inField(FieldResource, err)
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

// Expires returns when access ends, in UTC and whole seconds, or the zero Time for the zero
// Policy. A request can have a later expiry than the year 9999: Expires then returns the last
// second of that year, and [Policy.JSON] has the real number.
func (p Policy) Expires() time.Time {
	if p.expires == 0 {
		return time.Time{}
	}
	return time.Unix(min(p.expires, lastSecond), 0).UTC()
}

// lastSecond is the last second of the year 9999, which RFC 3339 can still write.
const lastSecond = 253402300799

// NotBefore returns when access begins, in UTC and whole seconds, and whether the policy has
// that condition.
func (p Policy) NotBefore() (time.Time, bool) {
	if p.notBefore == 0 {
		return time.Time{}, false
	}
	return time.Unix(p.notBefore, 0).UTC(), true
}

// SourceIP returns the range of the viewer's addresses, masked, and whether the policy has
// that condition.
func (p Policy) SourceIP() (netip.Prefix, bool) {
	return p.sourceIP, p.sourceIP.IsValid()
}

// IsCanned reports whether the policy was made by [Canned] or [Rebuild].
func (p Policy) IsCanned() bool { return p.canned }

// JSON returns the bytes that are signed: the bytes that [Parse] received, or else the
// document without white space. It returns nil for the zero Policy. You may change the
// result.
func (p Policy) JSON() []byte {
	if p.expires == 0 {
		return nil
	}
	const most = 180 // around the resource
	return p.AppendJSON(make([]byte, 0, len(p.received)+len(p.resource.pattern)+most))
}

// AppendJSON appends to b the bytes that [Policy.JSON] returns, and returns the extended
// buffer.
//
// Canned and Custom policies have the bytes that the AWS CLI and botocore write. A canned
// policy must have them, because CloudFront rebuilds it. AppendJSON escapes nothing in the
// resource: the constructors refuse all bytes that JSON must escape. Escaping "&" or "/",
// as encoders for web pages do, would break canned policies.
func (p Policy) AppendJSON(b []byte) []byte {
	if p.received != "" || p.expires == 0 {
		return append(b, p.received...)
	}
	b = append(b, documentStart...)
	b = append(b, p.resource.pattern...)
	b = append(b, `","Condition":{"DateLessThan":`...)
	b = appendEpoch(b, p.expires)
	if p.sourceIP.IsValid() {
		b = append(b, `,"IpAddress":{"AWS:SourceIp":"`...)
		b = p.sourceIP.AppendTo(b)
		b = append(b, `"}`...)
	}
	if p.notBefore != 0 {
		b = append(b, `,"DateGreaterThan":`...)
		b = appendEpoch(b, p.notBefore)
	}
	return append(b, `}}]}`...)
}

func appendEpoch(b []byte, seconds int64) []byte {
	b = append(b, `{"AWS:EpochTime":`...)
	b = strconv.AppendInt(b, seconds, 10)
	return append(b, '}')
}

// String describes the policy, as in "custom policy for https://cdn.example.com/a until
// 2026-01-01T18:00:00Z". It leaves out the query of the resource, which may be secret, so
// different policies can have the same text. For the document that is signed, see
// [Policy.JSON].
//
// fmt, encoding/json, encoding/xml and log/slog print the same text. But if a Policy is
// in an unexported field of another type, fmt cannot call its methods and prints its
// fields, with the query.
func (p Policy) String() string {
	if p.expires == 0 {
		return "no policy"
	}
	var b strings.Builder
	kind := "custom"
	if p.canned {
		kind = "canned"
	}
	fmt.Fprintf(&b, "%s policy for %s", kind, wire.Redact(wire.WithoutQuery(p.resource.pattern)))
	if prefix, ok := p.SourceIP(); ok {
		fmt.Fprintf(&b, " at %v", prefix)
	}
	if start, ok := p.NotBefore(); ok {
		fmt.Fprintf(&b, " after %s", start.Format(time.RFC3339))
	}
	fmt.Fprintf(&b, " until %s", p.Expires().Format(time.RFC3339))
	return b.String()
}

// Format writes String for every verb.
func (p Policy) Format(f fmt.State, verb rune) { wire.Format(f, verb, p.String()) }

// MarshalText returns String. You cannot read this text back: to store a custom policy,
// use [Policy.JSON] and [Parse].
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
