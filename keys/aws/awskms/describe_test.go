// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

// secp256k1 is a public key of ECC_SECG_P256K1, made by OpenSSL.
const secp256k1 = "3056301006072a8648ce3d020106052b8104000a03420004a7085926874706ef913eeaf207175c06834385227eeb4afccfe113a749577921f01de8f59677a48b3cd28565326f3c99f1521164cab9aa9189eebc60b27e9dd9"

// TestWrongKeys has KMS answer with keys that CloudFront does not take, or with
// nonsense.
func TestWrongKeys(t *testing.T) {
	rsaDER, p256DER := der(t, testkeys.RSA()), der(t, testkeys.P256())
	koblitz, err := hex.DecodeString(secp256k1)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, why string
		alter     func(a *awslocal.KMSPublicKey)
		want      error
		advice    string
	}{
		{"RSA 4096", "CloudFront takes 2,048 bits", func(a *awslocal.KMSPublicKey) {
			a.KeySpec, a.SigningAlgorithms = "RSA_4096", []string{"RSASSA_PKCS1_V1_5_SHA_256"}
		}, keys.ErrUnsupportedKey, "RSA_2048"},
		{"P-384", "CloudFront takes P-256", func(a *awslocal.KMSPublicKey) { a.KeySpec = "ECC_NIST_P384" }, keys.ErrUnsupportedKey, "ECC_NIST_P256"},
		{"secp256k1", "of the same length as P-256", func(a *awslocal.KMSPublicKey) {
			a.KeySpec, a.PublicKey = "ECC_SECG_P256K1", koblitz
		}, keys.ErrUnsupportedKey, "ECC_SECG_P256K1"},
		{"secp256k1 as P-256", "a mistake", func(a *awslocal.KMSPublicKey) { a.PublicKey = koblitz }, keys.ErrUnavailable, "no public key"},
		{"Ed25519", "CloudFront does not know it", func(a *awslocal.KMSPublicKey) { a.KeySpec = "ECC_NIST_EDWARDS25519" }, keys.ErrUnsupportedKey, "EDWARDS25519"},
		{"encryption", "RSA has both", func(a *awslocal.KMSPublicKey) {
			a.KeyUsage, a.SigningAlgorithms = "ENCRYPT_DECRYPT", nil
		}, keys.ErrUnsupportedKey, "SIGN_VERIFY"},
		{"key agreement", "P-256 has both", func(a *awslocal.KMSPublicKey) {
			a.KeyUsage, a.SigningAlgorithms = "KEY_AGREEMENT", nil
		}, keys.ErrUnsupportedKey, "SIGN_VERIFY"},
		{"other algorithms", "not the one that CloudFront verifies", func(a *awslocal.KMSPublicKey) {
			a.SigningAlgorithms = []string{"RSASSA_PSS_SHA_256"}
		}, keys.ErrUnsupportedKey, "ECDSA_SHA_256"},
		{"no algorithms", "left out", func(a *awslocal.KMSPublicKey) { a.SigningAlgorithms = nil }, keys.ErrUnsupportedKey, "ECDSA_SHA_256"},

		{"RSA for P-256", "contradicts itself", func(a *awslocal.KMSPublicKey) { a.PublicKey = rsaDER }, keys.ErrUnavailable, "contradicts itself"},
		{"P-256 for RSA", "contradicts itself", func(a *awslocal.KMSPublicKey) {
			a.KeySpec, a.SigningAlgorithms = "RSA_2048", []string{"RSASSA_PKCS1_V1_5_SHA_256"}
		}, keys.ErrUnavailable, "contradicts itself"},
		{"cut off", "damaged", func(a *awslocal.KMSPublicKey) { a.PublicKey = a.PublicKey[:60] }, keys.ErrUnavailable, "no public key"},
		{"trailing byte", "not DER", func(a *awslocal.KMSPublicKey) { a.PublicKey = append(p256DER, 0) }, keys.ErrUnavailable, "no public key"},
		{"off the curve", "damaged", func(a *awslocal.KMSPublicKey) { a.PublicKey[90] ^= 1 }, keys.ErrUnavailable, "no public key"},
		{"no public key", "left out", func(a *awslocal.KMSPublicKey) { a.PublicKey = nil }, keys.ErrUnavailable, "incomplete"},
		{"no spec", "left out", func(a *awslocal.KMSPublicKey) { a.KeySpec = "" }, keys.ErrUnavailable, "incomplete"},
		{"no usage", "left out", func(a *awslocal.KMSPublicKey) { a.KeyUsage = "" }, keys.ErrUnavailable, "incomplete"},
		{"no ARN", "left out", func(a *awslocal.KMSPublicKey) { a.KeyID = "" }, keys.ErrUnavailable, "incomplete"},
		{"key ID for the ARN", "KMS answers with the ARN", func(a *awslocal.KMSPublicKey) {
			_, a.KeyID, _ = strings.Cut(a.KeyID, ":key/")
		}, keys.ErrUnavailable, "ARN"},
		{"alias for the ARN", "could lead elsewhere tomorrow", func(a *awslocal.KMSPublicKey) {
			a.KeyID = "arn:aws:kms:us-east-1:111122223333:" + alias
		}, keys.ErrUnavailable, "ARN"},
		{"odd ARN", "with a line break", func(a *awslocal.KMSPublicKey) { a.KeyID += "\n" }, keys.ErrUnavailable, "ARN"},
		{"another ARN", "not the one that was named", func(a *awslocal.KMSPublicKey) { a.KeyID += "0" }, keys.ErrMismatch, "KMS answered with the key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			s.AlterPublicKey(tt.alter)
			key, err := awskms.New(t.Context(), s.client, s.arn, awskms.Options{})
			checkKind(t, err, tt.want)
			if key != nil || err == nil || !strings.Contains(err.Error(), tt.advice) {
				t.Errorf("%s: %v, %v: want an error that says %q", tt.why, key, err, tt.advice)
			}
			if diff := cmp.Diff(requests{Public: 1}, s.count()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCaseOfID: an ID in other letters is no other key.
func TestCaseOfID(t *testing.T) {
	s := newService(t)
	s.AlterPublicKey(func(a *awslocal.KMSPublicKey) { a.KeyID = strings.Replace(a.KeyID, "abcd", "ABCD", 1) })
	key, err := awskms.New(t.Context(), s.client, s.arn, awskms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(s.arn, "abcd", "ABCD", 1); key.ARN() != want {
		t.Errorf("got %s, want what KMS says: %s", key.ARN(), want)
	}
}

func der(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	encoded, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}
