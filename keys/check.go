// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"reflect"
)

const supported = "CloudFront's key groups take RSA with 2048 bits or ECDSA on P-256"

// copyPublic returns a copy of key if it is one that CloudFront accepts.
func copyPublic(key crypto.PublicKey) (crypto.PublicKey, error) {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return copyRSA(key)
	case *ecdsa.PublicKey:
		return copyECDSA(key)
	case nil:
		return nil, refuse(ErrNoKey, "it is nil")
	case crypto.Signer:
		return nil, refuse(ErrUnsupportedKey, "a private key where a public one belongs: hand over its Public()")
	case ed25519.PublicKey:
		return nil, refuse(ErrUnsupportedKey, "Ed25519: %s", supported)
	}
	return nil, refuse(ErrUnsupportedKey, "%T: %s (as *rsa.PublicKey or *ecdsa.PublicKey)", key, supported)
}

func copyECDSA(key *ecdsa.PublicKey) (crypto.PublicKey, error) {
	if isEmptyECDSA(key) {
		return nil, refuse(ErrNoKey, "the ECDSA key is empty")
	}
	if key.Curve != elliptic.P256() {
		return nil, refuse(ErrUnsupportedKey, "ECDSA on %s: %s", curveName(key.Curve), supported)
	}
	point, err := key.Bytes()
	if err != nil {
		return nil, refuse(ErrMalformedKey, "the point is not on P-256")
	}
	copied, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, refuse(ErrMalformedKey, "the point is not on P-256")
	}
	return copied, nil
}

// isEmptyECDSA reports whether something is missing without which the standard
// library panics.
func isEmptyECDSA(key *ecdsa.PublicKey) bool {
	//lint:ignore SA1019 the methods that replace X and Y panic if they are nil
	return key == nil || key.Curve == nil || key.X == nil || key.Y == nil
}

func curveName(curve elliptic.Curve) string {
	if params := curve.Params(); params != nil {
		return params.Name
	}
	return "an unknown curve"
}

// checkPrivate refuses keys of the standard library whose private and public
// parts do not belong together. Those of anyone else are taken at their word:
// package sign checks what they sign.
func checkPrivate(key crypto.Signer) error {
	switch key := key.(type) {
	case nil:
		return refuse(ErrNoKey, "it is nil")
	case ed25519.PrivateKey:
		return refuse(ErrUnsupportedKey, "Ed25519: %s", supported)
	case *rsa.PrivateKey:
		return checkPrivateRSA(key)
	case *ecdsa.PrivateKey:
		//lint:ignore SA1019 the methods that replace D panic if it is nil
		if key == nil || isEmptyECDSA(&key.PublicKey) || key.D == nil {
			return refuse(ErrNoKey, "the ECDSA key is empty")
		}
		if key.Curve == elliptic.P256() && !isConsistent(key) {
			return refuse(ErrMalformedKey, "the parts of the ECDSA key do not belong together")
		}
	default:
		if isNil(key) {
			return refuse(ErrNoKey, "it is a nil %T", key)
		}
	}
	return nil
}

// isNil reports whether an interface holds a nil pointer or the like.
func isNil(key crypto.Signer) bool {
	switch v := reflect.ValueOf(key); v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Slice, reflect.Chan:
		return v.IsNil()
	default:
		return false
	}
}

func isConsistent(key *ecdsa.PrivateKey) bool {
	scalar, err := key.Bytes()
	if err != nil {
		return false
	}
	derived, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	return err == nil && derived.PublicKey.Equal(&key.PublicKey)
}
