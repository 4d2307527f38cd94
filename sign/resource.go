// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"net/http"

	"github.com/cfsign/cfsign/policy"
)

// SignResource signs a custom policy for r under the conditions. It does the same as
// [policy.Custom] and [Signer.Sign] in turn, and returns their errors.
func (s *Signer) SignResource(ctx context.Context, r policy.Resource, conditions policy.Conditions) (SignedPolicy, error) {
	p, err := policy.Custom(r, conditions)
	if err != nil {
		return SignedPolicy{}, err
	}
	return s.Sign(ctx, p)
}

// CustomURL signs rawURL with a custom policy for r under the conditions. It is for one URL with
// a start or an address range, whose resource [policy.URL] makes, and for one URL of a folder.
// If you need more URLs of the folder, call [Signer.SignResource] once and [SignedPolicy.URL]
// for each of them, because CustomURL uses the private key each time.
//
// CustomURL returns the errors of SignResource and SignedPolicy.URL. If r does not cover
// rawURL, or clients would rewrite it, CustomURL does not use the key.
func (s *Signer) CustomURL(ctx context.Context, rawURL string, r policy.Resource, conditions policy.Conditions) (string, error) {
	p, err := policy.Custom(r, conditions)
	if err == nil {
		err = r.CheckStrict(rawURL)
	}
	if err != nil {
		return "", err
	}
	signed, err := s.Sign(ctx, p)
	if err != nil {
		return "", err
	}
	return signed.URL(rawURL)
}

// Cookies signs cookies for r under the conditions. The attributes a are the same for all of
// them, and the zero CookieAttributes are safe. Package session does more: it renews the
// cookies while a login lasts, and removes them after the logout.
//
// Cookies returns the errors of [Signer.SignResource] and [CookieSet.Cookies]. If the
// attributes do not fit the policy, it does not use the key.
func (s *Signer) Cookies(ctx context.Context, r policy.Resource, conditions policy.Conditions, a CookieAttributes) ([]*http.Cookie, error) {
	p, err := policy.Custom(r, conditions)
	if err == nil {
		err = a.check()
	}
	if err == nil {
		err = a.checkPolicy(p)
	}
	if err != nil {
		return nil, err
	}
	signed, err := s.Sign(ctx, p)
	if err != nil {
		return nil, err
	}
	return signed.CookieSet().Cookies(a)
}
