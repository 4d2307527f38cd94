// SPDX-License-Identifier: Apache-2.0

/*
Package awspolicy converts policies to and from the type of the AWS SDK for Go,
[sign.Policy].

With [To], code that signs with the SDK can build its policies with package
policy and keep its signer. With [From], policies that were built for the SDK
can be signed and applied here.

The SDK signs what it is given. From refuses what package policy would not
build, such as a policy that never ends or has two statements.
*/
package awspolicy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"

	"github.com/cfsign/cfsign/policy"
)

// To returns p as a policy of the AWS SDK. The SDK writes the conditions in an
// order of its own; CloudFront takes any. It returns [policy.ErrNoResource] for
// the zero Policy, which the SDK would sign.
//
// The SDK has no canned signed cookies: with its CookieSigner a canned policy
// becomes a custom one for the same URL. One that no custom policy could be is
// refused: with [policy.ErrWildcard] if its URL has a second "?", because only a
// canned policy is taken literally, and with [policy.ErrTooLong]. Sign a canned
// URL with the SDK's URLSigner.Sign.
func To(p policy.Policy) (*sign.Policy, error) {
	notBefore, hasNotBefore := p.NotBefore()
	sourceIP, hasSourceIP := p.SourceIP()
	conditions := policy.Conditions{Expires: p.Expires(), NotBefore: notBefore}
	if hasSourceIP {
		conditions.SourceIP = &sourceIP
	}
	if _, err := policy.Custom(p.Resource(), conditions); err != nil {
		return nil, err
	}
	converted := sign.NewCannedPolicy(p.Resource().String(), p.Expires())
	condition := &converted.Statements[0].Condition
	if hasNotBefore {
		condition.DateGreaterThan = sign.NewAWSEpochTime(notBefore)
	}
	if hasSourceIP {
		condition.IPAddress = &sign.IPAddress{SourceIP: sourceIP.String()}
	}
	return converted, nil
}

// errEmptyResource is for a Resource that somebody forgot: package policy would only
// say that its scheme is missing.
var errEmptyResource = fmt.Errorf("%w: it is empty, and CloudFront reads that as everything the key may sign for: name the URLs", policy.ErrNoResource)

// From returns p as a custom policy, with its conditions in our order. It
// refuses what the SDK signs but [policy.Parse] does not accept, with the
// errors of Parse: among them [policy.ErrNoResource], also for an empty Resource,
// [policy.ErrNoExpiry], [policy.ErrStatements] and [policy.ErrSourceIP], also for an
// address without /32. A nil p is [policy.ErrStatements].
//
// p is not changed. Times are cut to whole seconds, as the SDK does.
func From(p *sign.Policy) (policy.Policy, error) {
	if p == nil || p.Statements == nil {
		p = &sign.Policy{Statements: []sign.Statement{}}
	}
	if slices.ContainsFunc(p.Statements, func(s sign.Statement) bool { return s.Resource == "" }) {
		return policy.Policy{}, &policy.Error{Field: "Resource", Err: errEmptyResource}
	}
	var document bytes.Buffer
	encoder := json.NewEncoder(&document)
	encoder.SetEscapeHTML(false) // which would make it longer
	if err := encoder.Encode(p); err != nil {
		return policy.Policy{}, fmt.Errorf("awspolicy: %w", err)
	}
	parsed, err := policy.Parse(bytes.TrimSpace(document.Bytes()))
	if err != nil {
		return policy.Policy{}, err
	}
	conditions := policy.Conditions{Expires: parsed.Expires()}
	conditions.NotBefore, _ = parsed.NotBefore()
	if prefix, ok := parsed.SourceIP(); ok {
		conditions.SourceIP = &prefix
	}
	return policy.Custom(parsed.Resource(), conditions)
}
