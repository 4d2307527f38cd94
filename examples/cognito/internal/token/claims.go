// SPDX-License-Identifier: Apache-2.0

package token

import (
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4/json"
)

// claims are what a token says, by name. They are kept raw, so that each is judged alone
// and a wrong type has the reason of its claim.
type claims map[string]json.RawMessage

// check checks the claims of a token whose signature is verified, and reads the user in
// them.
//
// Source: "Verifying JSON web tokens" in the Amazon Cognito Developer Guide.
func (v *Verifier) check(payload []byte) (User, error) {
	var c claims
	if err := json.Unmarshal(payload, &c); err != nil || c == nil {
		return User{}, refuse(ErrMalformed, "its claims are not a JSON object with every name once")
	}
	if issuer, _ := c.text("iss"); issuer != v.issuer {
		return User{}, refuse(ErrIssuer, "it is not for %s", v.issuer)
	}
	use, _ := c.text("token_use")
	if use != useAccess && use != useID {
		return User{}, refuse(ErrUse, "token_use is neither access nor id")
	}
	if err := v.checkClient(c, use); err != nil {
		return User{}, err
	}
	expires, err := v.checkTimes(c)
	if err != nil {
		return User{}, err
	}
	return v.user(c, use, expires)
}

// checkClient checks for whom the token was issued. An access token has an aud where it was
// asked for another API (RFC 8707), which is not this one.
func (v *Verifier) checkClient(c claims, use string) error {
	name := "client_id"
	if use == useID {
		name = "aud"
	}
	if client, _ := c.text(name); client != v.appClientID {
		return refuse(ErrClient, "%s is not the app client's", name)
	}
	if _, bound := c["aud"]; bound && use == useAccess {
		return refuse(ErrClient, "the access token is bound to a resource by aud")
	}
	return nil
}

// checkTimes returns when the token expires. Cognito's tokens have exp and iat; nbf is
// what other issuers of the same form may add.
func (v *Verifier) checkTimes(c claims) (expires time.Time, err error) {
	expires, ok := c.time("exp")
	if !ok {
		return time.Time{}, refuse(ErrMalformed, "exp is not a time in whole seconds")
	}
	issued, ok := c.time("iat")
	if !ok {
		return time.Time{}, refuse(ErrMalformed, "iat is not a time in whole seconds")
	}
	valid := issued
	if _, there := c["nbf"]; there {
		if valid, ok = c.time("nbf"); !ok {
			return time.Time{}, refuse(ErrMalformed, "nbf is not a time in whole seconds")
		}
	}
	now := v.clock()
	if !now.Before(expires) {
		return time.Time{}, refuse(ErrExpired, "sign in again, or use the refresh token")
	}
	latest := now.Add(v.leeway)
	if issued.After(latest) || valid.After(latest) {
		return time.Time{}, refuse(ErrNotYetValid, "it is from the future: compare this machine's clock with the issuer's")
	}
	return expires, nil
}

// user returns whom the token names.
func (v *Verifier) user(c claims, use string, expires time.Time) (User, error) {
	sub, _ := c.text("sub")
	if !subject.MatchString(sub) {
		return User{}, refuse(ErrSubject, "sub is not 1 to 128 letters, digits, - and _")
	}
	if sub == v.appClientID {
		return User{}, refuse(ErrSubject, "the app client got the token for itself (client credentials), and not for a user")
	}
	name := "username"
	if use == useID {
		name = "cognito:username"
	}
	username, ok := c.optional(name)
	if !ok {
		return User{}, refuse(ErrMalformed, "%s is not a string", name)
	}
	email, ok := c.optional("email")
	if !ok {
		return User{}, refuse(ErrMalformed, "email is not a string")
	}
	if string(c["email_verified"]) != "true" || use != useID {
		email = ""
	}
	return User{Sub: sub, Username: username, Email: email, Use: use, Expires: expires}, nil
}

// text returns a claim that is a string.
func (c claims) text(name string) (string, bool) {
	raw := c[name]
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}

// optional returns a claim that is a string, or not there.
func (c claims) optional(name string) (string, bool) {
	if _, there := c[name]; !there {
		return "", true
	}
	return c.text(name)
}

// maxTime is the last second of the year 9999.
const maxTime = 253402300799

// time returns a claim that is a time in whole seconds, as Cognito's are.
func (c claims) time(name string) (time.Time, bool) {
	seconds, err := strconv.ParseInt(string(c[name]), 10, 64)
	if err != nil || seconds < 0 || seconds > maxTime {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}
