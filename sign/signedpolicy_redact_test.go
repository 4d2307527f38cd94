// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"bytes"
	"crypto"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/sign"
)

// TestCredentialsAreNotPrinted prints the types that hold a secret behind two pointers: with
// %p too, and in unexported fields, whose methods fmt cannot call. TestSecretsAreNotPrinted
// in internal/repo has everything else.
func TestCredentialsAreNotPrinted(t *testing.T) {
	p := custom(t, base+"/u/7/*?token=AppSecret")
	signed, err := newSigner(t, testkeys.P256(), 0).Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	set := signed.CookieSet()
	type session struct { // unexported fields: fmt cannot call their methods
		signed sign.SignedPolicy
		set    sign.CookieSet
	}
	careless, err := sign.New(keyPairID, carelessKey{testkeys.P256(), "PinOfTheDevice"}, sign.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	values := []any{
		careless, reflect.ValueOf(careless).Elem().Interface(), // A copy, although a Signer must not be copied.
		struct{ signer *sign.Signer }{careless},
		signed, &signed, set, &set,
		session{signed, set},
		&session{signed, set},
		newSigner(t, testkeys.P256(), 0),
	}
	var printed bytes.Buffer
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t"} {
			fmt.Fprintf(&printed, verb+"\n", value)
		}
	}
	for name, value := range set.All() {
		if name == "CloudFront-Key-Pair-Id" || name == "CloudFront-Hash-Algorithm" {
			continue // public
		}
		for _, form := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%X", value)} {
			if strings.Contains(printed.String(), form[:20]) {
				t.Errorf("%s was printed", name)
			}
		}
	}
	scalar, err := testkeys.P256().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"AppSecret", "PinOfTheDevice", new(big.Int).SetBytes(scalar).String()} {
		if strings.Contains(printed.String(), secret) {
			t.Errorf("%q was printed", secret)
		}
	}
	for _, want := range []string{base + "/u/7/*", keyPairID, "2026-01-01T18:00:00Z", "signature withheld"} {
		if !strings.Contains(signed.String(), want) || !strings.Contains(fmt.Sprint(set), want) {
			t.Errorf("%q does not say what it is for: %q", signed, want)
		}
	}
}

// carelessKey is a foreign key by value, whose secret fmt would print.
type carelessKey struct {
	crypto.Signer
	pin string
}

// TestCacheIsPrintedWithoutQueries prints a cache while its key signs.
func TestCacheIsPrintedWithoutQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := newCache(t, &remoteKey{delay: time.Second}, time.Hour, sign.CacheOptions{})
		var signing sync.WaitGroup
		defer signing.Wait()
		signing.Go(func() {
			if _, err := cache.URL(t.Context(), base+"/a?token=AppSecret"); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		for _, verb := range []string{"%v", "%+v", "%s", "%t"} {
			if diff := cmp.Diff("sign.Cache("+keyPairID+")", fmt.Sprintf(verb, cache)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", verb, diff)
			}
		}
	})
}

func TestZeroCredentialsPrint(t *testing.T) {
	for _, value := range []any{sign.SignedPolicy{}, sign.CookieSet{}, &sign.SignedPolicy{}} {
		if got := fmt.Sprintf("%v %+v %#v", value, value, value); got != "nothing signed nothing signed nothing signed" {
			t.Errorf("%T prints %q", value, got)
		}
	}
	if got := (sign.SignedPolicy{}).LogValue().String(); got != "nothing signed" {
		t.Errorf("LogValue = %q", got)
	}
}
