// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

//lint:file-ignore SA1019 invalid keys are made of the deprecated fields

package libcrypto_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"math/big"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/libcrypto"
)

// changedRSA returns the test key with a change. No value is shared with other keys, and
// nothing is precomputed but what change sets.
func changedRSA(change func(*rsa.PrivateKey)) *rsa.PrivateKey {
	good := testkeys.RSA()
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Set(good.N), E: good.E},
		D:         new(big.Int).Set(good.D),
		Primes:    []*big.Int{new(big.Int).Set(good.Primes[0]), new(big.Int).Set(good.Primes[1])},
	}
	change(key)
	return key
}

func changedECDSA(change func(*ecdsa.PrivateKey)) *ecdsa.PrivateKey {
	good := p256()
	key := &ecdsa.PrivateKey{
		PublicKey: ecdsa.PublicKey{Curve: good.Curve, X: new(big.Int).Set(good.X), Y: new(big.Int).Set(good.Y)},
		D:         new(big.Int).Set(good.D),
	}
	change(key)
	return key
}

// setPrecomputed copies the precomputed numbers of the test key, except those that Go keeps in
// a form of its own.
func setPrecomputed(k *rsa.PrivateKey) {
	good := testkeys.RSA().Precomputed
	k.Precomputed = rsa.PrecomputedValues{Dp: new(big.Int).Set(good.Dp), Dq: new(big.Int).Set(good.Dq), Qinv: new(big.Int).Set(good.Qinv)}
}

var (
	one  = big.NewInt(1)
	huge = new(big.Int).Lsh(one, 16383)
	// order is the order of P-256.
	order = elliptic.P256().Params().N
)

