// SPDX-License-Identifier: Apache-2.0

/*
Package awspolicy converts policies to and from the type of the AWS SDK for Go,
[sign.Policy].

With [To], code that signs with the SDK can build its policies with package policy and keep
its signer:

	folder, err := policy.Under("https://cdn.example.com/users", userID)
	if err != nil {
		log.Fatal(err)
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: expires})
	if err != nil {
		log.Fatal(err)
	}
	sdkPolicy, err := awspolicy.To(p) // for the SDK's URLSigner and CookieSigner

With [From], you can sign and apply the SDK's policies with this library. The page
docs/migrate.md says how to move from the SDK.

The SDK signs any policy, also in version 1.11.17 of its module. From refuses a policy that [policy.Parse] does not accept, such as
one that never ends or has two statements.
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

// To returns p as a policy of the AWS SDK. The SDK writes the conditions in an order of its
// own; CloudFront accepts every order. It returns [policy.ErrDocument] for the zero Policy,
// which the SDK would sign.
//
// The SDK has no canned signed cookies: with its CookieSigner a canned policy becomes a custom
// one for the same URL. If no custom policy can mean the same, To returns [policy.ErrWildcard]
// for a second "?" in the URL, because CloudFront takes it literally in a canned policy only,
// and [policy.ErrTooLong]. Sign a canned URL with the SDK's URLSigner.Sign.
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

// From returns p as a custom policy, with its conditions in the order of package policy. It
// does not change p, and cuts times to whole seconds, as the SDK does.
//
// It refuses a policy that the SDK signs but [policy.Parse] does not accept, with the errors of
// Parse: among them [policy.ErrDocument] for a nil p and for an empty Resource,
// [policy.ErrExpiry], and [policy.ErrSourceIP], also for an address without /32.
func From(p *sign.Policy) (policy.Policy, error) {
	if p == nil || p.Statements == nil {
		p = &sign.Policy{Statements: []sign.Statement{}}
	}
	if slices.ContainsFunc(p.Statements, func(s sign.Statement) bool { return s.Resource == "" }) {
		return policy.Custom(policy.Resource{}, policy.Conditions{})
	}
	var document bytes.Buffer
	encoder := json.NewEncoder(&document)
	encoder.SetEscapeHTML(false) // it would make the document longer
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
