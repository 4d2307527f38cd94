// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto"
	"crypto/rsa"
	"strconv"
	"time"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

func (e *examination) checkKey() error {
	key, ok := e.verifier.trusted(e.credential.values.get(wire.ParamKeyPairID))
	if !ok {
		return deny(CodeInvalidKey, ErrUnknownKey, "the key pair ID is not that of a key in the trusted key group")
	}
	e.key = key
	return nil
}

func (e *examination) describeKey() string {
	kind := "ECDSA on P-256"
	if _, ok := e.key.(*rsa.PublicKey); ok {
		kind = "RSA with 2048 bits"
	}
	return e.credential.values.get(wire.ParamKeyPairID) + ", " + kind
}

func (e *examination) checkSignatureFormat() error {
	signature, err := wire.Decode(e.credential.values.get(wire.ParamSignature))
	if err != nil {
		return denyBecause(CodeMalformedSignature, ErrMalformedSignature, err)
	}
	e.signature = signature
	return nil
}

func (e *examination) describeSignature() string { return "CloudFront's base64" }

// checkPolicyFormat finds the bytes that have to be signed. CloudFront rebuilds
// a canned policy from the request.
func (e *examination) checkPolicyFormat() error {
	if e.credential.isCanned() {
		p, err := e.credential.cannedPolicy()
		if err != nil {
			return err
		}
		e.rebuilt, e.document = p, p.JSON()
		return nil
	}
	document, err := wire.Decode(e.credential.values.get(wire.ParamPolicy))
	if err != nil {
		return denyBecause(CodeMalformedPolicy, ErrMalformedPolicy, err)
	}
	e.document = document
	return nil
}

func (e *examination) describeDocument() string {
	if e.credential.isCanned() {
		return "rebuilt from the URL and its expiry"
	}
	return "CloudFront's base64"
}

func (e *examination) checkHash() error {
	hash, err := e.credential.hash()
	if err != nil {
		return err
	}
	if !e.keyless && !e.verifier.allows(hash) {
		return deny(CodeAccessDenied, ErrSHA1, "the credential names no hash, or SHA1: sign with SHA-256, or set AllowSHA1")
	}
	if err := scheme.CheckHash(hash); err != nil {
		return denyBecause(CodeAccessDenied, ErrSHA1, err)
	}
	e.hash = hash
	return nil
}

func (e *examination) describeHash() string {
	if _, named := e.credential.values.lookup(wire.ParamHashAlgorithm); !named {
		return e.hash.String() + ", because no Hash-Algorithm is named"
	}
	return e.hash.String()
}

func (e *examination) checkSignature() error {
	if !e.fits(e.key, e.hash, e.document) {
		return deny(CodeAccessDenied, ErrBadSignature, "made by another key, over another policy or URL, or with another hash")
	}
	return nil
}

func (e *examination) describeProof() string { return "valid for this key and policy" }

// fits reports whether the signature is that of key over document.
func (e *examination) fits(key crypto.PublicKey, hash crypto.Hash, document []byte) bool {
	return scheme.Verify(key, hash, scheme.Digest(hash, document), e.signature) == nil
}

// cannedPolicy rebuilds the policy from the request, as CloudFront does.
func (c credential) cannedPolicy() (policy.Policy, error) {
	text := c.values.get(wire.ParamExpires)
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != text {
		return policy.Policy{}, deny(CodeMalformedPolicy, ErrMalformedPolicy, "the expiry is not a whole number of seconds, such as 1767290400")
	}
	p, err := policy.Canned(c.url, time.Unix(seconds, 0))
	if err != nil {
		return policy.Policy{}, denyBecause(CodeAccessDenied, ErrAmbiguous, withoutField(err))
	}
	return p, nil
}
