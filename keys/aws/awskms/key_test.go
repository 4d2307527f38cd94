// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/keys/keystest"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// TestConformance runs the suite for foreign signers over the real client.
func TestConformance(t *testing.T) {
	for name, private := range map[string]crypto.Signer{"rsa": testkeys.RSA(), "p256": testkeys.P256()} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			key, err := awskms.New(t.Context(), s.client, s.Add(private), awskms.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := keystest.TestSigner(t.Context(), key); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNames takes every form that KMS has for the name of a key.
func TestNames(t *testing.T) {
	s := newService(t)
	_, id, _ := strings.Cut(s.arn, ":key/")
	aliasARN, _, _ := strings.Cut(s.arn, "key/")
	for _, name := range []string{s.arn, id, alias, aliasARN + alias} {
		key, err := awskms.New(t.Context(), s.client, name, awskms.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(s.arn, key.ARN()); diff != "" {
			t.Errorf("%s: ARN (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(testkeys.P256().Public(), key.Public()); diff != "" {
			t.Errorf("%s: public key (-want +got):\n%s", name, diff)
		}
	}
}

// TestMovedAlias goes on with the key that the alias named before.
func TestMovedAlias(t *testing.T) {
	s := newService(t)
	key, err := awskms.New(t.Context(), s.client, alias, awskms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.SetAlias(alias, s.Add(testkeys.OtherP256()))
	signature, err := key.SignContext(t.Context(), digest, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if !ecdsa.VerifyASN1(&testkeys.P256().PublicKey, digest, signature) {
		t.Error("not signed with the key that New found")
	}
	moved, err := awskms.New(t.Context(), s.client, alias, awskms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(testkeys.OtherP256().Public(), moved.Public()); diff != "" {
		t.Errorf("New after the move (-want +got):\n%s", diff)
	}
}

// TestRequests: one for New, one for each signature, none for anything else.
func TestRequests(t *testing.T) {
	s := newService(t)
	key := s.key(t)
	if diff := cmp.Diff(requests{Public: 1}, s.count()); diff != "" {
		t.Errorf("New (-want +got):\n%s", diff)
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		_, _, _ = key.Public(), key.ARN(), key.String()
	}
	if diff := cmp.Diff(requests{Public: 1}, s.count()); diff != "" {
		t.Errorf("Public and sign.New (-want +got):\n%s", diff)
	}
	for range 3 {
		if _, err := signer.URL(t.Context(), "https://cdn.example.com/a.jpg", time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(requests{Public: 1, Sign: 3}, s.count()); diff != "" {
		t.Errorf("three URLs (-want +got):\n%s", diff)
	}
	s.close()
	if key.Public() == nil {
		t.Error("Public needs the service")
	}
}

// TestEndToEnd verifies what is signed as CloudFront would.
func TestEndToEnd(t *testing.T) {
	for name, private := range map[string]crypto.Signer{"rsa": testkeys.RSA(), "p256": testkeys.P256()} {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			key, err := awskms.New(t.Context(), s.client, s.Add(private), awskms.Options{Public: private.Public()})
			if err != nil {
				t.Fatal(err)
			}
			const keyPairID = "K2JCJMDEHXQW5F"
			signer, err := sign.New(keyPairID, key, sign.Options{})
			if err != nil {
				t.Fatal(err)
			}
			signedURL, err := signer.URL(t.Context(), "https://cdn.example.com/a.jpg", time.Now().Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			trusted, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: private.Public()})
			if err != nil {
				t.Fatal(err)
			}
			verifier := &verify.Verifier{Keys: trusted}
			if _, err := verifier.Verify(verify.Request{URL: signedURL}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestConcurrentUse signs with one key from many goroutines. Some give up.
func TestConcurrentUse(t *testing.T) {
	s := newService(t)
	key := s.key(t)
	ended, end := context.WithCancel(t.Context())
	end()
	var group sync.WaitGroup
	for i := range 32 {
		group.Go(func() {
			ctx, want := t.Context(), error(nil)
			if i%4 == 0 {
				ctx, want = ended, context.Canceled
			}
			signature, err := key.SignContext(ctx, digest, crypto.SHA256)
			if !errors.Is(err, want) || (err == nil) != ecdsa.VerifyASN1(&testkeys.P256().PublicKey, digest, signature) {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	group.Wait()
	if diff := cmp.Diff(requests{Public: 1, Sign: 24}, s.count()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
