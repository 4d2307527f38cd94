// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/cfsign/cfsign/examples/cognito/internal/token"
)

// A profile is what GET /access/ answers.
type profile struct {
	Sub      string    `json:"sub"`
	Username string    `json:"username,omitempty"`
	Email    string    `json:"email,omitempty"`
	TokenUse string    `json:"token_use"`
	Expires  time.Time `json:"expires"` // of the token
	Folder   string    `json:"folder"`  // the user's own
}

// access says who is asking.
func (s *service) access(r *http.Request, n *note) (answer, error) {
	user, err := s.user(r, n)
	if err != nil {
		return answer{}, err
	}
	return answer{body: profile{
		Sub: user.Sub, Username: user.Username, Email: user.Email, TokenUse: user.Use, Expires: user.Expires.UTC(), Folder: s.cdn + user.Sub + "/",
	}}, nil
}

// user returns who is asking.
func (s *service) user(r *http.Request, n *note) (token.User, error) {
	raw, err := token.FromRequest(r)
	if err != nil {
		return token.User{}, unauthorized(err)
	}
	user, err := s.users.Verify(r.Context(), raw)
	if err != nil {
		return token.User{}, unauthorized(err)
	}
	if !isUserID(user.Sub) { // which the verifier has to have checked
		return token.User{}, unauthorized(token.ErrSubject)
	}
	n.user = user.Sub
	return user, nil
}

// tokenReasons are those why a token does not count, with what to do about it. Where several
// fit, the first does.
var tokenReasons = []struct {
	err    error
	reason string
}{
	{token.ErrMissing, "there is no token: send one as Authorization: Bearer TOKEN"},
	{token.ErrMalformed, "the token is malformed: send exactly one, as Authorization: Bearer TOKEN"},
	{token.ErrAlgorithm, "the token is not signed as those of the user pool are"},
	{token.ErrSignature, "the token is not signed with a key of the user pool"},
	{token.ErrIssuer, "the token is from another issuer than this service's user pool"},
	{token.ErrClient, "the token was issued to another app client"},
	{token.ErrUse, "the token is neither an access token nor an ID token"},
	{token.ErrSubject, "the token's sub cannot be the name of a folder"},
	{token.ErrNotYetValid, "the token is from the future: the clock of this service may be wrong"},
	{token.ErrExpired, "the token has expired: sign in again, or refresh it"},
}

// unauthorized returns the refusal for a token. Its challenge is that of RFC 6750.
func unauthorized(err error) *refusal {
	if errors.Is(err, token.ErrUnavailable) {
		return unavailable(err, "the keys of the user pool cannot be fetched: try again later")
	}
	reason := "the token is not valid"
	for _, t := range tokenReasons {
		if errors.Is(err, t.err) {
			reason = t.reason
			break
		}
	}
	challenge := `Bearer realm="cfsign"`
	if !errors.Is(err, token.ErrMissing) {
		challenge += `, error="invalid_token", error_description="` + reason + `"`
	}
	return refuse(http.StatusUnauthorized, "%s", reason).with("WWW-Authenticate", challenge).because(err) // which has no part of the token
}
