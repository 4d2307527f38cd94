// SPDX-License-Identifier: Apache-2.0

package playground

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"errors"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/addressrange"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/timeflag"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// KeyPairID is the ID of the page's key. CloudFront does not know it.
const KeyPairID = "KPLAYGROUND"

// A Signer signs with a P-256 key that it makes for the first signature. Nothing can read the
// private key, and it is gone with the page. The zero value is ready to use. A Signer is not safe
// for concurrent use.
type Signer struct{ key *ecdsa.PrivateKey }

// A SignRequest has the fields of the tab that signs.
type SignRequest struct {
	URL     string `json:"url"`
	Pattern string `json:"pattern"` // empty: the policy is for the URL alone
	Expires string `json:"expires"` // empty: +2h
	Start   string `json:"start"`   // empty: at once
	Range   string `json:"range"`   // empty: everywhere
	Domain  string `json:"domain"`  // of the cookies; empty: only the host that sets them
	Policy  string `json:"policy"`  // canned or custom; empty: canned if possible
}

// Signed is a signed URL and signed cookies for one policy.
type Signed struct {
	// Unsigned is the URL without a signature.
	Unsigned string `json:"unsigned"`
	// URL is the signed URL.
	URL string `json:"url"`
	// Query are the parameters of the URL that CloudFront reads, in their order.
	Query []Part `json:"query"`
	// Cookies are the signed cookies.
	Cookies []Part `json:"cookies"`
	// SetCookies are the Set-Cookie headers that a server sends.
	SetCookies []string `json:"setCookies"`
	// CookieHeader is the Cookie header that a browser sends.
	CookieHeader string `json:"cookieHeader"`
	// Canned reports whether the policy is canned.
	Canned bool `json:"canned"`
	// Allows says in words what the policy allows.
	Allows string `json:"allows"`
	// Document is the policy document. Exactly these bytes are signed.
	Document string `json:"document"`
	// PublicKey is the public key in PEM.
	PublicKey string `json:"publicKey"`
	// KeyPairID is the ID of the public key.
	KeyPairID string `json:"keyPairID"`
}

// A Part is a parameter or a cookie, and what it is for.
type Part struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Meaning string `json:"meaning"`
}

// meanings say what each part is for.
var meanings = map[string]string{
	wire.ParamExpires:       "When access ends, in seconds since 1970 (UTC). CloudFront rebuilds the rest of a canned policy from the URL.",
	wire.ParamPolicy:        "The policy document in CloudFront's base64, where + = / are written as - _ ~. Anyone can decode it.",
	wire.ParamSignature:     "The signature over the policy document, in the same base64. Only the private key can make it.",
	wire.ParamKeyPairID:     "Which public key CloudFront must check the signature with. The key must be in the trusted key group of the behavior.",
	wire.ParamHashAlgorithm: "The hash of the signature. Without this part, CloudFront expects SHA-1.",
}

// Sign signs the URL and the cookies of a request.
func (s *Signer) Sign(ctx context.Context, r SignRequest, now time.Time) Answer {
	short := map[Field]string{FieldExpires: r.Expires, FieldStart: r.Start, FieldRange: r.Range, FieldDomain: r.Domain}
	fields := maps.Clone(short)
	fields[FieldURL], fields[FieldPattern] = r.URL, r.Pattern
	if forget := withPrivateKey(fields); len(forget) > 0 {
		return Answer{Error: errPrivateKey, Field: forget[0], Forget: forget}
	}
	if err := checkLengths(short); err != nil {
		return failure(err, FieldURL)
	}
	signed, err := s.sign(ctx, r.trimmed(), now)
	if err != nil {
		return signFailure(err)
	}
	return Answer{Signed: signed}
}

func (r SignRequest) trimmed() SignRequest {
	for _, field := range []*string{&r.URL, &r.Pattern, &r.Expires, &r.Start, &r.Range, &r.Domain} {
		*field = strings.TrimSpace(*field)
	}
	return r
}

func (s *Signer) sign(ctx context.Context, r SignRequest, now time.Time) (*Signed, error) {
	p, err := r.newPolicy(now)
	if err != nil {
		return nil, err
	}
	if s.key == nil {
		if s.key, err = keys.GenerateECDSA(); err != nil {
			return nil, err
		}
	}
	signer, err := sign.New(KeyPairID, s.key, sign.Options{Clock: func() time.Time { return now }})
	if err != nil {
		return nil, err
	}
	signed, err := signer.Sign(ctx, p)
	if err != nil {
		return nil, err
	}
	public, err := keys.MarshalPublic(s.key.Public())
	if err != nil {
		return nil, err
	}
	result := &Signed{Unsigned: r.URL, Canned: p.IsCanned(), Document: string(p.JSON()), Allows: p.String(), PublicKey: string(public), KeyPairID: KeyPairID}
	if result.URL, err = signed.URL(r.URL); err != nil {
		return nil, &fieldError{FieldURL, err}
	}
	result.Query = queryOf(result.URL)
	return result, result.addCookies(signed.CookieSet(), r.Domain)
}

