// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"bytes"
	"crypto"
	"errors"
	"time"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A CheckName names one of the checks of a request.
type CheckName string

// The checks, in their order.
const (
	// CheckCredential checks that the URL or the cookies have all that is needed, each
	// value once.
	CheckCredential CheckName = "credential"
	// CheckKey checks that the key pair ID is in the trusted key group.
	CheckKey CheckName = "key"
	// CheckSignatureFormat checks that the signature can be decoded.
	CheckSignatureFormat CheckName = "signature-format"
	// CheckPolicyFormat checks that the policy can be decoded, or rebuilt if it is canned.
	CheckPolicyFormat CheckName = "policy-format"
	// CheckHash checks that the hash is known and allowed.
	CheckHash CheckName = "hash"
	// CheckSignature checks that the key made the signature over the policy.
	CheckSignature CheckName = "signature"
	// CheckPolicy checks that the policy can be read.
	CheckPolicy CheckName = "policy"
	// CheckExpiry checks that the policy has not expired.
	CheckExpiry CheckName = "expiry"
	// CheckStart checks that the policy is already valid.
	CheckStart CheckName = "start"
	// CheckViewerIP checks that the viewer's address is in the policy's range.
	CheckViewerIP CheckName = "viewer-ip"
	// CheckResource checks that the policy covers the URL.
	CheckResource CheckName = "resource"
)

// An evaluation is a request and what the checks have found in it so far.
type evaluation struct {
	verifier *Verifier
	request  Request
	now      time.Time

	credential credential       // CheckCredential
	key        crypto.PublicKey // CheckKey
	signature  []byte           // CheckSignatureFormat
	document   []byte           // CheckPolicyFormat: the bytes that must be signed
	rebuilt    policy.Policy    // CheckPolicyFormat, if canned
	hash       crypto.Hash      // CheckHash
	policy     policy.Policy    // CheckPolicy
}

// checks are all checks, in the order in which Verify makes them. Their functions follow
// in the same order.
var checks = [...]CheckName{
	CheckCredential, CheckKey, CheckSignatureFormat, CheckPolicyFormat, CheckHash, CheckSignature,
	CheckPolicy, CheckExpiry, CheckStart, CheckViewerIP, CheckResource,
}

// run makes one check, which compares one thing, and writes what it finds into the
// evaluation. Its errors have the type *DeniedError. A switch keeps the evaluation of Verify
// on the stack, which a table of functions does not.
func (e *evaluation) run(name CheckName) error {
	switch name {
	case CheckCredential:
		return e.checkCredential()
	case CheckKey:
		return e.checkKey()
	case CheckSignatureFormat:
		return e.checkSignatureFormat()
	case CheckPolicyFormat:
		return e.checkPolicyFormat()
	case CheckHash:
		return e.checkHash()
	case CheckSignature:
		return e.checkSignature()
	case CheckPolicy:
		return e.checkPolicy()
	case CheckExpiry:
		return e.checkExpiry()
	case CheckStart:
		return e.checkStart()
	case CheckViewerIP:
		return e.checkViewerIP()
	case CheckResource:
		return e.checkResource()
	}
	return deny(CodeAccessDenied, ErrAmbiguous, "the check %s is not known", name)
}

func (e *evaluation) checkCredential() error {
	var err error
	if e.credential, err = credentialOf(e.request); err != nil {
		return err
	}
	return e.credential.checkShape()
}

func (e *evaluation) checkKey() error {
	key, ok := e.verifier.trusted(e.credential.values.get(wire.ParamKeyPairID))
	if !ok {
		return deny(CodeInvalidKey, ErrUnknownKey, "no key with this ID in the trusted key group")
	}
	e.key = key
	return nil
}

func (e *evaluation) checkSignatureFormat() error {
	signature, err := wire.Decode(e.credential.values.get(wire.ParamSignature))
	if err != nil {
		return denyBecause(CodeMalformedSignature, ErrMalformedSignature, err)
	}
	e.signature = signature
	return nil
}

// checkPolicyFormat finds the bytes that must be signed. CloudFront rebuilds a canned
// policy from the request. No page says which one counts if a request has both Policy and
// Expires, as the URLs of a library for Node do, so both must be the same.
func (e *evaluation) checkPolicyFormat() error {
	if text, ok := e.credential.values.lookup(wire.ParamPolicy); ok {
		document, err := wire.Decode(text)
		if err != nil {
			return denyBecause(CodeMalformedPolicy, ErrMalformedPolicy, err)
		}
		e.document = document
	}
	if !e.credential.isCanned() {
		return nil
	}
	p, err := e.credential.cannedPolicy()
	if err != nil {
		return err
	}
	rebuilt := p.JSON()
	if e.document != nil && !bytes.Equal(e.document, rebuilt) {
		return deny(CodeAccessDenied, ErrAmbiguous, "both Policy and Expires, which say different things, and no CloudFront page says which one counts")
	}
	e.rebuilt, e.document = p, rebuilt
	return nil
}