// hostile are keys that are wrong in some way. OpenSSL must refuse those with refusedBelow, too.
var hostile = []struct {
	name         string
	key          func() crypto.Signer
	refused      error
	refusedBelow bool
	reason       string
}{
	{"no primes", rsaWith(func(k *rsa.PrivateKey) { k.Primes = nil }), keys.ErrMalformedKey, true, "OpenSSL would sign without the CRT"},
	{"three primes", rsaWith(func(k *rsa.PrivateKey) { k.Primes = append(k.Primes, big.NewInt(3)) }), keys.ErrUnsupportedKey, true, "they are not checked"},
	{"nil prime", rsaWith(func(k *rsa.PrivateKey) { k.Primes[1] = nil }), keys.ErrNoKey, true, "it has no bytes"},
	{"nil modulus", rsaWith(func(k *rsa.PrivateKey) { k.N = nil }), keys.ErrNoKey, true, "it has no bytes"},
	{"nil exponent", rsaWith(func(k *rsa.PrivateKey) { k.D = nil }), keys.ErrNoKey, true, "it has no bytes"},
	{"zero prime", rsaWith(func(k *rsa.PrivateKey) { k.Primes[0] = new(big.Int) }), keys.ErrMalformedKey, true, "a division by zero"},
	{"negative prime", rsaWith(func(k *rsa.PrivateKey) { k.Primes[0].Neg(k.Primes[0]) }), keys.ErrMalformedKey, true, "its bytes are another number's"},
	{"negative modulus", rsaWith(func(k *rsa.PrivateKey) { k.N.Neg(k.N) }), keys.ErrMalformedKey, true, "its bytes are another number's"},
	{"zero exponent", rsaWith(func(k *rsa.PrivateKey) { k.D = new(big.Int) }), keys.ErrMalformedKey, true, "every signature would be 1"},
	{"another prime", rsaWith(func(k *rsa.PrivateKey) { k.Primes[0].Sub(k.Primes[0], big.NewInt(2)) }), keys.ErrMalformedKey, true, "the CRT result is wrong"},
	{"equal primes", rsaWith(func(k *rsa.PrivateKey) { k.Primes[0] = k.Primes[1] }), keys.ErrMalformedKey, true, "there is no inverse"},
	{"another exponent", rsaWith(func(k *rsa.PrivateKey) { k.D.Sub(k.D, big.NewInt(2)) }), keys.ErrMalformedKey, true, "the signatures do not verify"},
	{"even modulus", rsaWith(func(k *rsa.PrivateKey) { k.N.Sub(k.N, one) }), keys.ErrMalformedKey, true, "Montgomery needs an odd one"},
	{"E of 3 for another D", rsaWith(func(k *rsa.PrivateKey) { k.E = 3 }), keys.ErrMalformedKey, true, "the parts do not belong together"},
	{"E of 2^31+1", rsaWith(func(k *rsa.PrivateKey) { k.E = 1<<31 + 1 }), keys.ErrMalformedKey, true, "Go does not verify with it"},
	{"negative E", rsaWith(func(k *rsa.PrivateKey) { k.E = -3 }), keys.ErrMalformedKey, true, "its bytes are another number's"},
	{"zero E", rsaWith(func(k *rsa.PrivateKey) { k.E = 0 }), keys.ErrMalformedKey, true, "every signature would verify"},
	{"wrong dP", rsaWith(func(k *rsa.PrivateKey) { setPrecomputed(k); k.Precomputed.Dp.Xor(k.Precomputed.Dp, big.NewInt(2)) }), keys.ErrMalformedKey, true, "a wrong CRT result gives the key away"},
	{"wrong qInv", rsaWith(func(k *rsa.PrivateKey) { setPrecomputed(k); k.Precomputed.Qinv.Add(k.Precomputed.Qinv, one) }), keys.ErrMalformedKey, true, "a wrong CRT result gives the key away"},
	{"16384 bits", rsaWith(func(k *rsa.PrivateKey) { k.N = new(big.Int).Add(huge, one) }), keys.ErrUnsupportedKey, true, "the arithmetic takes seconds"},
	{"prime of 16384 bits", rsaWith(func(k *rsa.PrivateKey) { k.Primes[0] = new(big.Int).Add(huge, one) }), keys.ErrMalformedKey, true, "the arithmetic takes seconds"},
	{"nil RSA", func() crypto.Signer { return (*rsa.PrivateKey)(nil) }, keys.ErrNoKey, false, "it has no numbers"},

	{"private number of 0", ecdsaWith(func(k *ecdsa.PrivateKey) { k.D = new(big.Int) }), keys.ErrMalformedKey, true, "out of range"},
	{"private number n", ecdsaWith(func(k *ecdsa.PrivateKey) { k.D = order }), keys.ErrMalformedKey, true, "out of range"},
	{"private number n+D", ecdsaWith(func(k *ecdsa.PrivateKey) { k.D.Add(k.D, order) }), keys.ErrMalformedKey, true, "out of range, although the point belongs to it"},
	{"negative private number", ecdsaWith(func(k *ecdsa.PrivateKey) { k.D.Neg(k.D) }), keys.ErrMalformedKey, true, "out of range"},
	{"private number of 16384 bits", ecdsaWith(func(k *ecdsa.PrivateKey) { k.D = huge }), keys.ErrMalformedKey, true, "it does not fit its bytes"},
	{"point of another key", ecdsaWith(func(k *ecdsa.PrivateKey) { k.PublicKey = testkeys.OtherP256().PublicKey }), keys.ErrMalformedKey, true, "no signature would verify"},
	{"point off the curve", ecdsaWith(func(k *ecdsa.PrivateKey) { k.Y.Add(k.Y, one) }), keys.ErrMalformedKey, true, "no signature would verify"},
	{"nil private number", ecdsaWith(func(k *ecdsa.PrivateKey) { k.D = nil }), keys.ErrNoKey, false, "it has no bytes"},
	{"nil ECDSA", func() crypto.Signer { return (*ecdsa.PrivateKey)(nil) }, keys.ErrNoKey, false, "it has no numbers"},
	{"P-384", func() crypto.Signer { return generate(elliptic.P384()) }, keys.ErrUnsupportedKey, true, "CloudFront does not accept it"},
	{"P-224", func() crypto.Signer { return generate(elliptic.P224()) }, keys.ErrUnsupportedKey, true, "CloudFront does not accept it"},

	{"nil", func() crypto.Signer { return nil }, keys.ErrNoKey, false, "it has no public key"},
	{"Ed25519", func() crypto.Signer { return make(ed25519.PrivateKey, ed25519.PrivateKeySize) }, keys.ErrUnsupportedKey, true, "CloudFront does not accept it"},
	{"not in memory", func() crypto.Signer { return remote{p256()} }, keys.ErrUnsupportedKey, true, "there are no numbers to copy"},
}

