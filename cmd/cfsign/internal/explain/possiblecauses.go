// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/verify"
)

// A possibleCause is a mistake that can make a signature invalid. A request shows that it
// is possible, but not that it was made.
type possibleCause struct {
	applies func(incident) bool
	text    message.Text
}

// possibleCauses returns what can be wrong with a signature that was not checked.
func (i incident) possibleCauses() []string {
	outcome := func(name verify.CheckName) verify.Outcome { return i.report.Check(name).Outcome }
	unclear := i.report.Verdict == verify.Undecided && outcome(verify.CheckCredential) == verify.Passed && outcome(verify.CheckSignature) != verify.Passed
	if !unclear || !i.signatureMayBeWrong() {
		return nil
	}
	var found []string
	for _, cause := range signatureCauses {
		if cause.applies(i) {
			found = append(found, i.words.Say(cause.text))
		}
	}
	return found
}

// signatureMayBeWrong reports whether the response leaves room for a wrong signature.
// Another server than CloudFront's check of signatures has another reason.
func (i incident) signatureMayBeWrong() bool {
	switch i.finding.Source {
	case "", response.Unknown, response.ErrorPage:
		return true
	case response.KeyCheck:
		return i.finding.Code == string(verify.CodeAccessDenied)
	}
	return false
}

var signatureCauses = []possibleCause{
	{cannedInCookies, "Cookies with CloudFront-Expires are for exactly one URL. A signed wildcard covers nothing: send the policy in CloudFront-Policy."},
	{hashUnnamed, "There is no Hash-Algorithm, so CloudFront expects a signature with SHA-1. If the signer uses SHA-256, as KMS and FIPS require, send Hash-Algorithm=SHA256."},
	{cannedWithQuery, "The URL has parameters of its own. Each of them must have been there, in this order, when the URL was signed."},
	{cannedWithEncoding, "The URL has characters that programs encode differently (% + ' , = ~). It must have been signed exactly as it is requested."},
	{isCanned, "A canned policy is for one URL, byte for byte. The scheme must match, also after a redirect to https. The host must be the host that viewers use, not another host of the distribution and not S3's."},
	{policyHasSpace, "The policy contains white space. Exactly these bytes must have been signed, not another form of the same JSON."},
	{policyEscapes, `The policy contains \u or \/, which JSON encoders for web pages write. Exactly these bytes must have been signed.`},
	{incident.rangeUnchecked, "The policy is for an address range. CloudFront compares it with the address of the connection, which a proxy, a mobile network or IPv6 changes. See " + message.ViewerAddress + "."},
	{always, "The private key may not belong to the public key with this ID. Compare: openssl pkey -in private_key.pem -pubout"},
	{always, "To find out which it is, " + message.AddPublicKey},
}

func always(incident) bool { return true }

func isCanned(i incident) bool { return i.value(wire.ParamExpires) != "" }

func cannedInCookies(i incident) bool {
	return isCanned(i) && !strings.Contains(i.request.URL, wire.ParamSignature+"=")
}

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
