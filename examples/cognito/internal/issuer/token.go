// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// The uses of tokens, as the claim token_use has them.
const (
	// UseAccess is that of access tokens, which authorize calls of an API.
	UseAccess = "access"
	// UseID is that of ID tokens, which say who signed in.
	UseID = "id"
)

// A Draft is a token before it is signed. It comes from [Issuer.Draft], and tests change
// what they like in it.
type Draft struct {
	// Header has kid and alg.
	Header map[string]any
	// Claims are what the token says.
	Claims map[string]any

	key *signingKey // the one that the header names, also after a rotation
}

// Draft returns the token that a user would get now. Its errors are [ErrUser] and
// [ErrUse].
func (i *Issuer) Draft(use, username string) (Draft, error) {
	u, ok := i.user(username)
	if !ok {
		return Draft{}, fmt.Errorf("issuer: %w: %q", ErrUser, username)
	}
	key := i.signingKey(use)
	if key == nil {
		return Draft{}, fmt.Errorf("issuer: %w: %q", ErrUse, use)
	}
	return Draft{
		Header: map[string]any{"kid": key.public.KeyID, "alg": "RS256"},
		Claims: i.claims(use, u),
		key:    key,
	}, nil
}

// claims returns what Cognito says of a user.
//
// Source: "Understanding the access token" and "Understanding the identity (ID) token"
// in the Amazon Cognito Developer Guide.
func (i *Issuer) claims(use string, u User) map[string]any {
	now := i.clock()
	claims := map[string]any{
		"sub":        u.Sub,
		"iss":        i.URL(),
		"token_use":  use,
		"auth_time":  now.Unix(),
		"iat":        now.Unix(),
		"exp":        now.Unix() + int64(i.lifetime/time.Second),
		"jti":        newUUID(),
		"origin_jti": newUUID(),
	}
	if use == UseID {
		maps.Copy(claims, map[string]any{
			"aud": i.clientID, "cognito:username": u.Username, "email": u.Email, "email_verified": true,
		})
		return claims
	}
	maps.Copy(claims, map[string]any{
		"client_id": i.clientID, "username": u.Username, "scope": "aws.cognito.signin.user.admin", "version": 2,
	})
	return claims
}

// Token returns the token that a user would get now, with changed claims: those in the
// map replace what is there, and nil takes a claim away. Its errors are those of
// [Issuer.Draft] and [Issuer.Sign].
func (i *Issuer) Token(use, username string, changed map[string]any) (string, error) {
	draft, err := i.Draft(use, username)
	if err != nil {
		return "", err
	}
	for name, value := range changed {
		if value == nil {
			delete(draft.Claims, name)
			continue
		}
		draft.Claims[name] = value
	}
	return i.Sign(draft)
}

// Sign signs a draft as it is: with the key of its time and use, whatever the header
// says; but not at all if that says that alg is none. Its errors are [ErrUse] for a draft
// that is not from [Issuer.Draft], and those of encoding/json for what JSON cannot say.
func (i *Issuer) Sign(d Draft) (string, error) {
	if d.key == nil {
		return "", fmt.Errorf("issuer: %w: the draft is not from Issuer.Draft", ErrUse)
	}
	header, err := json.Marshal(d.Header)
	if err != nil {
		return "", fmt.Errorf("issuer: %w", err)
	}
	claims, err := json.Marshal(d.Claims)
	if err != nil {
		return "", fmt.Errorf("issuer: %w", err)
	}
	signed := encode(header) + "." + encode(claims)
	if d.Header["alg"] == "none" {
		return signed + ".", nil
	}
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, d.key.private, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("issuer: %w", err)
	}
	return signed + "." + encode(signature), nil
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// newUUID returns a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
