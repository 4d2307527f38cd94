// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"sync"

	"github.com/cfsign/cfsign/keys"
)

// A nativeKey is a private key in the memory of OpenSSL (EVP_PKEY).
type nativeKey struct {
	library       *library
	algorithm     string // "RSA" or "EC", as OpenSSL names it
	provider      string // the provider that signs; empty for an engine
	deterministic bool   // ECDSA with nonces by RFC 6979
	size          int    // the most bytes of a signature

	// Signatures hold the lock for reading, so that close waits for them.
	lock    sync.RWMutex
	key     uintptr         // 0: closed
	cleanup runtime.Cleanup // frees the key after the last use of the nativeKey
}

// newNativeKey copies a key that [keys.Public] accepts into OpenSSL.
func newNativeKey(key crypto.Signer, o Options) (*nativeKey, error) {
	var p params
	defer p.clear()
	k := &nativeKey{}
	var err error
	switch key := key.(type) {
	case *rsa.PrivateKey:
		k.algorithm, err = "RSA", p.rsa(key)
	case *ecdsa.PrivateKey:
		k.algorithm, err = "EC", p.ecdsa(key)
	default:
		err = refuse(keys.ErrUnsupportedKey, "a %T is not in memory: pass an *rsa.PrivateKey or *ecdsa.PrivateKey", key)
	}
	if err != nil {
		return nil, err
	}
	if k.library, err = load(o); err != nil {
		return nil, err
	}
	if err := k.create(&p); err != nil {
		k.close()
		return nil, err
	}
	if k.deterministic {
		// The FIPS provider 3.5 knows the parameter, but fails with it.
		_, err := k.sign(make([]byte, crypto.SHA256.Size()), crypto.SHA256)
		k.deterministic = err == nil
	}
	return k, nil
}

// rsa adds the numbers of an RSA key with two primes.
func (p *params) rsa(key *rsa.PrivateKey) error {
	if len(key.Primes) != 2 || key.N == nil {
		return mixed()
	}
	// The order matters: Precompute takes seconds for long numbers.
	most := key.N.BitLen()
	err := errors.Join(
		p.integer("n\x00", key.N, most),
		p.integer("e\x00", big.NewInt(int64(key.E)), most),
		p.integer("d\x00", key.D, most),
		p.integer("rsa-factor1\x00", key.Primes[0], most),
		p.integer("rsa-factor2\x00", key.Primes[1], most),
	)
	if err != nil {
		return mixed()
	}
	computed := key.Precomputed
	if computed.Dp == nil || computed.Dq == nil || computed.Qinv == nil {
		copied := &rsa.PrivateKey{PublicKey: key.PublicKey, D: key.D, Primes: key.Primes}
		copied.Precompute()
		computed = copied.Precomputed
	}
	err = errors.Join(
		p.integer("rsa-exponent1\x00", computed.Dp, most),
		p.integer("rsa-exponent2\x00", computed.Dq, most),
		p.integer("rsa-coefficient1\x00", computed.Qinv, most),
	)
	if err != nil {
		return mixed()
	}
	return nil
}

// ecdsa adds the numbers of a key on P-256.
func (p *params) ecdsa(key *ecdsa.PrivateKey) error {
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return mixed()
	}
	scalar, err := key.Bytes()
	if err != nil {
		return mixed()
	}
	p.text("group\x00", "P-256\x00")
	p.octets("pub\x00", point)
	p.number("priv\x00", bytes.Clone(scalar)) // The standard library keeps scalar.
	return nil
}

// mixed omits the reasons of the standard library, which are not guaranteed to hold no part of
// the key.
func mixed() error {
	return refuse(keys.ErrMalformedKey, "the parts of the key do not belong together")
}

