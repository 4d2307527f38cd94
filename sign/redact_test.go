// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"bytes"
	"crypto"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/testkeys"
	"github.com/cfsign/cfsign/sign"
)

// TestCredentialsAreNotPrinted prints the credentials in every way that fmt,
// log/slog and encoding/json have, also from inside other types.
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
		careless, reflect.ValueOf(careless).Elem().Interface(), // a copy, though nobody should make one
		struct{ signer *sign.Signer }{careless},
		signed, &signed, set, &set,
		session{signed, set},
		&session{signed, set},
		[]sign.SignedPolicy{signed},
		map[string]sign.CookieSet{"a": set},
		struct{ Signed sign.SignedPolicy }{signed},
		newSigner(t, testkeys.P256(), 0),
	}
	var printed bytes.Buffer
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t"} {
			fmt.Fprintf(&printed, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&printed, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&printed, nil)).Info("json", "value", value)
		if data, err := json.Marshal(value); err == nil {
			printed.Write(data)
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
