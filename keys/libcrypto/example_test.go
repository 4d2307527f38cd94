// SPDX-License-Identifier: Apache-2.0

package libcrypto_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/libcrypto"
	"github.com/cfsign/cfsign/sign"
)

// newSigner returns a signer with the key in a PEM file. OpenSSL signs if the system has it.
func newSigner(privatePEM []byte) (*sign.Signer, error) {
	key, err := keys.ParsePrivate(privatePEM)
	if err != nil {
		return nil, err
	}
	fast, err := libcrypto.New(key, libcrypto.Options{})
	switch {
	case errors.Is(err, libcrypto.ErrLibrary):
		log.Printf("signing with the standard library: %v", err)
		return sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	case err != nil:
		return nil, err
	}
	log.Printf("signing with %v", fast)
	return sign.New("K2JCJMDEHXQW5F", fast, sign.Options{})
}

func Example() {
	signer, err := newSigner(testkeys.RSAPEM())
	if err != nil {
		log.Fatal(err)
	}
	_, err = signer.URL(context.Background(), "https://cdn.example.com/private/film.mp4", time.Now().Add(time.Hour))
	fmt.Println(err)
	// Output: <nil>
}

// The library is not there.
func ExampleNew() {
	_, err := libcrypto.New(testkeys.RSA(), libcrypto.Options{Library: "/nowhere/libcrypto.so.3"})
	fmt.Println(errors.Is(err, libcrypto.ErrLibrary))
	// Output: true
}

// newFIPSKey returns a key that signs in the FIPS provider of OpenSSL.
func newFIPSKey(private crypto.Signer) (*libcrypto.Key, error) {
	key, err := libcrypto.New(private, libcrypto.Options{FIPS: true})
	return key, err
}

// Either the FIPS provider signs, or there is an error that no program falls back from.
func ExampleOptions() {
	_, err := newFIPSKey(testkeys.RSA())
	fmt.Println(errors.Is(err, libcrypto.ErrLibrary))
	// Output: false
}

// CloudFront does not accept RSA-PSS.
func ExampleKey_Sign() {
	key, err := libcrypto.New(testkeys.RSA(), libcrypto.Options{})
	if errors.Is(err, libcrypto.ErrLibrary) {
		key = new(libcrypto.Key)
	}
	_, err = key.Sign(nil, make([]byte, 32), &rsa.PSSOptions{Hash: crypto.SHA256})
	fmt.Println(errors.Is(err, keys.ErrHash))
	// Output: true
}

// A closed key signs nothing.
func ExampleKey_Close() {
	key, err := libcrypto.New(testkeys.P256(), libcrypto.Options{})
	if errors.Is(err, libcrypto.ErrLibrary) {
		key = new(libcrypto.Key)
	}
	if err := key.Close(); err != nil {
		log.Fatal(err)
	}
	_, err = key.Sign(nil, make([]byte, 32), crypto.SHA256)
	fmt.Println(errors.Is(err, keys.ErrNoKey))
	// Output: true
}