// create makes the key of the params, and lets OpenSSL check it.
func (k *nativeKey) create(p *params) error {
	l := k.library
	const keyPair = 0x87 // EVP_PKEY_KEYPAIR: all parts of a key
	err := l.call(func() bool {
		keyCtx := l.newKeyCtxFromName(l.context, k.algorithm, l.query)
		if keyCtx == 0 {
			return false
		}
		defer l.freeKeyCtx(keyCtx)
		created := new(uintptr)
		if l.fromDataInit(keyCtx) != 1 || l.fromData(keyCtx, created, keyPair, p.first()) != 1 || *created == 0 {
			return false
		}
		k.key = *created
		k.cleanup = runtime.AddCleanup(k, l.freeKey, k.key)
		k.size = int(l.keySize(k.key))
		return k.size > 0
	})
	if err == nil {
		err = l.call(k.check)
	}
	switch {
	case err != nil:
		return refuse(keys.ErrMalformedKey, "%v refuses it: %v", l, err)
	case k.provider == "" || l.provider != "" && k.provider != "fips":
		return refuse(ErrLibrary, "in %v an engine or another provider would sign: remove it from openssl.cnf", l)
	}
	return nil
}

// check reports whether the numbers of the key belong together, and its primes are prime. It
// finds out what signs, and whether that has deterministic ECDSA.
func (k *nativeKey) check() bool {
	l := k.library
	keyCtx := l.newKeyCtx(l.context, k.key, l.query)
	if keyCtx == 0 {
		return false
	}
	defer l.freeKeyCtx(keyCtx)
	if l.checkKey(keyCtx) != 1 || l.signInit(keyCtx, nil) != 1 {
		return false
	}
	if provider := l.providerOf(keyCtx); provider != 0 { // otherwise, an engine
		k.provider = l.providerName(provider)
	}
	if settable := l.settable(keyCtx); k.algorithm == "EC" && settable != 0 {
		k.deterministic = l.locate(settable, "nonce-type") != 0
	}
	return true
}

// sign signs a digest, which has the length of the hash.
//
// It makes a context (EVP_PKEY_CTX) for each signature, because a context is not safe for
// concurrent use. A pool of contexts would make P-256 faster by a third, and RSA not at all.
func (k *nativeKey) sign(digest []byte, hash crypto.Hash) ([]byte, error) {
	k.lock.RLock()
	defer k.lock.RUnlock() // This is the last use of k, so the cleanup cannot run earlier.
	if k.key == 0 {
		return nil, refuse(keys.ErrNoKey, "the Key is closed")
	}
	l := k.library
	if hash == crypto.SHA1 && l.provider != "" {
		return nil, refuse(keys.ErrHash, "FIPS 140-3 rules out SHA-1: pass crypto.SHA256")
	}
	signature, size := make([]byte, k.size), new(uintptr)
	*size = uintptr(k.size)
	var p params
	defer p.clear()
	p.signing(hash, k.deterministic)
	err := l.call(func() bool {
		keyCtx := l.newKeyCtx(l.context, k.key, l.query)
		if keyCtx == 0 {
			return false
		}
		defer l.freeKeyCtx(keyCtx)
		return l.signInit(keyCtx, p.first()) == 1 &&
			l.functions.sign(keyCtx, &signature[0], size, &digest[0], uintptr(len(digest))) == 1
	})
	runtime.KeepAlive(digest)
	switch {
	case err != nil:
		return nil, fmt.Errorf("libcrypto: the key did not sign: %w", err)
	case *size == 0 || *size > uintptr(len(signature)):
		return nil, refuse(keys.ErrSignature, "OpenSSL made a signature of %d bytes", *size)
	}
	return signature[:*size], nil
}

// signing adds the parameters of a signature.
func (p *params) signing(hash crypto.Hash, deterministic bool) {
	name := "SHA256\x00"
	if hash == crypto.SHA1 {
		name = "SHA1\x00"
	}
	p.text("digest\x00", name)
	if deterministic {
		// OpenSSL takes this number as an unsigned int of C, which has 32 bits.
		const byRFC6979 = 1
		p.number("nonce-type\x00", []byte{0, 0, 0, byRFC6979})
	}
}

// close frees the key. OpenSSL overwrites its private numbers (BN_clear_free).
func (k *nativeKey) close() {
	k.lock.Lock()
	defer k.lock.Unlock()
	if k.key != 0 {
		k.cleanup.Stop()
		k.library.freeKey(k.key)
		k.key = 0
	}
}

// String names the algorithm and the library.
func (k *nativeKey) String() string {
	name := "RSA"
	if k.algorithm == "EC" {
		name = "P-256 with random signatures"
		if k.deterministic {
			name = "P-256 with deterministic signatures"
		}
	}
	return name + " in " + k.library.String()
}
