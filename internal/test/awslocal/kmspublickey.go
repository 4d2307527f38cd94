// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// A KMSPublicKey is the answer of GetPublicKey. Empty fields are left out.
type KMSPublicKey struct {
	KeyID                 string   `json:"KeyId,omitempty"`
	PublicKey             []byte   `json:",omitempty"`
	CustomerMasterKeySpec string   `json:",omitempty"`
	KeySpec               string   `json:",omitempty"`
	KeyUsage              string   `json:",omitempty"`
	EncryptionAlgorithms  []string `json:",omitempty"`
	SigningAlgorithms     []string `json:",omitempty"`
}

func (k *KMS) getPublicKey(body []byte) (any, error) {
	var request struct {
		KeyID string `json:"KeyId"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, &Error{Type: "SerializationException", Message: "the body is not JSON of the right form"}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	arn, key, err := k.find(request.KeyID)
	if err != nil {
		return nil, err
	}
	if err := key.usable(arn); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(key.private.Public())
	if err != nil {
		return nil, err
	}
	answer := &KMSPublicKey{KeyID: arn, PublicKey: der, CustomerMasterKeySpec: key.spec, KeySpec: key.spec, KeyUsage: key.usage}
	if key.usage == "SIGN_VERIFY" {
		answer.SigningAlgorithms = algorithmsOf(key.spec)
	} else {
		answer.EncryptionAlgorithms = []string{"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"}
	}
	if k.alterPublicKey != nil {
		k.alterPublicKey(answer)
	}
	return answer, nil
}

// specOf returns the key spec of a key.
func specOf(private crypto.Signer) string {
	if v := reflect.ValueOf(private); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic(fmt.Sprintf("local AWS: the private key is nil (%T): pass a key of package rsa or ecdsa", private))
	}
	switch public := private.Public().(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA_%d", public.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECC_NIST_" + strings.ReplaceAll(public.Params().Name, "-", "")
	}
	panic(fmt.Sprintf("local AWS: KMS has no keys of the type %T: pass a key of package rsa or ecdsa", private))
}

// algorithmsOf returns the signing algorithms of a key spec.
//
// Source: "Key spec reference",
// https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
func algorithmsOf(spec string) []string {
	switch spec {
	case "ECC_NIST_P256":
		return []string{"ECDSA_SHA_256"}
	case "ECC_NIST_P384":
		return []string{"ECDSA_SHA_384"}
	case "ECC_NIST_P521":
		return []string{"ECDSA_SHA_512"}
	default:
		return []string{
			"RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
			"RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512",
		}
	}
}
