// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strings"
	"time"
)

// Rebuild returns the canned policy that CloudFront rebuilds from a request for rawURL,
// whoever signed it. rawURL is the URL as the viewer sent it, without the parameters that
// signing added, and expires is the parameter Expires in epoch seconds.
//
// The policy covers exactly rawURL, byte for byte: an asterisk is a character in it. If
// [Canned] refuses rawURL, you cannot sign the policy again (see [Policy.Signable]).
//
// Rebuild returns [ErrURL] if no client can send rawURL, if some server in use reads its
// path as another one, or if JSON would escape a character of it, because CloudFront's
// pages do not say how CloudFront does. It returns [ErrExpiry] if expires is not positive,
// and [ErrTooLong].
//
// Source: "Create a signed URL using a canned policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
func Rebuild(rawURL string, expires int64) (Policy, error) {
	if p, err := Canned(rawURL, time.Unix(expires, 0)); err == nil {
		return p, nil
	}
	s := split(rawURL)
	err := s.check(rawURL, literalHost, received)
	if at := strings.IndexAny(rawURL, `"\`); err == nil && at >= 0 {
		err = refuse("character", describeByte(rawURL[at])+" in the URL, and CloudFront's pages do not say how a canned policy has it", encodingOf(rawURL[at:]))
	}
	if err != nil {
		return Policy{}, inField(FieldURL, err)
	}
	if expires <= 0 {
		return Policy{}, inField(FieldExpires, checkEpoch(expires))
	}
	resource := Resource{pattern: strings.Clone(rawURL), received: true, literal: true}
	return Policy{resource: resource, expires: expires, canned: true}, nil
}

// Signable returns nil if the policy may be signed. It returns [ErrDocument] if the policy
// came with a request in a form that CloudFront accepts and that this library does not
// sign: without a resource, with a resource that [Custom] refuses, or for a URL that
// [Canned] refuses. It also returns ErrDocument for the zero Policy.
func (p Policy) Signable() error {
	switch {
	case p.expires == 0:
		return inField(FieldPolicy, refuse("syntax", "it is the zero Policy", "make one with Canned or Custom, and check the error"))
	case p.resource.received:
		return errReceived()
	}
	return nil
}

// OmitsResource reports whether the document has no resource. CloudFront reads this as every
// URL of every distribution that trusts the key, and so does [Policy.Resource].
//
// Source: "Create a signed URL using a custom policy", on Resource,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
func (p Policy) OmitsResource() bool { return p.omitted }

func errReceived() error {
	return inField(FieldResource, refuse("received", "it came with a request, in a form that CloudFront accepts and that must not be signed", "make one with URL, Directory, Under or Pattern"))
}

// receivedResource returns the resource in a document that somebody else signed.
func receivedResource(pattern string) (Resource, error) {
	if _, err := parsePattern(pattern, anyHost); err == nil {
		return newResource(pattern), nil
	}
	expanded := expand(pattern)
	s := split(expanded)
	err := s.check(expanded, anyHost, received)
	if at := strings.IndexAny(pattern, `"\`); err == nil && at >= 0 {
		err = refuse("character", describeByte(pattern[at])+" in the resource", encodingOf(pattern[at:]))
	}
	if err == nil && strings.Contains(expanded, "*") {
		err = checkEmptySegments(s.path)
	}
	if err != nil {
		return Resource{}, err
	}
	return Resource{pattern: expanded, received: true}, nil
}

// expand writes the scheme and the path that a pattern can omit if its host begins with an
// asterisk: *example.com stands for *://*example.com/.
//
// Source: "Create a signed URL using a custom policy", on wildcards,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
func expand(pattern string) string {
	if !strings.HasPrefix(pattern, "*") || strings.Contains(pattern, "://") {
		return pattern
	}
	pattern = "*://" + pattern
	if s := split(pattern); s.path == "" && !s.hasQuery && !strings.HasSuffix(s.host, "*") {
		pattern += "/"
	}
	return pattern
}
