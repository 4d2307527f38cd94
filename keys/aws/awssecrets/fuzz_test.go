// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"crypto"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/sign"
)

// canary stands for a part of a secret. It could be one of an ID, a name or a key.
const canary = "Zq7Xw9Kd5Rb3"

// FuzzSecret: whatever is in a secret, nothing panics, no error repeats a part of it, and
// what is accepted is a pair that signs.
func FuzzSecret(f *testing.F) {
	for _, seed := range []string{
		"", "{", "{}", "text", pemOf(keyA), pemOf(keyC), publicOf(keyA), pairJSON("K1", keyA), pairJSON("K1", keyC),
		jsonOf("CLOUDFRONT_KEY_PAIR_ID", "K1", "PRIVATE_KEY_PEM", pemOf(keyA), "public-key", publicOf(keyA)),
		jsonOf("keyPairId", "K1", "privateKey", pemOf(keyA), "publicKey", publicOf(keyB)),
		jsonOf("keyPairId", "K1", "key_pair_id", "K2"), `{"keyPairId": 1}`, `{"privateKey": null, "a": [{}]}`,
		strings.ReplaceAll(pairJSON("K1", keyA), " ", "\n"),
	} {
		f.Add([]byte(seed), len(seed)/2, "K1", false)
		f.Add([]byte(seed), len(seed)/3, `{"keyPairId": "K1"}`, true)
	}
	f.Fuzz(func(t *testing.T, value []byte, at int, id string, apart bool) {
		at = max(0, min(at, len(value)))
		marked := string(value[:at]) + canary + string(value[at:])
		for _, values := range [][2]string{{string(value), id}, {marked, id}, {string(value), id + canary}, {string(value), canary + id}} {
			checkSecret(t, values[0], values[1], apart)
		}
	})
}

// checkSecret reads a secret. Its ID may be in a place of its own.
func checkSecret(t *testing.T, value, id string, apart bool) {
	t.Helper()
	var o awssecrets.Options
	if apart {
		o.KeyPairIDFrom = awssecrets.Secret(&memory{values: []string{id}}, idName)
	}
	source, err := awssecrets.New(t.Context(), awssecrets.Secret(&memory{values: []string{value}}, secretName), o)
	if err != nil {
		for i := range len(canary) - 3 {
			if strings.Contains(err.Error(), canary[i:i+4]) {
				t.Errorf("a part of the secret stands in %v", err)
			}
		}
		return
	}
	keyPairID, key := source.Pair()
	if _, err := sign.New(keyPairID, key, sign.Options{}); err != nil {
		t.Errorf("no signer takes the pair: %v", err)
	}
	public, err := keys.Public(key)
	if err != nil {
		t.Fatal(err)
	}
	trusted, ok := source.Trusted().Lookup(keyPairID)
	if !ok || !trusted.(interface{ Equal(crypto.PublicKey) bool }).Equal(public) {
		t.Error("its own key is not trusted")
	}
	digest := sha256.Sum256([]byte(keyPairID))
	if _, err := key.Sign(nil, digest[:], crypto.SHA256); err != nil {
		t.Errorf("the key does not sign: %v", err)
	}
}