// remote is a key that only has the methods of a crypto.Signer.
type remote struct{ crypto.Signer }

func rsaWith(change func(*rsa.PrivateKey)) func() crypto.Signer {
	return func() crypto.Signer { return changedRSA(change) }
}

func ecdsaWith(change func(*ecdsa.PrivateKey)) func() crypto.Signer {
	return func() crypto.Signer { return changedECDSA(change) }
}

func generate(curve elliptic.Curve) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(curve, nil)
	if err != nil {
		panic(err)
	}
	return key
}

func TestNewRefusesHostileKeys(t *testing.T) {
	o := needLibrary(t)
	for _, tt := range hostile {
		t.Run(tt.name, func(t *testing.T) {
			k, err := libcrypto.New(tt.key(), o)
			if !errors.Is(err, tt.refused) || k != nil {
				t.Errorf("got %v, want %v: %s", err, tt.refused, tt.reason)
			}
			if err != nil && len(err.Error()) > 300 {
				t.Errorf("the error may contain a number: %v", err)
			}
		})
	}
}

// TestOpenSSLRefusesHostileKeys passes the keys on without the checks of package keys.
func TestOpenSSLRefusesHostileKeys(t *testing.T) {
	o := needLibrary(t)
	for _, tt := range hostile {
		if !tt.refusedBelow {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			k, err := libcrypto.NewUnchecked(tt.key(), o)
			if err == nil {
				t.Errorf("%v: %s", k, tt.reason)
				_ = k.Close()
			}
		})
	}
}

// TestCompositePrime has a key whose first prime is a product of two primes. All equations of a
// key hold, but few signatures verify.
func TestCompositePrime(t *testing.T) {
	k, err := libcrypto.NewUnchecked(compositeRSA(), needLibrary(t))
	if !errors.Is(err, keys.ErrMalformedKey) || !strings.Contains(err.Error(), "OpenSSL says") {
		t.Errorf("got %v, %v", k, err)
	}
}

// compositeRSA returns the test key with a first prime that is not prime.
func compositeRSA() *rsa.PrivateKey {
	good := testkeys.RSA()
	p, q, e := new(big.Int).Set(good.Primes[0]), good.Primes[1], big.NewInt(int64(good.E))
	for {
		p.Add(p, big.NewInt(2))
		p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
		n, d := new(big.Int).Mul(p, q), new(big.Int).ModInverse(e, new(big.Int).Mul(p1, q1))
		if d == nil || n.BitLen() != good.N.BitLen() || p.ProbablyPrime(0) {
			continue
		}
		return &rsa.PrivateKey{
			PublicKey: rsa.PublicKey{N: n, E: good.E}, D: d, Primes: []*big.Int{p, q},
			Precomputed: rsa.PrecomputedValues{Dp: new(big.Int).Mod(d, p1), Dq: new(big.Int).Mod(d, q1), Qinv: new(big.Int).ModInverse(q, p)},
		}
	}
}

// TestWithoutPrecomputedNumbers: a key that a program has put together itself signs, too.
func TestWithoutPrecomputedNumbers(t *testing.T) {
	key := changedRSA(func(*rsa.PrivateKey) {})
	k := newKey(t, key)
	digest := sha256.Sum256(nil)
	signature, err := k.Sign(nil, digest[:], crypto.SHA256)
	if err != nil || !verifies(key.Public(), crypto.SHA256, digest[:], signature) {
		t.Errorf("a wrong signature, %v", err)
	}
	if key.Precomputed.Dp != nil {
		t.Error("New changed the key")
	}
}