func (e *evaluation) checkHash() error {
	hash, err := e.credential.hash()
	if err != nil {
		return err
	}
	if !e.verifier.allows(hash) {
		return deny(CodeAccessDenied, ErrSHA1, "the credential names no hash, or SHA1: sign with SHA-256, or set AllowSHA1")
	}
	if err := scheme.CheckHash(hash); err != nil {
		return denyBecause(CodeAccessDenied, ErrSHA1, err)
	}
	e.hash = hash
	return nil
}

func (e *evaluation) checkSignature() error {
	if !e.isSignedBy(e.key, e.hash, e.document) {
		return deny(CodeAccessDenied, ErrBadSignature, "made by another key, over another policy or URL, or with another hash")
	}
	return nil
}

// isSignedBy reports whether key made the signature over document.
func (e *evaluation) isSignedBy(key crypto.PublicKey, hash crypto.Hash, document []byte) bool {
	return scheme.Verify(key, hash, scheme.Digest(hash, document), e.signature) == nil
}

// checkPolicy reads the policy. In Verify, the signature has passed before.
func (e *evaluation) checkPolicy() error {
	if e.credential.isCanned() {
		e.policy = e.rebuilt
		return nil
	}
	p, err := policy.Parse(e.document)
	if err != nil {
		return denyPolicy(err)
	}
	e.policy = p
	return nil
}

// checkExpiry denies the second of the expiry itself. CloudFront's pages do not say
// whether it still counts.
func (e *evaluation) checkExpiry() error {
	if e.now.Unix() <= 0 {
		return deny(CodeAccessDenied, ErrAmbiguous, "the verifier's clock is not set")
	}
	if expires := e.policy.Expires(); e.now.Unix() >= expires.Unix() {
		return deny(CodeAccessDenied, ErrExpired, "at %s", formatTime(expires, e.now))
	}
	return nil
}

// checkStart denies requests on or before the start.
//
// Source: "Create a signed URL using a custom policy", on DateGreaterThan,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
func (e *evaluation) checkStart() error {
	if start, ok := e.policy.NotBefore(); ok && e.now.Unix() <= start.Unix() {
		return deny(CodeAccessDenied, ErrNotYetValid, "access begins after %s", formatTime(start, e.now))
	}
	return nil
}

func (e *evaluation) checkViewerIP() error {
	prefix, ok := e.policy.SourceIP()
	switch viewer := e.request.ViewerIP; {
	case !ok || prefix.Contains(viewer.Unmap()):
		return nil
	case !viewer.IsValid():
		return deny(CodeAccessDenied, ErrWrongIP, "the viewer's address is not known, and the policy is for %v", prefix)
	default:
		return deny(CodeAccessDenied, ErrWrongIP, "%v is not in %v", viewer, prefix)
	}
}

func (e *evaluation) checkResource() error {
	if e.credential.cookies && !isCookieScheme(e.policy) {
		return deny(CodeAccessDenied, ErrAmbiguous, "the resource of a policy in cookies begins with neither https:// nor http://, and CloudFront's pages contradict each other on it")
	}
	if e.policy.IsCanned() {
		return nil // it was rebuilt from the URL
	}
	err := e.policy.Resource().Check(e.credential.url)
	if err == nil {
		return nil
	}
	var mismatch *policy.NotCoveredError
	switch {
	case errors.As(err, &mismatch) && (mismatch.Wider || mismatch.Unclear):
		return denyBecause(CodeAccessDenied, ErrAmbiguous, mismatch)
	case errors.As(err, &mismatch):
		return denyBecause(CodeAccessDenied, ErrWrongResource, mismatch)
	}
	return denyBecause(CodeAccessDenied, ErrAmbiguous, err)
}

// isCookieScheme reports whether a policy in cookies can have this resource. CloudFront's page
// on signed cookies names https, http, and no resource at all. The cookie signers of AWS's
// SDKs also write http*.
func isCookieScheme(p policy.Policy) bool {
	switch p.Resource().Scheme() {
	case "https", "http", "http*":
		return true
	}
	return p.OmitsResource()
}
