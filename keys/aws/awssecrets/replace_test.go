// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"crypto"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// TestReplacePair keeps what is not the pair.
func TestReplacePair(t *testing.T) {
	all := func(id string, key crypto.Signer) string {
		return jsonOf("keyPairId", id, "privateKey", pemOf(key), "publicKey", publicOf(key))
	}
	tests := []struct {
		name, why    string
		secret, want string
	}{
		{"pair", "the usual form", pairJSON("K1", keyA), pairJSON("K2", keyB)},
		{"public key", "it must belong to the private key", all("K1", keyA), all("K2", keyB)},
		{"other names", "applications look for them", jsonOf("CLOUDFRONT_KEY_ID", "K1", "cloudfront-private-key-pem", pemOf(keyA)), jsonOf("CLOUDFRONT_KEY_ID", "K2", "cloudfront-private-key-pem", pemOf(keyB))},
		{"escaped names", "JSON has two ways to write a name", strings.ReplaceAll(pairJSON("K1", keyA), "keyPairId", `key\u0050airId`), strings.ReplaceAll(pairJSON("K2", keyB), "keyPairId", `key\u0050airId`)},
		{"others", "they are the user's", `{"a": {"keyPairId": 1}, ` + pairJSON("K1", keyA)[1:], `{"a": {"keyPairId": 1}, ` + pairJSON("K2", keyB)[1:]},
		{"others twice", "encoding/json would lose one", `{"a": 1, "a": 1e3, ` + pairJSON("K1", keyA)[1:], `{"a": 1, "a": 1e3, ` + pairJSON("K2", keyB)[1:]},
		{"space", "people format it", "\n {\t" + pairJSON("K1", keyA)[1:] + " \n", "\n {\t" + pairJSON("K2", keyB)[1:] + " \n"},
		{"a byte order mark", "it is no part of JSON", "\ufeff" + pairJSON("K1", keyA), pairJSON("K2", keyB)},
		{"key on one line", "the new key has line breaks", jsonOf("keyPairId", "K1", "privateKey", strings.ReplaceAll(pemOf(keyA), "\n", " ")), pairJSON("K2", keyB)},
		{"RSA", "the old key is longer", pairJSON("K1", keyC), pairJSON("K2", keyB)},
		{"the same again", "a repeated rotation", pairJSON("K2", keyB), pairJSON("K2", keyB)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := awssecrets.ReplacePair([]byte(tt.secret), "K2", keyB)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.why, diff)
			}
		})
	}
}

// TestReplaceNothing: an empty secret gets everything.
func TestReplaceNothing(t *testing.T) {
	got, err := awssecrets.ReplacePair(nil, "K1", keyA)
	if err != nil {
		t.Fatal(err)
	}
	source := newSource(t, awssecrets.Secret(&memory{values: []string{string(got)}}, secretName), awssecrets.Options{})
	checkPair(t, source, "K1", keyA)
	for _, name := range []string{`"keyPairId"`, `"privateKey"`, `"publicKey"`} {
		if !strings.Contains(string(got), name) {
			t.Errorf("it has no %s", name)
		}
	}
}

// TestReplaceRefusals: what cannot be rotated, and why.
func TestReplaceRefusals(t *testing.T) {
	tests := []struct {
		name, secret, id string
		key              crypto.Signer
		want             error
		says             string
	}{
		{"key alone", pemOf(keyA), "K2", keyB, keys.ErrKeyPairID, "keyPairId and privateKey"},
		{"JSON without an ID", jsonOf("privateKey", pemOf(keyA)), "K2", keyB, keys.ErrKeyPairID, "keyPairId and privateKey"},
		{"JSON without a key", jsonOf("keyPairId", "K1"), "K2", keyB, keys.ErrNoKey, "privateKey"},
		{"another public key", jsonOf("keyPairId", "K1", "privateKey", pemOf(keyA), "publicKey", publicOf(keyB)), "K2", keyB, keys.ErrMismatch, "publicKey"},
		{"two IDs", jsonOf("keyPairId", "K1", "key_pair_id", "K1", "privateKey", pemOf(keyA)), "K2", keyB, keys.ErrMalformedKey, "keyPairId"},
		{"not JSON", "{" + pemOf(keyA), "K2", keyB, keys.ErrMalformedKey, "JSON"},
		{"no ID", pairJSON("K1", keyA), "", keyB, keys.ErrKeyPairID, "key pair ID"},
		{"nil", pairJSON("K1", keyA), "K2", nil, keys.ErrNoKey, "nil"},
		{"a remote key", pairJSON("K1", keyA), "K2", struct{ crypto.Signer }{keyB}, keys.ErrUnsupportedKey, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := awssecrets.ReplacePair([]byte(tt.secret), tt.id, tt.key)
			if got != nil || !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), "awssecrets: ") {
				t.Errorf("got %d bytes and %v", len(got), err)
			}
			checkNoSecret(t, err.Error(), keyA, keyB)
		})
	}
}

// FuzzReplacePair: a secret with a replaced pair has the new pair, and going back gives what
// there was, if the keys had the form that the package writes.
func FuzzReplacePair(f *testing.F) {
	for _, seed := range []string{
		pairJSON("K1", keyA), oldValue("K1"), "\ufeff" + pairJSON("K1", keyA), `{"a": [{"b": "}"}], ` + pairJSON("K1", keyA)[1:] + "\n",
		jsonOf("keyPairId", "K1", "privateKey", pemOf(keyA), "publicKey", publicOf(keyA)), pemOf(keyA), "{}", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, secret []byte) {
		before := string(secret)
		replaced, err := awssecrets.ReplacePair(secret, "K2", keyB)
		if string(secret) != before {
			t.Error("it changed its argument")
		}
		id, key, errBefore := awssecrets.ParsePair(secret)
		if err != nil {
			if errBefore == nil && id != "" {
				t.Errorf("a pair that cannot be replaced: %v", err)
			}
			return
		}
		gotID, got, err := awssecrets.ParsePair(replaced)
		if err != nil || gotID != "K2" || !isKey(got, keyB) {
			t.Fatalf("got %s, %v", gotID, err)
		}
		if errBefore != nil {
			return // it was empty
		}
		first, err := awssecrets.ReplacePair(secret, id, key)
		if err != nil {
			t.Fatal(err)
		}
		back, err := awssecrets.ReplacePair(replaced, id, key)
		if err != nil || string(back) != string(first) {
			t.Errorf("back is not where it began: %v", err)
		}
	})
}
