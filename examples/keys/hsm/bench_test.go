// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

import (
	"crypto"
	"crypto/sha256"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// BenchmarkSign compares a key in SoftHSM2 with one in memory: alone, with what
// crypto11 adds to it, and with what tokenKey does.
func BenchmarkSign(b *testing.B) {
	s := newSoftToken(b)
	digest := sha256.Sum256(nil)
	memory := map[string]crypto.Signer{"RSA 2048": testkeys.RSA(), "P-256": testkeys.P256()}
	for _, kind := range kinds {
		key := s.newKey(b, kind)
		for _, bench := range []struct {
			name string
			key  crypto.Signer
		}{{"memory", memory[kind]}, {"crypto11", key.key}, {"tokenKey", key}} {
			b.Run(kind+"/"+bench.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := bench.key.Sign(nil, digest[:], crypto.SHA256); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
