// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusal"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/verify"
)

// A suspect is something that may be wrong with a signature, and can be seen in a
// request without saying whether it is.
type suspect struct {
	applies func(inquiry) bool
	words   string
}

// suspects returns what may be wrong with a signature that was not checked.
func (q inquiry) suspects() []string {
	otherwise := q.refusal.Signature == refusal.Passed ||
		q.refusal.Source == refusal.Signatures && q.refusal.Code != string(verify.CodeAccessDenied)
	if q.report.Verdict != verify.Undecided || q.outcome(verify.CheckCredential) != verify.Passed || otherwise {
		return nil
	}
	var found []string
	for _, s := range allSuspects {
		if s.applies(q) {
			found = append(found, s.words)
		}
	}
	return found
}

var allSuspects = []suspect{
	{cannedInCookies, "Cookies with CloudFront-Expires are for exactly one URL. A wildcard that was signed for them covers nothing: send the policy in CloudFront-Policy."},
	{hashUnnamed, "There is no Hash-Algorithm, so that CloudFront takes the signature for one over SHA-1. If the signer uses SHA-256, as KMS and FIPS demand, send Hash-Algorithm=SHA256."},
	{cannedWithQuery, "The URL has parameters of its own. Each of them must have been there, in this order, when it was signed."},
	{cannedWithEncoding, "The URL has characters that programs encode differently (% + ' , = ~). It must have been signed exactly as it is requested."},
	{isCanned, "A canned policy is for one URL, byte for byte: with this scheme, also after a redirect to https, and with this host, the one that viewers use and neither the distribution's own, if there is another, nor S3's."},
	{policyHasSpace, "The policy has white space in it. Exactly these bytes must have been signed, and not another form of the same JSON."},
	{policyEscapes, `The policy has \u or \/ in it, as JSON encoders for web pages write them. Exactly these bytes must have been signed.`},
	{hasRange, "The policy is for a range of addresses. CloudFront compares it with that of the connection: a proxy, a mobile network or IPv6 changes it. See --" + flagIPAddress + "."},
	{always, "The private key may not belong to the public key with this ID. Compare: openssl pkey -in private_key.pem -pubout"},
	{always, "To know which it is, give the public key: cfsign explain --" + flagPublicKey + " ID=public_key.pem"},
}

func always(inquiry) bool { return true }

func isCanned(q inquiry) bool { return q.value(wire.ParamExpires) != "" }

func inCookies(q inquiry) bool { return !strings.Contains(q.request.URL, wire.ParamSignature+"=") }

func cannedInCookies(q inquiry) bool { return isCanned(q) && inCookies(q) }

func hashUnnamed(q inquiry) bool { return q.value(wire.ParamHashAlgorithm) == "" }

func cannedWithQuery(q inquiry) bool {
	if !isCanned(q) {
		return false
	}
	_, query, _ := strings.Cut(q.request.URL, "?")
	for parameter := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(parameter, "="); name != "" && !wire.IsReserved(name) {
			return true
		}
	}
	return false
}

func cannedWithEncoding(q inquiry) bool {
	path, _, _ := strings.Cut(q.request.URL, "?")
	return isCanned(q) && (strings.ContainsAny(path, "%+',=~") || cannedWithQuery(q) && strings.ContainsAny(q.request.URL, "%+'"))
}

func policyHasSpace(q inquiry) bool {
	return strings.ContainsAny(q.document(), " \t\\") && !policyEscapes(q)
}

func policyEscapes(q inquiry) bool {
	return strings.Contains(q.document(), `\u`) || strings.Contains(q.document(), `\/`)
}

func hasRange(q inquiry) bool {
	return q.outcome(verify.CheckViewerIP) == verify.NotReached && q.outcome(verify.CheckPolicy) == verify.Passed
}
