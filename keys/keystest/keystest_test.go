// SPDX-License-Identifier: Apache-2.0

package keystest_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys/keystest"
)

func TestGoodSigners(t *testing.T) {
	for _, key := range []crypto.Signer{
		testkeys.RSA(), testkeys.P256(),
		remote{Signer: testkeys.RSA()},
		remote{Signer: testkeys.P256()},
	} {
		if err := keystest.TestSigner(t.Context(), key); err != nil {
			t.Errorf("%T: %v", key, err)
		}
	}
}

// remote is a good foreign signer with every optional interface, and a hook to
// spoil it.
type remote struct {
	crypto.Signer
	spoil func(digest []byte, opts crypto.SignerOpts, signature []byte, err error) ([]byte, error)
}

func (r remote) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	signature, err := r.Signer.Sign(random, digest, opts)
	if r.spoil != nil {
		return r.spoil(digest, opts, signature, err)
	}
	return signature, err
}

func (r remote) SignContext(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("remote: %w", err)
	}
	return r.Sign(rand.Reader, digest, opts)
}

func (r remote) SignMessage(random io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts != crypto.SHA256 {
		return nil, errors.New("remote: messages are hashed with SHA-256 only")
	}
	digest := sha256.Sum256(message)
	return r.Sign(random, digest[:], opts)
}

// deaf is a signer that does not listen to its context.
type deaf struct{ remote }

func (d deaf) SignContext(_ context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return d.Sign(rand.Reader, digest, opts)
}

// careless is a signer that hashes messages with SHA-256 whatever it is asked.
type careless struct{ remote }

func (c careless) SignMessage(random io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	return c.remote.SignMessage(random, message, crypto.SHA256)
}

// unsteady is a signer whose public key changes.
type unsteady struct {
	crypto.Signer
	calls *atomic.Int64
}

func (u unsteady) Public() crypto.PublicKey {
	if u.calls.Add(1) > 2 {
		return testkeys.OtherP256().Public()
	}
	return u.Signer.Public()
}

// publicOf is a signer that names another's public key.
type publicOf struct {
	crypto.Signer
	other crypto.PublicKey
}

func (p publicOf) Public() crypto.PublicKey { return p.other }

func TestBadSigners(t *testing.T) {
	shared := make([]byte, 256)
	another, err := ecdsa.GenerateKey(testkeys.P256().Curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	spoiled := func(key crypto.Signer, spoil func([]byte, crypto.SignerOpts, []byte, error) ([]byte, error)) crypto.Signer {
		return remote{Signer: key, spoil: spoil}
	}
	tests := []struct {
		name string
		key  crypto.Signer
		want string
	}{
		{"nil", nil, "no key"},
		{"public key of another kind", publicOf{testkeys.P256(), "key"}, "unsupported key"},
		{"public key of another", publicOf{another, testkeys.OtherP256().Public()}, "does not verify"},
		{"public key changes", unsteady{testkeys.P256(), new(atomic.Int64)}, "it changed"},
		{"always fails", spoiled(testkeys.P256(), func([]byte, crypto.SignerOpts, []byte, error) ([]byte, error) {
			return nil, errors.New("the device is locked")
		}), "the device is locked"},
		{"empty signature", spoiled(testkeys.P256(), func([]byte, crypto.SignerOpts, []byte, error) ([]byte, error) {
			return nil, nil
		}), "does not verify"},
		{"raw r and s", spoiled(testkeys.P256(), func(_ []byte, _ crypto.SignerOpts, signature []byte, err error) ([]byte, error) {
			return append(signature[:0:0], signature[4:]...), err
		}), "ASN.1 DER"},
		{"always pss", spoiled(testkeys.RSA(), func(digest []byte, _ crypto.SignerOpts, _ []byte, _ error) ([]byte, error) {
			return rsa.SignPSS(rand.Reader, testkeys.RSA(), crypto.SHA256, digest, nil)
		}), "PKCS#1 v1.5"},
		{"never pss", spoiled(testkeys.RSA(), func(digest []byte, opts crypto.SignerOpts, _ []byte, _ error) ([]byte, error) {
			return testkeys.RSA().Sign(nil, digest, opts.HashFunc())
		}), "RSA-PSS"},
		{"one hash for all", spoiled(testkeys.RSA(), func(digest []byte, _ crypto.SignerOpts, _ []byte, _ error) ([]byte, error) {
			sum := sha256.Sum256(digest)
			if len(digest) == len(sum) {
				copy(sum[:], digest)
			}
			return testkeys.RSA().Sign(nil, sum[:], crypto.SHA256)
		}), "it signed something else"},
		{"pads digests", spoiled(testkeys.RSA(), func(digest []byte, opts crypto.SignerOpts, signature []byte, err error) ([]byte, error) {
			if opts == crypto.SHA256 && len(digest) != 32 {
				return testkeys.RSA().Sign(nil, append(digest, make([]byte, 64)...)[:32], opts)
			}
			return signature, err
		}), "a digest of 0 bytes"},
		{"changes the digest", spoiled(testkeys.P256(), func(digest []byte, _ crypto.SignerOpts, signature []byte, err error) ([]byte, error) {
			clear(digest)
			return signature, err
		}), "it changed the digest"},
		{"one buffer", spoiled(testkeys.RSA(), func(_ []byte, _ crypto.SignerOpts, signature []byte, err error) ([]byte, error) {
			return shared[:copy(shared, signature)], err
		}), "overwrote"},
		{"one hash for all messages", careless{remote{Signer: testkeys.P256()}}, "SignMessage, other hashes"},
		{"panics", spoiled(testkeys.P256(), func([]byte, crypto.SignerOpts, []byte, error) ([]byte, error) {
			panic("out of order")
		}), "it panicked: out of order"},
		{"deaf", deaf{remote{Signer: testkeys.P256()}}, "return the context's error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := keystest.TestSigner(t.Context(), tt.key)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func ExampleTestSigner() {
	key := remote{Signer: testkeys.P256()} // your own crypto.Signer
	fmt.Println(keystest.TestSigner(context.Background(), key))

	fmt.Println(keystest.TestSigner(context.Background(), deaf{key}))
	// Output:
	// <nil>
	// keystest: SignContext, context at its end: got error <nil>: return the context's error, wrapped, and no signature
}

// openKey opens a key for TestKey.
func openKey(*testing.T) crypto.Signer { return remote{Signer: testkeys.P256()} }

func TestKey(t *testing.T) {
	if err := keystest.TestSigner(t.Context(), openKey(t)); err != nil {
		t.Error(err)
	}
}
