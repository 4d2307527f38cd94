// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// TestOneCall: each short way gives what its steps give.
func TestOneCall(t *testing.T) {
	r := folder(t, "7")
	conditions := policy.Conditions{Expires: expires, NotBefore: now, SourceIP: new(netip.MustParsePrefix("192.0.2.0/24"))}
	attributes := sign.CookieAttributes{Domain: "example.com", Path: "/users/7/", MaxAge: time.Hour}
	for _, algorithm := range algorithms {
		t.Run(algorithm.name, func(t *testing.T) {
			skipSHA1UnderFIPS(t, algorithm.hash)
			signer := newSigner(t, algorithm.key, algorithm.hash)
			p, err := policy.Custom(r, conditions)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := signer.Sign(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			wantURL, err := signed.URL(base + "/users/7/a?b=1")
			if err != nil {
				t.Fatal(err)
			}
			wantCookies, err := signed.CookieSet().Cookies(attributes)
			if err != nil {
				t.Fatal(err)
			}

			short, err := signer.SignResource(t.Context(), r, conditions)
			if err != nil || short.Policy() != p {
				t.Errorf("SignResource: %v, %v", short, err)
			}
			gotURL, err := signer.CustomURL(t.Context(), base+"/users/7/a?b=1", r, conditions)
			if diff := cmp.Diff(wantURL, gotURL); err != nil || diff != "" {
				t.Errorf("CustomURL: %v (-want +got):\n%s", err, diff)
			}
			gotCookies, err := signer.Cookies(t.Context(), r, conditions, attributes)
			if diff := cmp.Diff(wantCookies, gotCookies); err != nil || diff != "" {
				t.Errorf("Cookies: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestOneCallRefuses: the short ways return the errors of their steps. A mistake of the caller
// costs no operation of the key.
func TestOneCallRefuses(t *testing.T) {
	r := folder(t, "7")
	until := policy.Conditions{Expires: expires}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	uses := 0
	signer, err := sign.New(keyPairID, testkeys.P256(), sign.Options{
		Clock:   clock,
		Within:  sign.Bounds{Resources: []policy.Resource{r}},
		Observe: func(context.Context, sign.KeyUse) { uses++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	other, err := policy.Directory(base + "/users/")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name       string
		signer     *sign.Signer
		ctx        context.Context
		rawURL     string
		resource   policy.Resource
		conditions policy.Conditions
		attributes sign.CookieAttributes
		// An error that only one of the three returns is nil for the others.
		resourceErr, urlErr, cookiesErr error
	}{
		{
			name: "zero resource", conditions: until,
			resourceErr: policy.Reason("no_resource"), urlErr: policy.Reason("no_resource"), cookiesErr: policy.Reason("no_resource"),
		},
		{
			name: "no expiry", resource: r,
			resourceErr: policy.Reason("no_expiry"), urlErr: policy.Reason("no_expiry"), cookiesErr: policy.Reason("no_expiry"),
		},
		{
			name: "expired", resource: r, conditions: policy.Conditions{Expires: now},
			resourceErr: sign.ErrExpired, urlErr: sign.ErrExpired, cookiesErr: sign.ErrExpired,
		},
		{
			name: "outside the bounds", resource: other, conditions: until,
			resourceErr: sign.ErrBounds, urlErr: sign.ErrBounds, cookiesErr: sign.ErrBounds,
		},
		{
			name: "zero signer", signer: new(sign.Signer), resource: r, conditions: until,
			resourceErr: sign.ErrZeroValue, urlErr: sign.ErrZeroValue, cookiesErr: sign.ErrZeroValue,
		},
		{
			name: "ended context", ctx: ended, resource: r, conditions: until,
			resourceErr: context.Canceled, urlErr: context.Canceled, cookiesErr: context.Canceled,
		},
		{name: "URL of another folder", rawURL: base + "/users/8/a", resource: r, conditions: until, urlErr: policy.ErrNotCovered},
		{name: "URL that clients rewrite", rawURL: base + "/users/7/a b", resource: r, conditions: until, urlErr: policy.ErrURL},
		{name: "URL that a viewer can send, and some clients rewrite", rawURL: base + "/users/7/a?b='c'", resource: r, conditions: until, urlErr: policy.ErrURL},
		{name: "invalid attribute", resource: r, conditions: until, attributes: sign.CookieAttributes{MaxAge: -time.Second}, cookiesErr: sign.ErrCookie},
		{name: "attribute for another folder", resource: r, conditions: until, attributes: sign.CookieAttributes{Path: "/users/8/"}, cookiesErr: sign.ErrCookie},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, ctx, rawURL := signer, t.Context(), base+"/users/7/a"
			if tt.signer != nil {
				s = tt.signer
			}
			if tt.ctx != nil {
				ctx = tt.ctx
			}
			if tt.rawURL != "" {
				rawURL = tt.rawURL
			}
			uses = 0
			signed, err := s.SignResource(ctx, tt.resource, tt.conditions)
			checkCall(t, "SignResource", tt.resourceErr, err, signed == sign.SignedPolicy{}, uses)
			uses = 0
			signedURL, err := s.CustomURL(ctx, rawURL, tt.resource, tt.conditions)
			checkCall(t, "CustomURL", tt.urlErr, err, signedURL == "", uses)
			uses = 0
			cookies, err := s.Cookies(ctx, tt.resource, tt.conditions, tt.attributes)
			checkCall(t, "Cookies", tt.cookiesErr, err, cookies == nil, uses)
		})
	}
}

// checkCall compares the result of a call that must fail with want, or succeed if want is nil.
func checkCall(t *testing.T, call string, want, err error, empty bool, uses int) {
	t.Helper()
	failed := want != nil
	if !errors.Is(err, want) || empty != failed || failed != (uses == 0) {
		t.Errorf("%s: error %v, want %v; the result is empty: %t; %d uses of the key", call, err, want, empty, uses)
	}
}

// TestLongCustomURL: the length is checked in the short way, too.
func TestLongCustomURL(t *testing.T) {
	_, err := newSigner(t, testkeys.P256(), 0).CustomURL(t.Context(), base+"/users/7/"+strings.Repeat("a", 7900), folder(t, "7"), policy.Conditions{Expires: expires})
	if !errors.Is(err, policy.ErrTooLong) {
		t.Error(err)
	}
}
