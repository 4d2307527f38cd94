// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes of the algorithms
	_ "crypto/sha512"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A KMSSignature is the answer of Sign. Empty fields are left out.
type KMSSignature struct {
	KeyID            string `json:"KeyId,omitempty"`
	Signature        []byte `json:",omitempty"`
	SigningAlgorithm string `json:",omitempty"`

	// Digest is the signed digest. A test can sign it in another way.
	Digest []byte `json:"-"`
}

// A signRequest is the body of a request to Sign.
type signRequest struct {
	KeyID            string `json:"KeyId"`
	Message          []byte
	MessageType      string
	SigningAlgorithm string
}

func (k *KMS) sign(body []byte) (any, error) {
	request := signRequest{MessageType: "RAW"}
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, &Error{Type: "SerializationException", Message: "the body is not JSON of the right form"}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	arn, key, err := k.find(request.KeyID)
	if err != nil {
		return nil, err
	}
	digest, err := request.digest()
	if err != nil {
		return nil, err
	}
	if err := key.usable(arn); err != nil {
		return nil, err
	}
	if err := key.signsWith(arn, request.SigningAlgorithm); err != nil {
		return nil, err
	}
	signature, err := key.private.Sign(rand.Reader, digest, optionsOf(request.SigningAlgorithm))
	if err != nil {
		return nil, err
	}
	answer := &KMSSignature{KeyID: arn, Signature: signature, SigningAlgorithm: request.SigningAlgorithm, Digest: digest}
	if k.alterSignature != nil {
		k.alterSignature(answer)
	}
	return answer, nil
}

// signsWith refuses algorithms that the key does not have.
func (key *kmsKey) signsWith(arn, algorithm string) error {
	if key.usage != "SIGN_VERIFY" {
		return &Error{Type: "InvalidKeyUsageException", Message: arn + " key usage is " + key.usage + " which is not valid for Sign."}
	}
	if !slices.Contains(algorithmsOf(key.spec), algorithm) {
		return &Error{Type: "InvalidKeyUsageException", Message: "Algorithm " + algorithm + " is incompatible with key spec " + key.spec + "."}
	}
	return nil
}

// digest returns the digest to sign.
//
// Source: "Sign", https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
func (r *signRequest) digest() ([]byte, error) {
	hash := hashOf(r.SigningAlgorithm)
	if hash == 0 {
		return nil, invalid(fmt.Sprintf("1 validation error detected: Value '%s' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set", r.SigningAlgorithm))
	}
	const mostBytes = 4096
	switch {
	case len(r.Message) == 0 || len(r.Message) > mostBytes:
		return nil, invalid("1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length between 1 and 4096")
	case r.MessageType == "RAW":
		h := hash.New()
		h.Write(r.Message)
		return h.Sum(nil), nil
	case r.MessageType != "DIGEST":
		return nil, invalid(fmt.Sprintf("1 validation error detected: Value '%s' at 'messageType' failed to satisfy constraint: Member must satisfy enum value set", r.MessageType))
	case len(r.Message) != hash.Size():
		return nil, invalid("Digest is invalid length for algorithm " + r.SigningAlgorithm + ".")
	}
	return r.Message, nil
}

// hashOf returns the hash of an algorithm, or 0 if KMS does not have the algorithm.
func hashOf(algorithm string) crypto.Hash {
	all := slices.Concat(algorithmsOf("ECC_NIST_P256"), algorithmsOf("ECC_NIST_P384"), algorithmsOf("ECC_NIST_P521"), algorithmsOf("RSA_2048"))
	switch {
	case !slices.Contains(all, algorithm):
		return 0
	case strings.HasSuffix(algorithm, "_SHA_256"):
		return crypto.SHA256
	case strings.HasSuffix(algorithm, "_SHA_384"):
		return crypto.SHA384
	default:
		return crypto.SHA512
	}
}

// optionsOf returns the options of package rsa or ecdsa for an algorithm.
func optionsOf(algorithm string) crypto.SignerOpts {
	hash := hashOf(algorithm)
	if strings.HasPrefix(algorithm, "RSASSA_PSS_") {
		return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	}
	return hash
}
