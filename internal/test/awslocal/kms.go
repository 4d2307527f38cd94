// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

// The targets of the operations of a [KMS] that use a key.
const (
	KMSGetPublicKey = "TrentService.GetPublicKey"
	KMSSign         = "TrentService.Sign"
)

// A KMS is the part of Key Management Service that signing and rotating need: asymmetric
// keys, their aliases and states. It is safe for concurrent use.
type KMS struct {
	server *Server
	scope  string        // the beginning of all ARNs
	made   *atomic.Int64 // keys of all Regions of the account, for their IDs

	mu      sync.Mutex
	keys    map[string]*kmsKey // by key ID
	aliases map[string]string  // alias/NAME to key ID

	foreign        bool // the caller is another account
	alterPublicKey func(*KMSPublicKey)
	alterSignature func(*KMSSignature)
}

// A kmsKey is a key in KMS.
type kmsKey struct {
	private      crypto.Signer
	spec         string
	usage, state string
	description  string
	created      float64
	related      *relatedKeys // nil: not a multi-Region key
}

// NewKMS returns the KMS of us-east-1 without keys, and adds its operations to s.
func NewKMS(s *Server) *KMS { return NewKMSIn(s, "aws", "us-east-1") }

// NewKMSIn is NewKMS for a Region of a partition, such as cn-north-1 of aws-cn.
func NewKMSIn(s *Server, partition, region string) *KMS {
	return newKMS(s, "arn:"+partition+":kms:"+region+":111122223333:", &atomic.Int64{})
}

// InRegion returns the KMS of another Region of the account of k, without keys, and adds its
// operations to s. No two keys of the account have the same ID, except replicas.
func (k *KMS) InRegion(s *Server, region string) *KMS {
	parts := strings.Split(k.scope, ":")
	parts[3] = region
	return newKMS(s, strings.Join(parts, ":"), k.made)
}

func newKMS(s *Server, scope string, made *atomic.Int64) *KMS {
	k := &KMS{server: s, scope: scope, made: made, keys: map[string]*kmsKey{}, aliases: map[string]string{}}
	s.Handle(KMSGetPublicKey, k.getPublicKey)
	s.Handle(KMSSign, k.sign)
	k.handleAdmin(s)
	return k
}

// Add adds a private key of package rsa or ecdsa, enabled and for signing, and returns its
// ARN. It panics for a key of another kind, and for a nil pointer.
func (k *KMS) Add(private crypto.Signer) (arn string) {
	return k.add(private, "1234abcd-12ab-34cd-56ef-%012d", nil)
}

// AddMultiRegion is Add for the primary key of a multi-Region key.
func (k *KMS) AddMultiRegion(private crypto.Signer) (arn string) {
	return k.add(private, "mrk-1234abcd12ab34cd56ef%012d", &relatedKeys{})
}

func (k *KMS) add(private crypto.Signer, form string, related *relatedKeys) (arn string) {
	spec := specOf(private)
	k.mu.Lock()
	defer k.mu.Unlock()
	id := fmt.Sprintf(form, k.made.Add(1))
	arn = k.scope + "key/" + id
	if related != nil {
		related.add(arn)
	}
	k.keys[id] = &kmsKey{private: private, spec: spec, usage: "SIGN_VERIFY", state: "Enabled", created: k.server.seconds(), related: related}
	return arn
}

// Replicate adds a replica of a multi-Region key to the KMS of another Region, enabled, and
// returns the ARN of the replica. It panics if there is no such key, or if it is not a
// multi-Region key, and if the other Region is the same one or has the replica.
//
// Source: "ReplicateKey", https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
func (k *KMS) Replicate(arn string, into *KMS) (replica string) {
	if into == nil || into.scope == k.scope {
		panic("local AWS: a replica must be in another Region")
	}
	id := k.keyID(arn)
	var key kmsKey
	k.change(arn, func(primary *kmsKey) { key = *primary })
	if key.related == nil {
		panic(fmt.Sprintf("local AWS: %q is not a multi-Region key", arn))
	}
	key.state = "Enabled"
	into.mu.Lock()
	defer into.mu.Unlock()
	replica = into.scope + "key/" + id
	if into.keys[id] != nil {
		panic(fmt.Sprintf("local AWS: there is already a key %q", replica))
	}
	into.keys[id] = &key
	key.related.add(replica)
	return replica
}

