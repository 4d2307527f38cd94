// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/verify"
)

// A possibleCause is something that may be wrong with a signature, and can be seen in a
// request without saying whether it is.
type possibleCause struct {
	applies func(incident) bool
	words   string
}

// possibleCauses returns what may be wrong with a signature that was not checked.
func (i incident) possibleCauses() []string {
	otherwise := i.finding.Signature == response.Passed ||
		i.finding.Source == response.KeyCheck && i.finding.Code != string(verify.CodeAccessDenied)
	if i.report.Verdict != verify.Undecided || i.outcome(verify.CheckCredential) != verify.Passed || otherwise {
		return nil
	}
	var found []string
	for _, s := range signatureCauses {
		if s.applies(i) {
			found = append(found, s.words)
		}
	}
	return found
}

var signatureCauses = []possibleCause{
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

func always(incident) bool { return true }

func isCanned(i incident) bool { return i.value(wire.ParamExpires) != "" }

func inCookies(i incident) bool { return !strings.Contains(i.request.URL, wire.ParamSignature+"=") }

func cannedInCookies(i incident) bool { return isCanned(i) && inCookies(i) }

func hashUnnamed(i incident) bool { return i.value(wire.ParamHashAlgorithm) == "" }

func cannedWithQuery(i incident) bool {
	if !isCanned(i) {
		return false
	}
	_, query, _ := strings.Cut(i.request.URL, "?")
	for parameter := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(parameter, "="); name != "" && !wire.IsReserved(name) {
			return true
		}
	}
	return false
}

func cannedWithEncoding(i incident) bool {
	path, _, _ := strings.Cut(i.request.URL, "?")
	return isCanned(i) && (strings.ContainsAny(path, "%+',=~") || cannedWithQuery(i) && strings.ContainsAny(i.request.URL, "%+'"))
}

func policyHasSpace(i incident) bool {
	return strings.ContainsAny(i.document(), " \t\\") && !policyEscapes(i)
}

func policyEscapes(i incident) bool {
	return strings.Contains(i.document(), `\u`) || strings.Contains(i.document(), `\/`)
}

func hasRange(i incident) bool {
	return i.outcome(verify.CheckViewerIP) == verify.NotReached && i.outcome(verify.CheckPolicy) == verify.Passed
}
