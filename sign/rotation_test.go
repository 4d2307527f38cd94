// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/keystest"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// A moveableClock shows the time that it was set to.
type moveableClock struct{ seconds atomic.Int64 }

func newMoveableClock() *moveableClock {
	c := &moveableClock{}
	c.seconds.Store(now.Unix())
	return c
}

func (c *moveableClock) Now() time.Time { return time.Unix(c.seconds.Load(), 0) }

func (c *moveableClock) Advance(d time.Duration) { c.seconds.Add(int64(d / time.Second)) }

func newRotating(t *testing.T, c *moveableClock) *sign.Signer {
	t.Helper()
	s, err := sign.New("K1", testkeys.P256(), sign.Options{Clock: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rotate(t *testing.T, s *sign.Signer, keyPairID string, key crypto.Signer) {
	t.Helper()
	if err := s.Rotate(t.Context(), keyPairID, key); err != nil {
		t.Fatal(err)
	}
}

// signFor signs a URL that is valid for d.
func signFor(t *testing.T, s *sign.Signer, d time.Duration) string {
	t.Helper()
	signed, err := s.URL(t.Context(), base+"/a.txt", s.Now().Add(d))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// A faultyKey fails, or signs with another key than it names.
type faultyKey struct {
	crypto.Signer
	public crypto.PublicKey
	err    error
}

func (k faultyKey) Public() crypto.PublicKey { return k.public }

func (k faultyKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if k.err != nil {
		return nil, k.err
	}
	return k.Signer.Sign(random, digest, opts)
}

func TestRotateRefuses(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the token was pulled out")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		why       string
		ctx       context.Context
		keyPairID string
		key       crypto.Signer
		want      error
	}{
		{"an ID with another parameter in it", t.Context(), "K3&Policy=x", testkeys.OtherP256(), keys.ErrKeyPairID},
		{"no ID", t.Context(), "", testkeys.OtherP256(), keys.ErrKeyPairID},
		{"no key", t.Context(), "K3", nil, keys.ErrNoKey},
		{"a nil key of a type", t.Context(), "K3", (*ecdsa.PrivateKey)(nil), keys.ErrNoKey},
		{"RSA of a length that CloudFront does not take", t.Context(), "K3", small, keys.ErrUnsupportedKey},
		{"a curve that CloudFront does not take", t.Context(), "K3", p384, keys.ErrUnsupportedKey},
		{"a key that does not sign", t.Context(), "K3", faultyKey{public: testkeys.OtherP256().Public(), err: broken}, broken},
		{"a key that signs with another one", t.Context(), "K3", faultyKey{Signer: testkeys.P256(), public: testkeys.OtherP256().Public()}, sign.ErrSignature},
		{"the active ID with another key", t.Context(), "K2", testkeys.P256(), keys.ErrMismatch},
		{"the ID of a retired key with another key", t.Context(), "K1", testkeys.OtherP256(), keys.ErrMismatch},
		{"a context that has ended", ended, "K3", testkeys.OtherP256(), context.Canceled},
		{"no context", nil, "K3", testkeys.OtherP256(), sign.ErrZeroValue},
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			s := newRotating(t, newMoveableClock())
			signFor(t, s, time.Hour)
			rotate(t, s, "K2", testkeys.RSA())
			before, trusted := s.RetiredKeys(), s.Trusted().IDs()
			if err := s.Rotate(test.ctx, test.keyPairID, test.key); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if s.KeyPairID() != "K2" {
				t.Errorf("the active key is %s", s.KeyPairID())
			}
			if diff := cmp.Diff(before, s.RetiredKeys()); diff != "" {
				t.Errorf("the retired keys changed (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(trusted, s.Trusted().IDs()); diff != "" {
				t.Errorf("the trusted keys changed (-before +after):\n%s", diff)
			}
			signFor(t, s, time.Hour)
		})
	}
}

// TestRotateKeepsTheHash: the new key signs with the hash of Options.
func TestRotateKeepsTheHash(t *testing.T) {
	skipSHA1UnderFIPS(t, crypto.SHA1)
	s := newSigner(t, testkeys.P256(), crypto.SHA1)
	rotate(t, s, keyPairID, testkeys.P256())
	got, err := s.URL(t.Context(), base+"/a", expires)
	if err != nil {
		t.Fatal(err)
	}
	checkSignedURL(t, got, base+"/a", canned(t, base+"/a"), testkeys.P256().Public(), crypto.SHA1)
}

// A documentKey is given whole documents, and keeps them.
type documentKey struct {
	crypto.Signer
	documents *[]string
}

func (k documentKey) SignMessage(random io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	*k.documents = append(*k.documents, string(message))
	digest := sha256.Sum256(message)
	return k.Signer.Sign(random, digest[:], opts)
}

// TestRotateTriesTheKeyOnNothing: the signature of the trial opens nothing, even if it is read
// from a log of the key.
func TestRotateTriesTheKeyOnNothing(t *testing.T) {
	var documents []string
	s := newRotating(t, newMoveableClock())
	rotate(t, s, "K2", documentKey{testkeys.OtherP256(), &documents})
	want := []string{`{"Statement":[{"Resource":"https://nothing.invalid/","Condition":{"DateLessThan":{"AWS:EpochTime":1}}}]}`}
	if diff := cmp.Diff(want, documents); diff != "" {
		t.Errorf("the documents that were signed (-want +got):\n%s", diff)
	}
}

func TestZeroSignerDoesNotRotate(t *testing.T) {
	for _, s := range []*sign.Signer{nil, {}} {
		if err := s.Rotate(t.Context(), "K1", testkeys.P256()); !errors.Is(err, sign.ErrZeroValue) {
			t.Errorf("Rotate: %v", err)
		}
		if s.KeyPairID() != "" || s.RetiredKeys() != nil || len(s.Trusted().IDs()) != 0 {
			t.Error("the zero signer has a key")
		}
	}
}

// TestRetiredKeys follows the life of keys, second by second.
func TestRetiredKeys(t *testing.T) {
	c := newMoveableClock()
	s := newRotating(t, c)
	start := c.Now()
	check := func(why string, retired []sign.RetiredKey, trusted ...string) {
		t.Helper()
		if diff := cmp.Diff(retired, s.RetiredKeys()); diff != "" {
			t.Errorf("%s: retired keys (-want +got):\n%s", why, diff)
		}
		if diff := cmp.Diff(trusted, s.Trusted().IDs()); diff != "" {
			t.Errorf("%s: trusted keys (-want +got):\n%s", why, diff)
		}
	}
	check("at the beginning", nil, "K1")
	signFor(t, s, 50*time.Second)
	signFor(t, s, 100*time.Second) // This lasts longer.
	signFor(t, s, 10*time.Second)  // This changes nothing.
	rotate(t, s, "K2", testkeys.RSA())
	if location := s.RetiredKeys()[0].Expires.Location(); location != time.UTC {
		t.Errorf("the expiry is in %v", location)
	}
	check("what K1 signed is valid", []sign.RetiredKey{{"K1", start.Add(100 * time.Second)}}, "K1", "K2")
	rotate(t, s, "K3", testkeys.OtherP256())
	check("K2 has signed nothing", []sign.RetiredKey{{"K1", start.Add(100 * time.Second)}}, "K1", "K3")
	signFor(t, s, 200*time.Second)
	rotate(t, s, "K1", testkeys.P256())
	check("back to K1", []sign.RetiredKey{{"K3", start.Add(200 * time.Second)}}, "K1", "K3")
	rotate(t, s, "K2", testkeys.RSA())
	check("K1 is still needed, although it signed nothing since", []sign.RetiredKey{{"K1", start.Add(100 * time.Second)}, {"K3", start.Add(200 * time.Second)}}, "K1", "K2", "K3")
	rotate(t, s, "K2", faultyKey{Signer: testkeys.RSA(), public: testkeys.RSA().Public()})
	check("another crypto.Signer for the same key", []sign.RetiredKey{{"K1", start.Add(100 * time.Second)}, {"K3", start.Add(200 * time.Second)}}, "K1", "K2", "K3")
	c.Advance(99 * time.Second)
	check("the last second of K1", []sign.RetiredKey{{"K1", start.Add(100 * time.Second)}, {"K3", start.Add(200 * time.Second)}}, "K1", "K2", "K3")
	c.Advance(time.Second)
	check("nothing of K1 is valid", []sign.RetiredKey{{"K3", start.Add(200 * time.Second)}}, "K2", "K3")
	c.Advance(100 * time.Second)
	check("nothing of K3 is valid", nil, "K2")
	rotate(t, s, "K3", testkeys.RSA())
	check("an ID that was forgotten, with another key", nil, "K3")
}

// TestRotationIsWhole: the ID, the signature and the trust change together, for
// everything that signs.
func TestRotationIsWhole(t *testing.T) {
	c := newMoveableClock()
	s := newRotating(t, c)
	cache, err := sign.NewCache(s, time.Minute, sign.CacheOptions{})
	if err != nil {
		t.Fatal(err)
	}
	folder, err := policy.Under(base+"/", "u")
	if err != nil {
		t.Fatal(err)
	}
	ways := map[string]func() (string, error){
		"Signer.URL": func() (string, error) { return s.URL(t.Context(), base+"/u/a", c.Now().Add(time.Minute)) },
		"Signer.URLs": func() (string, error) {
			all, err := s.URLs(t.Context(), []string{base + "/u/a"}, c.Now().Add(time.Minute), sign.BulkOptions{})
			return all[0], err
		},
		"Cache.URL": func() (string, error) { return cache.URL(t.Context(), base+"/u/a") },
		"Cache.SignResource": func() (string, error) {
			signed, err := cache.SignResource(t.Context(), folder, policy.Conditions{})
			if err != nil {
				return "", err
			}
			return signed.URL(base + "/u/a")
		},
	}
	signAll := func() map[string]string {
		signed := map[string]string{}
		for name, way := range ways {
			if signed[name], err = way(); err != nil {
				t.Fatal(err)
			}
		}
		return signed
	}
	check := func(signed map[string]string, keyPairID string) {
		t.Helper()
		for name, url := range signed {
			grant, err := (&verify.Verifier{Keys: s.Trusted(), Clock: c.Now}).Verify(verify.Request{URL: url})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if grant.KeyPairID() != keyPairID {
				t.Errorf("%s signed with %s, want %s", name, grant.KeyPairID(), keyPairID)
			}
		}
	}
	old := signAll()
	check(old, "K1")
	rotate(t, s, "K2", testkeys.RSA())
	check(old, "K1") // These URLs are still valid.
	check(signAll(), "K2")
	rotate(t, s, "K3", testkeys.OtherP256())
	check(signAll(), "K3")
}

// TestRotatingKeyKeepsTheContract rotates all the time between two crypto.Signers for one
// key pair, because the suite expects one public key.
func TestRotatingKeyKeepsTheContract(t *testing.T) {
	for name, key := range map[string]crypto.Signer{"RSA": testkeys.RSA(), "P-256": testkeys.P256()} {
		t.Run(name, func(t *testing.T) {
			s, err := sign.New("K1", key, sign.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var rotations sync.WaitGroup
			ctx, cancel := context.WithCancel(t.Context())
			rotations.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					handle := []crypto.Signer{key, faultyKey{Signer: key, public: key.Public()}}[i%2]
					if err := s.Rotate(ctx, []string{"K1", "K2", "K3"}[i%3], handle); err != nil && ctx.Err() == nil {
						t.Error(err)
					}
				}
			})
			if err := keystest.TestSigner(t.Context(), sign.RotatingKey(s)); err != nil {
				t.Error(err)
			}
			cancel()
			rotations.Wait()
		})
	}
}