// SetAlias points an alias, with its prefix alias/, to a key. It panics for an alias that KMS
// refuses, and if there is no such key.
func (k *KMS) SetAlias(alias, arn string) {
	if err := checkAlias(alias); err != nil {
		panic(fmt.Sprintf("local AWS: the alias %q: %v", alias, err))
	}
	k.change(arn, func(*kmsKey) { k.aliases[alias] = k.keyID(arn) })
}

// SetState sets the state of a key: Enabled, Disabled, PendingDeletion, PendingReplicaDeletion
// or PendingImport.
func (k *KMS) SetState(arn, state string) {
	k.change(arn, func(key *kmsKey) { key.state = state })
}

// SetUsage sets the usage of a key, such as ENCRYPT_DECRYPT.
func (k *KMS) SetUsage(arn, usage string) {
	k.change(arn, func(key *kmsKey) { key.usage = usage })
}

// Replace puts another private key behind an ARN. The real KMS never does. It panics as Add does, and if
// there is no such key.
func (k *KMS) Replace(arn string, private crypto.Signer) {
	spec := specOf(private)
	k.change(arn, func(key *kmsKey) { key.private, key.spec = private, spec })
}

// SetForeign makes the caller one of another account: only an ARN then names a key.
func (k *KMS) SetForeign() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.foreign = true
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
	key, ok := k.keys[k.keyID(arn)]
	if !ok {
		panic(fmt.Sprintf("local AWS: there is no key %q", arn))
	}
	f(key)
}

// keyID returns the last part of a key's ARN.
func (k *KMS) keyID(arn string) string { return strings.TrimPrefix(arn, k.scope+"key/") }

// find returns the key that a request names by ID, ARN, alias or the alias's ARN. The
// lock must be held.
func (k *KMS) find(name string) (arn string, key *kmsKey, err error) {
	if name == "" {
		return "", nil, invalid("1 validation error detected: Value at 'keyId' failed to satisfy constraint: Member must not be null")
	}
	local, isARN := strings.CutPrefix(name, k.scope)
	switch {
	case strings.HasPrefix(name, "arn:") && !isARN:
		return "", nil, k.refuseARN(name)
	case k.foreign && !isARN:
		return "", nil, &Error{Type: "NotFoundException", Message: "Key or alias '" + name + "' does not exist in the account of the caller"}
	case strings.HasPrefix(local, "alias/"):
		id, ok := k.aliases[local]
		if !ok {
			return "", nil, &Error{Type: "NotFoundException", Message: "Alias " + k.scope + local + " is not found."}
		}
		local = id
	case isARN && !strings.HasPrefix(local, "key/"):
		return "", nil, invalidARN(name)
	case isARN:
		local = strings.TrimPrefix(local, "key/")
	}
	key, ok := k.keys[local]
	if !ok {
		return "", nil, &Error{Type: "NotFoundException", Message: "Key '" + k.scope + "key/" + local + "' does not exist"}
	}
	return k.scope + "key/" + local, key, nil
}

// refuseARN returns the error for an ARN of another Region, of another account, or of no key.
//
// Sources: answers of KMS in public reports of bugs, https://github.com/pulumi/pulumi/issues/17022
// and https://github.com/nakedible/openssl-engine-kms/issues/1, for another Region, and "Allowing
// users in other accounts to use a KMS key", for a key that is not shared,
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
func (k *KMS) refuseARN(arn string) error {
	const partition, service, region, account = 1, 2, 3, 4
	parts, own := strings.Split(arn, ":"), strings.Split(k.scope, ":")
	switch {
	case len(parts) < len(own) || parts[partition] != own[partition] || parts[service] != own[service]:
		return invalidARN(arn)
	case parts[region] != own[region]:
		return &Error{Type: "NotFoundException", Message: "Invalid arn " + parts[region]}
	}
	return &Error{Type: "AccessDeniedException", Message: "the caller is not authorized to use the key of the account " + parts[account] + " because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"}
}

func invalidARN(arn string) error {
	return &Error{Type: "InvalidArnException", Message: "Invalid arn " + arn}
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
	case "PendingReplicaDeletion":
		return &Error{Type: "KMSInvalidStateException", Message: arn + " is pending replica deletion."}
	case "PendingImport":
		return &Error{Type: "KMSInvalidStateException", Message: arn + " is pending import."}
	}
	return &Error{Type: "KMSInternalException", Message: "the key has an unknown state"}
}

func invalid(message string) error { return &Error{Type: "ValidationException", Message: message} }
