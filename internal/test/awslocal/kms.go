// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// The targets of the operations that a [KMS] has.
const (
	KMSGetPublicKey = "TrentService.GetPublicKey"
	KMSSign         = "TrentService.Sign"
)

// kmsScope is the account and the Region of all keys.
const kmsScope = "arn:aws:kms:us-east-1:111122223333:"

// A KMS is as much of Key Management Service as signing needs: asymmetric keys, their
// aliases and states, and two operations. It is safe for concurrent use.
type KMS struct {
	mu      sync.Mutex
	keys    map[string]*kmsKey // by key ID
	aliases map[string]string  // alias/NAME to key ID

	alterPublicKey func(*KMSPublicKey)
	alterSignature func(*KMSSignature)
}

// A kmsKey is what KMS keeps under a key ID.
type kmsKey struct {
	private      crypto.Signer
	spec         string
	usage, state string
}

// NewKMS returns a KMS without keys, whose operations it adds to s.
func NewKMS(s *Server) *KMS {
	k := &KMS{keys: map[string]*kmsKey{}, aliases: map[string]string{}}
	s.Handle(KMSGetPublicKey, k.getPublicKey)
	s.Handle(KMSSign, k.sign)
	return k
}

// Add keeps a private key of package rsa or ecdsa, enabled and for signing, and returns
// its ARN. A key of another kind is a mistake of the caller, who gets a panic.
func (k *KMS) Add(private crypto.Signer) (arn string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	id := fmt.Sprintf("1234abcd-12ab-34cd-56ef-%012d", len(k.keys)+1)
	k.keys[id] = &kmsKey{private: private, spec: specOf(private.Public()), usage: "SIGN_VERIFY", state: "Enabled"}
	return kmsScope + "key/" + id
}

// SetAlias lets an alias, with its prefix alias/, name a key, also if it named another
// one before.
func (k *KMS) SetAlias(alias, arn string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.aliases[alias] = keyID(arn)
}

// SetState gives a key one of the states Enabled, Disabled, PendingDeletion and
// PendingImport.
func (k *KMS) SetState(arn, state string) {
	k.change(arn, func(key *kmsKey) { key.state = state })
}

// SetUsage gives a key another usage, such as ENCRYPT_DECRYPT.
func (k *KMS) SetUsage(arn, usage string) {
	k.change(arn, func(key *kmsKey) { key.usage = usage })
}

// Replace puts another private key behind an ARN, as KMS never does.
func (k *KMS) Replace(arn string, private crypto.Signer) {
	k.change(arn, func(key *kmsKey) { key.private, key.spec = private, specOf(private.Public()) })
}

// AlterPublicKey has every answer of GetPublicKey go through f. Nil: none does.
func (k *KMS) AlterPublicKey(f func(*KMSPublicKey)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.alterPublicKey = f
}

// AlterSignature has every answer of Sign go through f. Nil: none does.
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

// usable refuses keys whose state rules out every use.
//
// Source: "Key states of AWS KMS keys".
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