// A gate is a key that waits until it is opened.
type gate struct {
	crypto.Signer
	entered, open chan struct{}
}

func (g gate) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	g.entered <- struct{}{}
	<-g.open
	return g.Signer.Sign(random, digest, opts)
}

// TestRotateWhileTheKeySigns: a signature that had begun is finished with the retired key
// and is trusted, and Rotate does not wait for it.
func TestRotateWhileTheKeySigns(t *testing.T) {
	c := newMoveableClock()
	slow := gate{testkeys.P256(), make(chan struct{}), make(chan struct{})}
	s, err := sign.New("K1", slow, sign.Options{Clock: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan string)
	go func() {
		signed, err := s.URL(context.Background(), base+"/a.txt", c.Now().Add(time.Minute))
		if err != nil {
			t.Error(err)
		}
		result <- signed
	}()
	<-slow.entered
	rotate(t, s, "K2", testkeys.RSA())
	signFor(t, s, time.Hour)
	if diff := cmp.Diff([]string{"K1", "K2"}, s.Trusted().IDs()); diff != "" {
		t.Errorf("trusted keys (-want +got):\n%s", diff)
	}
	close(slow.open)
	grant, err := (&verify.Verifier{Keys: s.Trusted(), Clock: c.Now}).Verify(verify.Request{URL: <-result})
	if err != nil || grant.KeyPairID() != "K1" {
		t.Errorf("%v, by %s", err, grant.KeyPairID())
	}
}
