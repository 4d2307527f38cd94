// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/fips140"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/keystest"
	"github.com/cfsign/cfsign/keys/libcrypto"
)

func p256() *ecdsa.PrivateKey { return testkeys.P256() }

// kinds are the keys that CloudFront accepts.
func kinds() map[string]crypto.Signer {
	return map[string]crypto.Signer{"RSA": testkeys.RSA(), "P-256": p256()}
}

func TestSigner(t *testing.T) {
	for name, key := range kinds() {
		t.Run(name, func(t *testing.T) {
			if err := keystest.TestSigner(t.Context(), newKey(t, key)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSameSignatures: Go's signatures are deterministic, so OpenSSL's are the same bytes
// wherever they are deterministic, too.
func TestSameSignatures(t *testing.T) {
	for name, key := range kinds() {
		t.Run(name, func(t *testing.T) {
			k := newKey(t, key)
			for i := range 10 {
				message := fmt.Append(nil, i)
				sum256, sum1 := sha256.Sum256(message), [sha1.Size]byte{}
				checkSame(t, k, key, sum256[:], crypto.SHA256)
				if !fips140.Enforced() { // it rules out SHA-1
					sum1 = sha1.Sum(message)
					checkSame(t, k, key, sum1[:], crypto.SHA1)
				}
			}
		})
	}
}

func checkSame(t *testing.T, k *libcrypto.Key, key crypto.Signer, digest []byte, hash crypto.Hash) {
	t.Helper()
	got, err := k.Sign(nil, digest, hash)
	if err != nil {
		t.Fatal(err)
	}
	if !verifies(key.Public(), hash, digest, got) {
		t.Errorf("Go does not accept the signature with %v", hash)
	}
	want, err := key.Sign(nil, digest, hash)
	if err != nil {
		t.Fatal(err)
	}
	if random := strings.Contains(k.String(), "random"); bytes.Equal(want, got) == random {
		t.Errorf("%v and Go have the same signature: %t", k, !random)
	}
}

// TestNewKeepsTheKey: the key that was passed has the same bytes as before, also for goroutines
// that use it at the same time. (Run it with -race.)
func TestNewKeepsTheKey(t *testing.T) {
	for name, key := range kinds() {
		before, kept := marshal(t, key), memory(t, key)
		keptBefore := bytes.Clone(kept)
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				_ = newKey(t, key).Close()
				digest := sha256.Sum256(nil)
				signature, err := key.Sign(nil, digest[:], crypto.SHA256)
				if err != nil || !verifies(key.Public(), crypto.SHA256, digest[:], signature) {
					t.Errorf("%s: a wrong signature, %v", name, err)
				}
			})
		}
		wait.Wait()
		if diff := cmp.Diff(before, marshal(t, key)); diff != "" {
			t.Errorf("%s: the key changed (-want +got):\n%s", name, diff)
		}
		if !bytes.Equal(keptBefore, kept) {
			t.Errorf("%s: New wrote into the memory of the standard library", name)
		}
	}
}

// marshal returns the PEM of a key.
func marshal(t *testing.T, key crypto.Signer) string {
	t.Helper()
	text, err := keys.MarshalPrivate(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// memory returns the bytes that the standard library keeps for a P-256 key, not a copy of them.
func memory(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	k, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil
	}
	scalar, err := k.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return scalar
}

func TestSignRefuses(t *testing.T) {
	digest := make([]byte, 32)
	closed := newKey(t, p256())
	_ = closed.Close()
	tests := []struct {
		name    string
		key     *libcrypto.Key
		digest  []byte
		opts    crypto.SignerOpts
		refused error
		reason  string
	}{
		{"no hash", newKey(t, p256()), digest, nil, keys.ErrHash, "a nil interface would panic"},
		{"zero hash", newKey(t, testkeys.RSA()), digest, crypto.Hash(0), keys.ErrHash, "RSA would sign the bytes without the name of the hash"},
		{"SHA-512", newKey(t, p256()), make([]byte, 64), crypto.SHA512, keys.ErrHash, "CloudFront does not know it"},
		{"PSS", newKey(t, testkeys.RSA()), digest, &rsa.PSSOptions{Hash: crypto.SHA256}, keys.ErrHash, "CloudFront does not know it"},
		{"short", newKey(t, testkeys.RSA()), digest[:31], crypto.SHA256, keys.ErrHash, "not a SHA-256 digest"},
		{"short for ECDSA", newKey(t, p256()), digest[:20], crypto.SHA256, keys.ErrHash, "OpenSSL would sign it"},
		{"empty", newKey(t, p256()), nil, crypto.SHA256, keys.ErrHash, "it has no first byte"},
		{"closed", closed, digest, crypto.SHA256, keys.ErrNoKey, "OpenSSL has freed the key"},
		{"zero Key", new(libcrypto.Key), digest, crypto.SHA256, keys.ErrNoKey, "OpenSSL has no key"},
		{"nil Key", nil, digest, crypto.SHA256, keys.ErrNoKey, "OpenSSL has no key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			signature, err := tt.key.Sign(nil, tt.digest, tt.opts)
			if !errors.Is(err, tt.refused) || signature != nil {
				t.Errorf("got %v and %d bytes, want %v: %s", err, len(signature), tt.refused, tt.reason)
			}
		})
	}
}

// TestWrongSizes: a signature that is longer than its memory has no bytes to return.
func TestWrongSizes(t *testing.T) {
	k := newKey(t, p256())
	const most = 72 // P-256 in ASN.1
	for _, tt := range []struct {
		n    uintptr
		good bool
	}{{0, false}, {1, true}, {most, true}, {most + 1, false}, {^uintptr(0), false}} {
		signature, err := k.WithSize(tt.n).Sign(nil, make([]byte, 32), crypto.SHA256)
		if good := err == nil && uintptr(len(signature)) == tt.n; good != tt.good || err != nil && !errors.Is(err, keys.ErrSignature) {
			t.Errorf("%d bytes: got %d and %v", tt.n, len(signature), err)
		}
	}
}

// TestClose closes keys while goroutines sign with them. Each gets a right signature, or the
// error of a closed key.
func TestClose(t *testing.T) {
	for name, key := range kinds() {
		t.Run(name, func(t *testing.T) {
			for range 5 {
				closeInUse(t, newKey(t, key))
			}
		})
	}
}

func closeInUse(t *testing.T, k *libcrypto.Key) {
	t.Helper()
	digest := sha256.Sum256(nil)
	var begun, done sync.WaitGroup
	for range 8 {
		begun.Add(1)
		done.Go(func() {
			signature, err := k.Sign(nil, digest[:], crypto.SHA256)
			begun.Done()
			for err == nil {
				if !verifies(k.Public(), crypto.SHA256, digest[:], signature) {
					t.Error("a wrong signature")
				}
				signature, err = k.Sign(nil, digest[:], crypto.SHA256)
			}
			if !errors.Is(err, keys.ErrNoKey) {
				t.Error(err)
			}
		})
	}
	begun.Wait()
	for range 3 {
		done.Go(func() {
			if err := k.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
}

func TestCloseOfEmptyKeys(t *testing.T) {
	var none *libcrypto.Key
	for _, k := range []*libcrypto.Key{none, new(libcrypto.Key)} {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
		if got := k.String(); got != "an empty libcrypto.Key" {
			t.Error(got)
		}
	}
}

func TestString(t *testing.T) {
	for name, key := range kinds() {
		k := newKey(t, key)
		text := k.String()
		for _, want := range []string{name, " in OpenSSL 3.", "libcrypto", "("} {
			if !strings.Contains(text, want) {
				t.Errorf("%q does not contain %q", text, want)
			}
		}
		if got := fmt.Sprintf("%v", k); got != text {
			t.Errorf("fmt prints %q, and String %q", got, text)
		}
	}
}

// TestCopy: a copy of a Key signs after the garbage collector has taken the Key. Close of a copy
// closes the Key.
func TestCopy(t *testing.T) {
	o, digest := needLibrary(t), make([]byte, 32)
	embedded := func() struct{ libcrypto.Key } {
		k, err := libcrypto.New(p256(), o)
		if err != nil {
			t.Fatal(err)
		}
		return struct{ libcrypto.Key }{*k}
	}()
	for range 5 { // A cleanup has time to run.
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := embedded.Sign(nil, digest, crypto.SHA256); err != nil {
		t.Errorf("a copy in use: %v", err)
	}
	k := newKey(t, p256())
	copied := *k
	_ = copied.Close()
	if _, err := k.Sign(nil, digest, crypto.SHA256); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("got %v after Close of a copy", err)
	}
}

// TestDropped: a Key that is used to its end is not closed too early.
func TestDropped(t *testing.T) {
	o, digest := needLibrary(t), make([]byte, 32)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	for range 500 {
		k, err := libcrypto.New(p256(), o)
		if err != nil {
			t.Fatal(err)
		}
		// The last use of k.
		if _, err := k.Sign(nil, digest, crypto.SHA256); err != nil {
			t.Fatal(err)
		}
	}
}