// newPolicy returns the policy of the fields.
func (r SignRequest) newPolicy(now time.Time) (policy.Policy, error) {
	c, err := r.conditions(now)
	if err != nil {
		return policy.Policy{}, err
	}
	isCustom := r.Policy == "custom" || r.Pattern != "" || r.Start != "" || r.Range != ""
	switch {
	case r.URL == "":
		return policy.Policy{}, &fieldError{FieldURL, errors.New("the URL is missing: write https://cdn.example.com/a.jpg")}
	case isCustom && r.Policy == "canned":
		return policy.Policy{}, &fieldError{FieldPolicy, errors.New("a canned policy is for one URL and has only an expiry: choose a custom policy, or leave out the pattern, the start and the address range")}
	case !isCustom:
		return policy.Canned(r.URL, c.Expires)
	}
	resource, err := policy.URL(r.URL)
	if r.Pattern != "" {
		resource, err = policy.PatternFromConfig(r.Pattern)
	}
	if err != nil {
		return policy.Policy{}, err
	}
	return policy.Custom(resource, c)
}

// conditions returns the conditions of the fields.
func (r SignRequest) conditions(now time.Time) (c policy.Conditions, err error) {
	if c.Expires, err = timeflag.Parse(cmp.Or(r.Expires, "+2h"), now); err != nil {
		return c, &fieldError{FieldExpires, err}
	}
	if !c.Expires.After(now) {
		return c, &fieldError{FieldExpires, errors.New("this time is in the past: write a later time, such as +2h")}
	}
	if r.Start != "" {
		if c.NotBefore, err = timeflag.Parse(r.Start, now); err != nil {
			return c, &fieldError{FieldStart, err}
		}
	}
	if r.Range != "" {
		prefix, err := addressrange.Parse(r.Range)
		if err != nil {
			return c, &fieldError{FieldRange, err}
		}
		c.SourceIP = &prefix
	}
	return c, nil
}

// queryOf returns the parameters that CloudFront reads.
func queryOf(signedURL string) []Part {
	_, query, _ := strings.Cut(signedURL, "?")
	var parts []Part
	for parameter := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(parameter, "="); meanings[name] != "" {
			parts = append(parts, Part{name, value, meanings[name]})
		}
	}
	return parts
}

// addCookies adds the signed cookies in their forms.
func (s *Signed) addCookies(set sign.CookieSet, domain string) error {
	cookies, err := set.Cookies(sign.CookieAttributes{Domain: domain, Insecure: strings.HasPrefix(s.URL, "http://")})
	var refused *sign.CookieError
	if errors.As(err, &refused) {
		return &fieldError{FieldDomain, errors.New(refused.Problem + ": write the host of the CDN or a domain of your own above it, or leave it out")}
	}
	if err != nil {
		return err
	}
	s.SetCookies = setCookies(cookies)
	var header []string
	for name, value := range set.All() {
		s.Cookies = append(s.Cookies, Part{name, value, meanings[strings.TrimPrefix(name, wire.CookieName(""))]})
		header = append(header, name+"="+value)
	}
	s.CookieHeader = strings.Join(header, "; ")
	return nil
}

func setCookies(cookies []*http.Cookie) (lines []string) {
	for _, cookie := range cookies {
		lines = append(lines, cookie.String())
	}
	return lines
}

// policyFields are the fields of a policy on the page.
var policyFields = map[policy.Field]Field{
	policy.FieldURL: FieldURL, policy.FieldPattern: FieldPattern, policy.FieldExpires: FieldExpires,
	policy.FieldNotBefore: FieldStart, policy.FieldSourceIP: FieldRange,
}

// signFailure returns an error of the signer as an answer, in the words of the page.
func signFailure(err error) Answer {
	var refused *policy.Error
	if !errors.As(err, &refused) {
		return failure(err, FieldURL)
	}
	answer := failure(err, cmp.Or(policyFields[refused.Field], FieldURL))
	answer.Error = explain.Shown(strings.TrimSuffix(refused.Problem+": "+refused.Advice, ": "))
	if refused.Reason == "wildcard" && answer.Field == FieldURL {
		answer.Error += `, or write it into "Pattern for many files" if it is meant`
	}
	return answer
}
