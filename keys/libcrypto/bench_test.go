// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto_test

import (
	"crypto"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/sign"
)

// BenchmarkSign compares the private key operations of Go and of OpenSSL, alone and in a signed
// URL. Package sign verifies the signatures of keys that are not of the standard library.
func BenchmarkSign(b *testing.B) {
	for _, key := range []struct {
		name string
		key  crypto.Signer
	}{{"RSA", testkeys.RSA()}, {"P256", testkeys.P256()}} {
		for _, from := range []struct {
			name string
			key  crypto.Signer
		}{{"Go", key.key}, {"OpenSSL", newKey(b, key.key)}} {
			b.Run(key.name+"/digest/"+from.name, func(b *testing.B) { benchmarkDigest(b, from.key) })
			b.Run(key.name+"/url/"+from.name, func(b *testing.B) { benchmarkURL(b, from.key) })
		}
	}
}

func benchmarkDigest(b *testing.B, key crypto.Signer) {
	digest := make([]byte, crypto.SHA256.Size())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := key.Sign(nil, digest, crypto.SHA256); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkURL(b *testing.B, key crypto.Signer) {
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		b.Fatal(err)
	}
	expires := time.Now().Add(time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := signer.URL(b.Context(), "https://cdn.example.com/private/film.mp4", expires); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSignParallel shows whether goroutines wait for each other.
func BenchmarkSignParallel(b *testing.B) {
	for _, key := range []crypto.Signer{testkeys.RSA(), testkeys.P256()} {
		k := newKey(b, key)
		b.Run(strings.Fields(k.String())[0], func(b *testing.B) {
			b.RunParallel(func(p *testing.PB) {
				digest := make([]byte, crypto.SHA256.Size())
				for p.Next() {
					if _, err := k.Sign(nil, digest, crypto.SHA256); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
