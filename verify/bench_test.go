// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/verify"
)

// BenchmarkKey measures the public key operation alone.
func BenchmarkKey(b *testing.B) {
	digest := sha256.Sum256([]byte("policy"))
	rsaKey, p256Key := testkeys.RSA(), testkeys.P256()
	rsaSignature, err := rsaKey.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	p256Signature, err := p256Key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("RSA", func(b *testing.B) {
		for b.Loop() {
			if err := rsa.VerifyPKCS1v15(&rsaKey.PublicKey, crypto.SHA256, digest[:], rsaSignature); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("P256", func(b *testing.B) {
		for b.Loop() {
			if !ecdsa.VerifyASN1(&p256Key.PublicKey, digest[:], p256Signature) {
				b.Fatal("does not verify")
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	file := base + "/users/7/images/photo-0001.jpg?width=640"
	for _, id := range []string{rsaID, p256ID} {
		for name, p := range map[string]policy.Policy{"canned": canned(b, file), "custom": custom(b, base+"/users/7/*", policy.Conditions{})} {
			b.Run(id+"/"+name, func(b *testing.B) {
				s, err := signer(b, id, crypto.SHA256).Sign(b.Context(), p)
				if err != nil {
					b.Fatal(err)
				}
				url, err := s.URL(file)
				if err != nil {
					b.Fatal(err)
				}
				v := verifier(b)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := v.Verify(verify.Request{URL: url, ViewerIP: viewer}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
