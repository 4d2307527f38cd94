// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/cfsign/cfsign/internal/test/vectors"
)

// A key is a key pair for tests, in the file.
type key struct {
	Note       string `json:"note"`
	KeyPairID  string `json:"key_pair_id"`
	PrivateKey string `json:"private_key"`
	PublicKey  string `json:"public_key"`
}

const testKey = "TEST KEY: it is public. Never use it for anything else."

func keyOf(t testing.TB, k vectors.Key) key {
	t.Helper()
	private, err := x509.MarshalPKCS8PrivateKey(k.Private)
	if err != nil {
		t.Fatal(err)
	}
	return key{testKey, k.KeyPairID, toPEM("PRIVATE KEY", private), publicPEM(t, k.Private.Public())}
}

func publicPEM(t testing.TB, public crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return toPEM("PUBLIC KEY", der)
}

func toPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
