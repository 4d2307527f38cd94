// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto"
	"time"

	"github.com/cfsign/cfsign/policy"
)

// A CheckName names one of the checks of a request.
type CheckName string

// The checks, in the order in which they are made.
const (
	// CheckCredential: the URL or the cookies have all they need, each once.
	CheckCredential CheckName = "credential"
	// CheckKey: the key pair ID is in the trusted key group.
	CheckKey CheckName = "key"
	// CheckSignatureFormat: the signature can be decoded.
	CheckSignatureFormat CheckName = "signature-format"
	// CheckPolicyFormat: the policy can be decoded, or rebuilt if it is canned.
	CheckPolicyFormat CheckName = "policy-format"
	// CheckHash: the hash is known and allowed.
	CheckHash CheckName = "hash"
	// CheckSignature: the signature is that of the key over the policy.
	CheckSignature CheckName = "signature"
	// CheckPolicy: the policy can be read.
	CheckPolicy CheckName = "policy"
	// CheckExpiry: the policy has not expired.
	CheckExpiry CheckName = "expiry"
	// CheckStart: the policy is valid already.
	CheckStart CheckName = "start"
	// CheckViewerIP: the viewer's address is in the policy's range.
	CheckViewerIP CheckName = "viewer-ip"
	// CheckResource: the policy covers the URL.
	CheckResource CheckName = "resource"
)

// An examination is a request and what the checks have found in it so far.
type examination struct {
	verifier *Verifier
	request  Request
	now      time.Time
	keyless  bool // there are no keys, and Explain goes on without

	credential credential       // CheckCredential
	key        crypto.PublicKey // CheckKey
	signature  []byte           // CheckSignatureFormat
	document   []byte           // CheckPolicyFormat: what has to be signed
	rebuilt    policy.Policy    // CheckPolicyFormat, if canned
	hash       crypto.Hash      // CheckHash
	policy     policy.Policy    // CheckPolicy
}

func newExamination(v *Verifier, r Request) *examination {
	return &examination{verifier: v, request: r, now: v.now()}
}

// A step is one check. Verify makes one after the other until one fails. Explain
// makes all whose needs are met, whether or not others have failed.
type step struct {
	name    CheckName
	needs   []CheckName               // the checks whose findings it uses
	check   func(*examination) error  // its errors are of type *DeniedError
	finding func(*examination) string // what was compared, once check has passed
}

var steps = [...]step{
	{CheckCredential, nil, (*examination).checkCredential, (*examination).describeCredential},
	{CheckKey, []CheckName{CheckCredential}, (*examination).checkKey, (*examination).describeKey},
	{CheckSignatureFormat, []CheckName{CheckCredential}, (*examination).checkSignatureFormat, (*examination).describeSignature},
	{CheckPolicyFormat, []CheckName{CheckCredential}, (*examination).checkPolicyFormat, (*examination).describeDocument},
	{CheckHash, []CheckName{CheckCredential}, (*examination).checkHash, (*examination).describeHash},
	{CheckSignature, []CheckName{CheckKey, CheckSignatureFormat, CheckPolicyFormat, CheckHash}, (*examination).checkSignature, (*examination).describeProof},
	{CheckPolicy, []CheckName{CheckPolicyFormat}, (*examination).checkPolicy, (*examination).describePolicy},
	{CheckExpiry, []CheckName{CheckPolicy}, (*examination).checkExpiry, (*examination).describeExpiry},
	{CheckStart, []CheckName{CheckPolicy}, (*examination).checkStart, (*examination).describeStart},
	{CheckViewerIP, []CheckName{CheckPolicy}, (*examination).checkViewerIP, (*examination).describeViewerIP},
	{CheckResource, []CheckName{CheckPolicy}, (*examination).checkResource, (*examination).describeResource},
}
