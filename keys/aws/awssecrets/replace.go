// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"bytes"
	"cmp"
	"crypto"
	"encoding/json"
	"slices"

	"github.com/cfsign/cfsign/keys"
)

// ParsePair reads the value of a secret as [New] does. It is for code that rotates a secret.
// keyPairID is empty if the secret has the private key alone.
//
// It returns [keys.ErrMismatch] if the secret has a public key of another private key, and the
// errors of [keys.CheckID], [keys.ParsePrivate] and [keys.ParsePublic]. Errors contain no part
// of the secret.
func ParsePair(secret []byte) (keyPairID string, key crypto.Signer, err error) {
	d, err := parsePair(secret)
	if err != nil {
		return "", nil, own(err)
	}
	return d.keyPairID, d.private, nil
}

func parsePair(secret []byte) (document, error) {
	d, err := parseKey(secret)
	if err == nil && d.public != nil && !d.hasKey(d.public) {
		err = errOtherPublic
	}
	return d, err
}

// hasKey reports whether public is the public key of the private key.
func (d document) hasKey(public crypto.PublicKey) bool {
	return pair{public: d.private.Public()}.hasKey(public)
}

// ReplacePair returns the value of a secret with another pair in it. It keeps everything else:
// other members, the names and the order of all members, and white space. The public key is
// replaced if the secret has one. The keys are PEM, in the forms that [keys.MarshalPrivate] and
// [keys.MarshalPublic] write. For an empty secret, ReplacePair returns an object with
// keyPairId, privateKey and publicKey.
//
// It returns [keys.ErrKeyPairID] if the secret has a private key without a key pair ID, because
// applications then have the ID from elsewhere. It also returns the errors of [ParsePair], of
// [keys.CheckID] and of [keys.MarshalPrivate].
func ReplacePair(secret []byte, keyPairID string, key crypto.Signer) ([]byte, error) {
	replaced, err := replacePair(secret, keyPairID, key)
	if err != nil {
		return nil, own(err)
	}
	return replaced, nil
}

func replacePair(secret []byte, keyPairID string, key crypto.Signer) ([]byte, error) {
	if err := keys.CheckID(keyPairID); err != nil {
		return nil, err
	}
	texts, err := textsOf(key)
	if err != nil {
		return nil, err
	}
	texts[nameID] = keyPairID
	if len(bytes.TrimSpace(secret)) == 0 {
		return json.MarshalIndent(texts, "", "  ") // in the order of the names
	}
	d, err := parsePair(secret)
	switch {
	case err != nil:
		return nil, err
	case d.keyPairID == "":
		return nil, errAlone
	}
	return splice(withoutBOM(secret), texts)
}

var (
	errAlone       = refuse(keys.ErrKeyPairID, "the secret has the private key alone, so applications would not get the new ID: first write keyPairId and privateKey into it, as a JSON object")
	errOtherPublic = refuse(keys.ErrMismatch, "its publicKey is not the public key of its privateKey")
)

// textsOf returns the members for a key.
func textsOf(key crypto.Signer) (map[string]string, error) {
	if key == nil {
		return nil, refuse(keys.ErrNoKey, "the key is nil")
	}
	private, err := keys.MarshalPrivate(key)
	if err != nil {
		return nil, err
	}
	public, err := keys.MarshalPublic(key.Public())
	if err != nil {
		return nil, err
	}
	return map[string]string{namePrivate: string(private), namePublic: string(public)}, nil
}

// splice replaces members of a JSON object, and leaves out texts that it has no member for.
func splice(object []byte, texts map[string]string) ([]byte, error) {
	members, err := readMembers(object)
	if err != nil {
		return nil, err
	}
	type part struct {
		member
		name string
	}
	var parts []part
	for name, m := range members {
		parts = append(parts, part{m, name})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.from, b.from) })
	var spliced []byte
	end := 0
	for _, p := range parts {
		text, err := json.Marshal(texts[p.name])
		if err != nil {
			return nil, err
		}
		spliced = append(append(spliced, object[end:p.from]...), text...)
		end = p.to
	}
	return append(spliced, object[end:]...), nil
}
