// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/keystest"
	"github.com/cfsign/cfsign/sign"
)

// A fakeKey is a key of which a test says what it does.
type fakeKey struct {
	crypto.Signer
	calls atomic.Int32
	does  func(digest []byte, opts crypto.SignerOpts) ([]byte, error)
}

func (k *fakeKey) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.calls.Add(1)
	return k.does(digest, opts)
}

func newFakeKey(t *testing.T, does func(digest []byte, opts crypto.SignerOpts) ([]byte, error)) (*fakeKey, *tokenKey) {
	t.Helper()
	fake := &fakeKey{Signer: testkeys.P256(), does: does}
	key, err := newTokenKey(fake, make(chan struct{}, 2))
	if err != nil {
		t.Fatal(err)
	}
	return fake, key
}

// TestRefused: the token is not asked for what no CloudFront key signs.
func TestRefused(t *testing.T) {
	tests := []struct {
		name   string
		length int
		opts   crypto.SignerOpts
		why    string
	}{
		{"short", 31, crypto.SHA256, "crypto11 signs it as SHA-256"},
		{"empty", 0, crypto.SHA256, "crypto11 signs it as SHA-256"},
		{"long", 33, crypto.SHA256, "crypto11 signs it as SHA-256"},
		{"no options", 32, nil, "crypto11 panics"},
		{"no hash", 32, crypto.Hash(0), "crypto11 signs it without a prefix"},
		{"SHA-1", 20, crypto.SHA1, "not with keys that are kept elsewhere"},
		{"SHA-512", 64, crypto.SHA512, "CloudFront does not know it"},
		{"another hash of 32 bytes", 32, crypto.SHA3_256, "crypto11 signs it without a prefix"},
		{"PSS", 32, &rsa.PSSOptions{Hash: crypto.SHA256}, "CloudFront does not know it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake, key := newFakeKey(t, nil)
			for _, operate := range []func([]byte, crypto.SignerOpts) ([]byte, error){
				func(digest []byte, opts crypto.SignerOpts) ([]byte, error) { return key.Sign(nil, digest, opts) },
				func(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
					return key.SignContext(t.Context(), digest, opts)
				},
			} {
				signature, err := operate(make([]byte, tt.length), tt.opts)
				if !errors.Is(err, keys.ErrHash) || !errors.Is(err, sign.ErrHash) || signature != nil || fake.calls.Load() != 0 {
					t.Errorf("signature %x, error %v, the key was asked %d times", signature, err, fake.calls.Load())
				}
			}
		})
	}
}

// TestFaults: what a broken key does is an error, and keeps no place.
func TestFaults(t *testing.T) {
	tests := []struct {
		name string
		does func(digest []byte, opts crypto.SignerOpts) ([]byte, error)
		is   error
		why  string
	}{
		{"another key", func(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
			return testkeys.OtherP256().Sign(nil, digest, opts)
		}, keys.ErrSignature, "a handle that came to mean another key"},
		{"one bit", func(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
			signature, err := testkeys.P256().Sign(nil, digest, opts)
			signature[len(signature)-1] ^= 1
			return signature, err
		}, keys.ErrSignature, "a fault"},
		{"nothing", func([]byte, crypto.SignerOpts) ([]byte, error) { return nil, nil }, keys.ErrSignature, "no answer and no error"},
		{"changed digest", func(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
			digest[0] ^= 1
			return testkeys.P256().Sign(nil, digest, opts)
		}, keys.ErrSignature, "the digest that is verified is the caller's"},
		{"panic", func([]byte, crypto.SignerOpts) ([]byte, error) { panic("secret") }, keys.ErrUnavailable, "it would end the process"},
		{"error", func([]byte, crypto.SignerOpts) ([]byte, error) { return []byte("signature"), io.ErrUnexpectedEOF }, io.ErrUnexpectedEOF, "it is wrapped"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, key := newFakeKey(t, tt.does)
			digest := sha256.Sum256(nil)
			for range 2 * cap(key.places) {
				signature, err := key.SignContext(t.Context(), digest[:], crypto.SHA256)
				if !errors.Is(err, tt.is) || signature != nil || strings.Contains(err.Error(), "secret") {
					t.Errorf("signature %x, error %v", signature, err)
				}
			}
			if digest != sha256.Sum256(nil) {
				t.Error("the digest was changed")
			}
		})
	}
}

// TestHang: a token that hangs holds no more goroutines than it has places, and each
// caller no longer than its context.
func TestHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		awake := make(chan struct{})
		fake, key := newFakeKey(t, func(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
			<-awake
			return testkeys.P256().Sign(nil, digest, opts)
		})
		digest := sha256.Sum256(nil)
		for i := range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			start := time.Now()
			signature, err := key.SignContext(ctx, digest[:], crypto.SHA256)
			if !errors.Is(err, context.DeadlineExceeded) || signature != nil || time.Since(start) != time.Second {
				t.Errorf("%d: signature %x, error %v after %v", i, signature, err, time.Since(start))
			}
			cancel()
		}
		if asked, places := int(fake.calls.Load()), cap(key.places); asked != places || len(key.places) != places {
			t.Errorf("asked %d times, %d of %d places taken", asked, len(key.places), places)
		}
		// One who waits for a place gets one when the token is awake again.
		done := make(chan error, 1)
		go func() {
			_, err := key.SignContext(t.Context(), digest[:], crypto.SHA256)
			done <- err
		}()
		synctest.Wait()
		close(awake)
		if err := <-done; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if len(key.places) != 0 {
			t.Errorf("%d places are still taken", len(key.places))
		}
	})
}

// TestEnded: a context that has ended takes no place, not even a free one.
func TestEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, key := newFakeKey(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		digest := sha256.Sum256(nil)
		for range 100 {
			if _, err := key.SignContext(ctx, digest[:], crypto.SHA256); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if fake.calls.Load() != 0 {
			t.Errorf("asked %d times", fake.calls.Load())
		}
	})
}

// TestGivenUp: who gives up may use the digest for something else. (Run it with -race.)
func TestGivenUp(t *testing.T) {
	asked, awake, read := make(chan struct{}), make(chan struct{}), make(chan struct{})
	_, key := newFakeKey(t, func(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
		defer close(read)
		close(asked)
		<-awake
		return testkeys.P256().Sign(nil, digest, opts)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	digest := sha256.Sum256(nil)
	if _, err := key.SignContext(ctx, digest[:], crypto.SHA256); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	close(awake)
	clear(digest[:])
	<-read
}

// TestMemory: the contract is kept with keys of the standard library too.
func TestMemory(t *testing.T) {
	for _, memory := range []crypto.Signer{testkeys.RSA(), testkeys.P256()} {
		key, err := newTokenKey(memory, make(chan struct{}, 2))
		if err != nil {
			t.Fatal(err)
		}
		if err := keystest.TestSigner(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	if _, err := newTokenKey(nil, nil); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("no key: %v", err)
	}
	if _, err := newTokenKey((*ecdsa.PrivateKey)(nil), nil); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("nil key: %v", err)
	}
}
