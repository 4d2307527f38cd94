// SPDX-License-Identifier: Apache-2.0

package sign

import "github.com/cfsign/cfsign/policy"

// A SignedPolicy is a policy with its signature. It was signed once and serves
// any number of URLs, and cookies, that the policy covers. It is immutable and
// safe for concurrent use. The zero SignedPolicy covers nothing. With == two are
// equal if they come from the same call of [Signer.Sign].
//
// It is a bearer credential. fmt and log/slog print what it is for, but not
// what gives access.
type SignedPolicy struct {
	credential
}

// Policy returns the policy that was signed.
func (s SignedPolicy) Policy() policy.Policy {
	if s.isZero() {
		return policy.Policy{}
	}
	return s.secret().policy
}

// KeyPairID returns the ID of the key that signed, which is not the signer's any more
// after [Signer.Rotate]. That of the zero SignedPolicy is empty.
func (s SignedPolicy) KeyPairID() string {
	if s.isZero() {
		return ""
	}
	return s.secret().keyPairID
}

// URL returns rawURL, byte for byte, with the parameters of the signature
// after its own. It costs no key operation.
//
// A URL that the policy does not cover, or that clients would rewrite, is
// refused with an error of [policy.Resource.Check]; one that is longer than
// CloudFront accepts when signed, with [policy.ErrTooLong]; and the zero
// SignedPolicy returns [ErrZeroValue].
func (s SignedPolicy) URL(rawURL string) (string, error) {
	if s.isZero() {
		return "", refuse(ErrZeroValue, "nothing was signed: check the error of Sign")
	}
	secret := s.secret()
	if err := secret.policy.Resource().Check(rawURL); err != nil {
		return "", err
	}
	if err := checkURLLength(len(rawURL) + 1 + len(secret.query)); err != nil {
		return "", err
	}
	return rawURL + string(separator(rawURL)) + secret.query, nil
}

// AppendUncheckedQuery appends the parameters of the signature to dst, as they stand in
// the query of a signed URL: Policy=…&Signature=…&Key-Pair-Id=…. It is for code that
// writes many URLs, and must check each of them with [policy.Resource.Matches] before:
// a URL of another host would give that host the credential. The zero SignedPolicy
// appends nothing.
func (s SignedPolicy) AppendUncheckedQuery(dst []byte) []byte {
	if s.isZero() {
		return dst
	}
	return append(dst, s.secret().query...)
}

// CookieSet returns the signed cookies for the policy. It costs no key
// operation. Those for a canned policy give access to its one URL only.
func (s SignedPolicy) CookieSet() CookieSet { return CookieSet(s) }