// FuzzKey: whatever the numbers of a key are, OpenSSL does not crash, and the key is refused or
// makes signatures that Go verifies.
func FuzzKey(f *testing.F) {
	o := needLibrary(f)
	good := testkeys.RSA()
	setters := []func(*rsa.PrivateKey, *big.Int){
		func(k *rsa.PrivateKey, x *big.Int) { k.N = x },
		func(k *rsa.PrivateKey, x *big.Int) { k.E = int(x.Int64()) },
		func(k *rsa.PrivateKey, x *big.Int) { k.D = x },
		func(k *rsa.PrivateKey, x *big.Int) { k.Primes[0] = x },
		func(k *rsa.PrivateKey, x *big.Int) { k.Primes[1] = x },
		func(k *rsa.PrivateKey, x *big.Int) { setPrecomputed(k); k.Precomputed.Dp = x },
		func(k *rsa.PrivateKey, x *big.Int) { setPrecomputed(k); k.Precomputed.Dq = x },
		func(k *rsa.PrivateKey, x *big.Int) { setPrecomputed(k); k.Precomputed.Qinv = x },
	}
	f.Add(uint8(1), false, []byte{3})
	f.Add(uint8(3), false, good.Primes[1].Bytes())
	f.Add(uint8(0), true, good.N.Bytes())
	f.Add(uint8(6), false, good.Precomputed.Dq.Bytes())
	f.Add(uint8(8), false, p256().D.Bytes())
	f.Add(uint8(9), true, p256().X.Bytes())
	f.Add(uint8(10), false, order.Bytes())
	f.Fuzz(func(t *testing.T, field uint8, negative bool, value []byte) {
		const longest = 512 // bytes; keys.Public refuses longer numbers
		if len(value) > longest {
			return
		}
		x := new(big.Int).SetBytes(value)
		if negative {
			x.Neg(x)
		}
		var key crypto.Signer
		if n := int(field) % (len(setters) + 3); n < len(setters) {
			key = changedRSA(func(k *rsa.PrivateKey) { setters[n](k, x) })
		} else {
			key = changedECDSA(func(k *ecdsa.PrivateKey) {
				*[]**big.Int{&k.D, &k.X, &k.Y}[n-len(setters)] = x
			})
		}
		k, err := libcrypto.New(key, o)
		checkFuzzed(t, k, err, key.Public())
		k, err = libcrypto.NewUnchecked(key, o)
		checkFuzzed(t, k, err, key.Public())
	})
}

func checkFuzzed(t *testing.T, k *libcrypto.Key, err error, public crypto.PublicKey) {
	t.Helper()
	if err != nil {
		return
	}
	defer k.Close()
	digest := sha256.Sum256([]byte("fuzz"))
	signature, err := k.Sign(nil, digest[:], crypto.SHA256)
	if err == nil && !verifies(public, crypto.SHA256, digest[:], signature) {
		t.Errorf("%v made a wrong signature", k)
	}
}

// TestReasons: OpenSSL keeps its errors by thread, and goroutines change threads. Each error has
// the reason of its own failure.
func TestReasons(t *testing.T) {
	inDefaultProvider(t) // the FIPS provider has other reasons
	o := needLibrary(t)
	coefficient := changedRSA(setPrecomputed)
	coefficient.Precomputed.Qinv.Add(coefficient.Precomputed.Qinv, one)
	var wait sync.WaitGroup
	for _, tt := range []struct {
		key    crypto.Signer
		reason string
		times  int
	}{
		{changedECDSA(func(k *ecdsa.PrivateKey) { k.PublicKey = testkeys.OtherP256().PublicKey }), `"invalid private key"`, 400},
		{coefficient, `"iqmp not inverse of q"`, 3},
		{compositeRSA(), `"p not prime"`, 20},
	} {
		for range 4 {
			wait.Go(func() {
				for range tt.times {
					_, err := libcrypto.NewUnchecked(tt.key, o)
					if err == nil || !strings.HasSuffix(err.Error(), "OpenSSL says "+tt.reason) {
						t.Errorf("got %v, want %s", err, tt.reason)
						return
					}
				}
			})
		}
	}
	wait.Wait()
}

// TestReasonsOfOthers: other code of the process uses OpenSSL on the same thread, and leaves an
// error there.
func TestReasonsOfOthers(t *testing.T) {
	inDefaultProvider(t)
	o, k := needLibrary(t), newKey(t, p256())
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	k.FailOutside()
	_, err := libcrypto.NewUnchecked(changedECDSA(func(k *ecdsa.PrivateKey) { k.PublicKey = testkeys.OtherP256().PublicKey }), o)
	if want := `OpenSSL says "invalid private key"`; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
