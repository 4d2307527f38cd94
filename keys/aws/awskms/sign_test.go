// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha512" // a hash that is refused
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/sign"
)

// TestHashes refuses what KMS or CloudFront does not have, without asking.
func TestHashes(t *testing.T) {
	tests := []struct {
		name, why string
		digest    []byte
		opts      crypto.SignerOpts
		advice    string
	}{
		{"SHA-1", "KMS does not sign it", digest[:20], crypto.SHA1, "leave Hash out of sign.Options"},
		{"SHA-384", "CloudFront does not know it", make([]byte, 48), crypto.SHA384, "crypto.SHA256"},
		{"SHA-512", "CloudFront does not know it", make([]byte, 64), crypto.SHA512, "crypto.SHA256"},
		{"no hash", "would be signed unhashed by package rsa", digest, crypto.Hash(0), "crypto.SHA256"},
		{"unknown hash", "a number", digest, crypto.Hash(99), "crypto.SHA256"},
		{"nil options", "would panic", digest, nil, "crypto.SHA256"},
		{"PSS", "CloudFront verifies PKCS#1 v1.5", digest, &rsa.PSSOptions{Hash: crypto.SHA256}, "RSA-PSS"},
		{"nil PSS", "would panic", digest, (*rsa.PSSOptions)(nil), "RSA-PSS"},
		{"no digest", "forgotten", nil, crypto.SHA256, "0 bytes"},
		{"short", "cut off", digest[:31], crypto.SHA256, "31 bytes"},
		{"long", "hexadecimal", make([]byte, 64), crypto.SHA256, "64 bytes"},
		{"message", "not hashed", []byte(`{"Statement":[]}`), crypto.SHA256, "16 bytes"},
	}
	s := newService(t)
	rsaKey, err := awskms.New(t.Context(), s.client, s.Add(testkeys.RSA()), awskms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := s.count()
	for _, key := range []*awskms.Key{rsaKey, s.key(t)} {
		before = s.count()
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				for name, operate := range operations(key) {
					signature, err := operate(t.Context(), tt.digest, tt.opts)
					checkKind(t, err, keys.ErrHash)
					if signature != nil || err == nil || !strings.Contains(err.Error(), tt.advice) {
						t.Errorf("%s (%s): %v, want one that says %q", name, tt.why, err, tt.advice)
					}
				}
			})
		}
	}
	if diff := cmp.Diff(before, s.count()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// operations are the two ways to sign.
func operations(key *awskms.Key) map[string]func(context.Context, []byte, crypto.SignerOpts) ([]byte, error) {
	return map[string]func(context.Context, []byte, crypto.SignerOpts) ([]byte, error){
		"SignContext": key.SignContext,
		"Sign": func(_ context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
			return key.Sign(rand.Reader, digest, opts)
		},
	}
}

// TestSHA1Signer says why not already where a signer for SHA-1 is used.
func TestSHA1Signer(t *testing.T) {
	s := newService(t)
	signer, err := sign.New("K1", s.key(t), sign.Options{Hash: crypto.SHA1})
	if err != nil {
		return // because of FIPS 140-3
	}
	_, err = signer.URL(t.Context(), "https://cdn.example.com/", later())
	checkKind(t, err, keys.ErrHash)
	if err == nil || !strings.Contains(err.Error(), "KMS has no signing algorithm with SHA-1") {
		t.Error(err)
	}
}

// TestSignContextNil passes a nil context.
func TestSignContextNil(t *testing.T) {
	var none context.Context
	signature, err := newService(t).key(t).SignContext(none, digest, crypto.SHA256)
	if signature != nil || err == nil || !strings.Contains(err.Error(), "context.Background()") {
		t.Error(err)
	}
}

// TestWrongAnswers: no signature is handed out that CloudFront would refuse, or that is
// not the work of the key.
func TestWrongAnswers(t *testing.T) {
	tests := []struct {
		name, why string
		alter     func(t *testing.T, a *awslocal.KMSSignature)
		want      error
	}{
		{"one bit", "damaged", func(_ *testing.T, a *awslocal.KMSSignature) { a.Signature[10] ^= 1 }, keys.ErrSignature},
		{"another key's", "mixed up", func(t *testing.T, a *awslocal.KMSSignature) {
			a.Signature = signed(t, testkeys.OtherP256(), a.Digest, crypto.SHA256)
		}, keys.ErrSignature},
		{"another digest's", "an old answer", func(t *testing.T, a *awslocal.KMSSignature) {
			a.Signature = signed(t, testkeys.P256(), make([]byte, 32), crypto.SHA256)
		}, keys.ErrSignature},
		{"another type's", "mixed up", func(t *testing.T, a *awslocal.KMSSignature) {
			a.Signature = signed(t, testkeys.RSA(), a.Digest, crypto.SHA256)
		}, keys.ErrSignature},
		{"raw", "r and s without DER", func(_ *testing.T, a *awslocal.KMSSignature) { a.Signature = a.Signature[4:] }, keys.ErrSignature},
		{"trailing byte", "not DER", func(_ *testing.T, a *awslocal.KMSSignature) { a.Signature = append(a.Signature, 0) }, keys.ErrSignature},
		{"long length", "BER", func(_ *testing.T, a *awslocal.KMSSignature) {
			a.Signature = append([]byte{0x30, 0x81}, a.Signature[1:]...)
		}, keys.ErrSignature},
		{"leading zeros", "BER", func(_ *testing.T, a *awslocal.KMSSignature) { a.Signature = padded(a.Signature) }, keys.ErrSignature},
		{"zeros", "a fault", func(_ *testing.T, a *awslocal.KMSSignature) { a.Signature = []byte{0x30, 6, 2, 1, 0, 2, 1, 0} }, keys.ErrSignature},
		{"another algorithm", "said to be", func(_ *testing.T, a *awslocal.KMSSignature) { a.SigningAlgorithm = "ECDSA_SHA_384" }, keys.ErrSignature},
		{"another ARN", "said to be", func(_ *testing.T, a *awslocal.KMSSignature) { a.KeyID += "0" }, keys.ErrMismatch},
		{"alias", "not the ARN of the key", func(_ *testing.T, a *awslocal.KMSSignature) { a.KeyID = alias }, keys.ErrMismatch},
		{"no signature", "left out", func(_ *testing.T, a *awslocal.KMSSignature) { a.Signature = nil }, keys.ErrUnavailable},
		{"no key ID", "left out", func(_ *testing.T, a *awslocal.KMSSignature) { a.KeyID = "" }, keys.ErrUnavailable},
		{"no algorithm", "left out", func(_ *testing.T, a *awslocal.KMSSignature) { a.SigningAlgorithm = "" }, keys.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			key := s.key(t)
			s.AlterSignature(func(a *awslocal.KMSSignature) { tt.alter(t, a) })
			signature, err := key.SignContext(t.Context(), digest, crypto.SHA256)
			checkKind(t, err, tt.want)
			if signature != nil || err == nil {
				t.Errorf("%s: %v", tt.why, err)
			}
			if diff := cmp.Diff(requests{Public: 1, Sign: 1}, s.count()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWrongRSAAnswers are those that only RSA has.
func TestWrongRSAAnswers(t *testing.T) {
	tests := []struct {
		name, why string
		opts      crypto.SignerOpts
		cut       int
	}{
		{"PSS", "another scheme", &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: rsa.PSSSaltLengthEqualsHash}, 0},
		{"short", "leading zeros that were lost", crypto.SHA256, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			key, err := awskms.New(t.Context(), s.client, s.Add(testkeys.RSA()), awskms.Options{})
			if err != nil {
				t.Fatal(err)
			}
			s.AlterSignature(func(a *awslocal.KMSSignature) { a.Signature = signed(t, testkeys.RSA(), a.Digest, tt.opts)[tt.cut:] })
			signature, err := key.SignContext(t.Context(), digest, crypto.SHA256)
			checkKind(t, err, keys.ErrSignature)
			if signature != nil {
				t.Errorf("%s: a signature", tt.why)
			}
		})
	}
}

// TestReplacedKey is one that changes behind its ARN.
func TestReplacedKey(t *testing.T) {
	s := newService(t)
	key := s.key(t)
	s.Replace(s.arn, testkeys.OtherP256())
	signature, err := key.SignContext(t.Context(), digest, crypto.SHA256)
	checkKind(t, err, keys.ErrSignature)
	if signature != nil {
		t.Error("a signature by another key")
	}
	s.Replace(s.arn, testkeys.RSA())
	_, err = key.SignContext(t.Context(), digest, crypto.SHA256)
	checkKind(t, err, keys.ErrUnsupportedKey) // KMS itself refuses the algorithm
}

func signed(t *testing.T, key crypto.Signer, digest []byte, opts crypto.SignerOpts) []byte {
	t.Helper()
	signature, err := key.Sign(rand.Reader, digest, opts)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// padded returns an ECDSA signature with a zero that DER does not allow.
func padded(signature []byte) []byte {
	r := signature[4 : 4+signature[3]]
	s := signature[4+signature[3]:]
	b := append([]byte{0x30, signature[1] + 1, 2, signature[3] + 1, 0}, r...)
	return append(b, s...)
}
