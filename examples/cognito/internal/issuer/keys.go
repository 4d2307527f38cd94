// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// A signingKey signs tokens of one use. Cognito has one key for access tokens and
// another for ID tokens.
type signingKey struct {
	private *rsa.PrivateKey
	public  jose.JSONWebKey
}

// RotateKeys signs with new keys from now on. The ones before stay in the key set, so
// that their tokens are good until they expire, or until [Issuer.DropOldKeys]. Its errors
// are those of Options.NewKey; then the keys stay as they are.
func (i *Issuer) RotateKeys() error {
	access, err := i.newSigningKey()
	if err != nil {
		return err
	}
	id, err := i.newSigningKey()
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, key := range i.current {
		i.old = append(i.old, key)
	}
	i.current = map[string]*signingKey{UseAccess: access, UseID: id}
	return nil
}

// DropOldKeys leaves only the keys in the key set that sign now.
func (i *Issuer) DropOldKeys() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.old = nil
}

func (i *Issuer) newSigningKey() (*signingKey, error) {
	private, err := i.newKey()
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	public := jose.JSONWebKey{Key: private.Public(), Algorithm: string(jose.RS256), Use: "sig"}
	thumbprint, err := public.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	public.KeyID = base64.StdEncoding.EncodeToString(thumbprint) // of the form that Cognito's have
	return &signingKey{private: private, public: public}, nil
}

// signingKey returns the key that signs tokens of a use now.
func (i *Issuer) signingKey(use string) *signingKey {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.current[use]
}

// keySet returns the public keys.
func (i *Issuer) keySet() jose.JSONWebKeySet {
	i.mu.RLock()
	defer i.mu.RUnlock()
	set := jose.JSONWebKeySet{}
	for _, use := range []string{UseID, UseAccess} {
		set.Keys = append(set.Keys, i.current[use].public)
	}
	for _, key := range i.old {
		set.Keys = append(set.Keys, key.public)
	}
	return set
}
