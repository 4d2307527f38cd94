// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// The targets of the operations of a [KMS].
const (
	KMSGetPublicKey = "TrentService.GetPublicKey"
	KMSSign         = "TrentService.Sign"
)

// kmsScope is the account and the Region of all keys.
const kmsScope = "arn:aws:kms:us-east-1:111122223333:"

// A KMS is the part of Key Management Service that signing needs: asymmetric keys, their
// aliases and states, and two operations. It is safe for concurrent use.
type KMS struct {
	mu      sync.Mutex
	keys    map[string]*kmsKey // by key ID
	aliases map[string]string  // alias/NAME to key ID

	alterPublicKey func(*KMSPublicKey)
	alterSignature func(*KMSSignature)
}

// A kmsKey is a key in KMS.
type kmsKey struct {
	private      crypto.Signer
	spec         string
	usage, state string
}

// NewKMS returns a KMS without keys, and adds its operations to s.
func NewKMS(s *Server) *KMS {
	k := &KMS{keys: map[string]*kmsKey{}, aliases: map[string]string{}}
	s.Handle(KMSGetPublicKey, k.getPublicKey)
	s.Handle(KMSSign, k.sign)
	return k
}

// Add adds a private key of package rsa or ecdsa, enabled and for signing, and returns its
// ARN. It panics for a key of another kind.
func (k *KMS) Add(private crypto.Signer) (arn string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	id := fmt.Sprintf("1234abcd-12ab-34cd-56ef-%012d", len(k.keys)+1)
	k.keys[id] = &kmsKey{private: private, spec: specOf(private.Public()), usage: "SIGN_VERIFY", state: "Enabled"}
	return kmsScope + "key/" + id
}

// SetAlias points an alias, with its prefix alias/, to a key.
func (k *KMS) SetAlias(alias, arn string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.aliases[alias] = keyID(arn)
}

// SetState sets the state of a key: Enabled, Disabled, PendingDeletion or PendingImport.
func (k *KMS) SetState(arn, state string) {
	k.change(arn, func(key *kmsKey) { key.state = state })
}

// SetUsage sets the usage of a key, such as ENCRYPT_DECRYPT.
func (k *KMS) SetUsage(arn, usage string) {
	k.change(arn, func(key *kmsKey) { key.usage = usage })
}

// Replace puts another private key behind an ARN. The real KMS never does.
func (k *KMS) Replace(arn string, private crypto.Signer) {
	k.change(arn, func(key *kmsKey) { key.private, key.spec = private, specOf(private.Public()) })
}

// AlterPublicKey makes f change every answer of GetPublicKey. Nil: no changes.
func (k *KMS) AlterPublicKey(f func(*KMSPublicKey)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.alterPublicKey = f
}

// AlterSignature makes f change every answer of Sign. Nil: no changes.
func (k *KMS) AlterSignature(f func(*KMSSignature)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.alterSignature = f
}

func (k *KMS) change(arn string, f func(*kmsKey)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f(k.keys[keyID(arn)])
}

// keyID returns the last part of a key's ARN.
func keyID(arn string) string { return strings.TrimPrefix(arn, kmsScope+"key/") }

// find returns the key that a request names by ID, ARN, alias or the alias's ARN. The
// lock must be held.
func (k *KMS) find(name string) (arn string, key *kmsKey, err error) {
	if name == "" {
		return "", nil, invalid("1 validation error detected: Value at 'keyId' failed to satisfy constraint: Member must not be null")
	}
	local, isARN := strings.CutPrefix(name, kmsScope)
	switch {
	case strings.HasPrefix(name, "arn:") && !isARN:
		return "", nil, &Error{Type: "InvalidArnException", Message: "Invalid arn " + name}
	case strings.HasPrefix(local, "alias/"):
		id, ok := k.aliases[local]
		if !ok {
			return "", nil, &Error{Type: "NotFoundException", Message: "Alias " + kmsScope + local + " is not found."}
		}
		local = id
	case isARN:
		local = strings.TrimPrefix(local, "key/")
	}
	key, ok := k.keys[local]
	if !ok {
		return "", nil, &Error{Type: "NotFoundException", Message: "Key '" + kmsScope + "key/" + local + "' does not exist"}
	}
	return kmsScope + "key/" + local, key, nil
}

// usable refuses a key that its state makes useless.
//
// Source: "Key states of AWS KMS keys",
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
func (key *kmsKey) usable(arn string) error {
	switch key.state {
	case "Enabled":
		return nil
	case "Disabled":
		return &Error{Type: "DisabledException", Message: arn + " is disabled."}
	case "PendingDeletion":
		return &Error{Type: "KMSInvalidStateException", Message: arn + " is pending deletion."}
	case "PendingImport":
		return &Error{Type: "KMSInvalidStateException", Message: arn + " is pending import."}
	}
	return &Error{Status: http.StatusInternalServerError, Type: "KMSInternalException", Message: "the key has an unknown state"}
}

func invalid(message string) error { return &Error{Type: "ValidationException", Message: message} }

// A KMSPublicKey is the answer of GetPublicKey. Empty fields are left out.
type KMSPublicKey struct {
	KeyID                 string   `json:"KeyId,omitempty"`
	PublicKey             []byte   `json:",omitempty"`
	CustomerMasterKeySpec string   `json:",omitempty"`
	KeySpec               string   `json:",omitempty"`
	KeyUsage              string   `json:",omitempty"`
	EncryptionAlgorithms  []string `json:",omitempty"`
	SigningAlgorithms     []string `json:",omitempty"`
}

func (k *KMS) getPublicKey(body []byte) (any, error) {
	var request struct {
		KeyID string `json:"KeyId"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, &Error{Type: "SerializationException", Message: "the body is not JSON of the right form"}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	arn, key, err := k.find(request.KeyID)
	if err != nil {
		return nil, err
	}
	if err := key.usable(arn); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(key.private.Public())
	if err != nil {
		return nil, err
	}
	answer := &KMSPublicKey{KeyID: arn, PublicKey: der, CustomerMasterKeySpec: key.spec, KeySpec: key.spec, KeyUsage: key.usage}
	if key.usage == "SIGN_VERIFY" {
		answer.SigningAlgorithms = algorithmsOf(key.spec)
	} else {
		answer.EncryptionAlgorithms = []string{"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"}
	}
	if k.alterPublicKey != nil {
		k.alterPublicKey(answer)
	}
	return answer, nil
}

// specOf returns the key spec of a key.
func specOf(public crypto.PublicKey) string {
	switch public := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA_%d", public.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECC_NIST_" + strings.ReplaceAll(public.Params().Name, "-", "")
	}
	panic(fmt.Sprintf("awslocal: KMS has no keys of the type %T", public))
}

// algorithmsOf returns the signing algorithms of a key spec.
//
// Source: "Key spec reference",
// https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
func algorithmsOf(spec string) []string {
	switch spec {
	case "ECC_NIST_P256":
		return []string{"ECDSA_SHA_256"}
	case "ECC_NIST_P384":
		return []string{"ECDSA_SHA_384"}
	case "ECC_NIST_P521":
		return []string{"ECDSA_SHA_512"}
	default:
		return []string{
			"RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
			"RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512",
		}
	}
}
