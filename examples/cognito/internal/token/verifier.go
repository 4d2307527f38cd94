// SPDX-License-Identifier: Apache-2.0

package token

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Options say whose tokens are accepted. Issuer and AppClientID have no default.
type Options struct {
	// Issuer is the URL of the user pool, as in the claim iss: see [CognitoIssuer]. It is
	// https, or http on loopback.
	Issuer string
	// AppClientID is the app client whose tokens are accepted: 1 to 128 of
	// [A-Za-z0-9_+].
	AppClientID string
	// Client fetches the keys. Nil: a client of its own. In either case a fetch takes
	// three seconds at most, and redirects are not followed: Cognito has none.
	Client *http.Client
	// Clock tells the time. Nil: [time.Now].
	Clock func() time.Time
	// Leeway is how far the issuer's clock may be ahead: tokens issued, or valid, from
	// so much later on are accepted. Zero: 30 seconds; at most 5 minutes. It does not
	// make a token last longer.
	Leeway time.Duration
}

const (
	defaultLeeway = 30 * time.Second
	maxLeeway     = 5 * time.Minute
)

// clientID is the pattern of Cognito's API.
var clientID = regexp.MustCompile(`^[A-Za-z0-9_+]{1,128}$`)

// A Verifier verifies tokens of one user pool for one app client. It is safe for
// concurrent use. While keys are fetched it has one goroutine, which ends by itself
// within seconds.
type Verifier struct {
	issuer, appClientID string
	clock               func() time.Time
	leeway              time.Duration
	keys                *keyCache
}

// New returns a verifier. It asks nobody, not even for ctx's sake: the keys are fetched
// when they are needed, so that a process starts while Cognito is down. Call
// [Verifier.Ready] to know. Its only error is [ErrOptions].
func New(_ context.Context, o Options) (*Verifier, error) {
	if err := checkIssuer(o.Issuer); err != nil {
		return nil, err
	}
	if !clientID.MatchString(o.AppClientID) {
		return nil, refuse(ErrOptions, "AppClientID %q is not the ID of an app client", o.AppClientID)
	}
	if o.Leeway < 0 || o.Leeway > maxLeeway {
		return nil, refuse(ErrOptions, "Leeway is %v: it must be between 0 and %v", o.Leeway, maxLeeway)
	}
	if o.Leeway == 0 {
		o.Leeway = defaultLeeway
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Verifier{
		issuer: o.Issuer, appClientID: o.AppClientID, clock: o.Clock, leeway: o.Leeway,
		keys: newKeyCache(o.Issuer+"/.well-known/jwks.json", o.Client, o.Clock),
	}, nil
}

// Ready reports whether tokens can be verified now, and fetches the keys unless they are
// there. Its only error is [ErrUnavailable].
func (v *Verifier) Ready(ctx context.Context) error {
	_, err := v.keys.lookup(ctx, "")
	return err
}

// Verify checks a token, as the package comment has it, and returns whose it is. Its
// errors are those of the package but [ErrOptions].
func (v *Verifier) Verify(ctx context.Context, raw string) (User, error) {
	header, err := parseHeader(raw)
	if err != nil {
		return User{}, err
	}
	public, err := v.keys.lookup(ctx, header.KeyID)
	if err != nil {
		return User{}, err
	}
	proof := &proof{keys: oidc.StaticKeySet{PublicKeys: public}}
	read, err := oidc.NewVerifier(v.issuer, proof, oidcConfig).Verify(ctx, raw)
	switch {
	case !proof.asked:
		return User{}, refuse(ErrMalformed, "its header is not as Cognito's are")
	case !proof.verified:
		return User{}, refuse(ErrSignature, "the issuer's key with the token's kid did not make it")
	}
	user, reason := v.check(proof.payload)
	if reason != nil {
		return User{}, reason
	}
	if err != nil || read.Subject != user.Sub || !read.Expiry.Equal(user.Expires) { // err quotes the token
		return User{}, refuse(ErrMalformed, "its claims can be read in two ways")
	}
	return user, nil
}

// oidcConfig leaves signature and issuer to go-oidc, which has the last word. The rest it
// does not do as Cognito's tokens need it: access tokens have no aud, nbf has a leeway of
// five minutes, and iat is not looked at.
var oidcConfig = &oidc.Config{
	SupportedSigningAlgs: []string{oidc.RS256},
	SkipClientIDCheck:    true,
	SkipExpiryCheck:      true,
}

// A proof is the key set of one call. It keeps how far the call came, because the errors
// of go-oidc do not tell, and what the keys verified.
type proof struct {
	keys            oidc.StaticKeySet
	asked, verified bool
	payload         []byte
}

// VerifySignature implements [oidc.KeySet].
func (p *proof) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	p.asked = true
	payload, err := p.keys.VerifySignature(ctx, jwt)
	p.verified, p.payload = err == nil, payload
	return payload, err
}
