// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The prefix __Host- makes the cookie for this host only.
const tokenCookie = "__Host-jwt"

// tokens writes and reads the tokens of logins. It is safe for concurrent use.
type tokens struct {
	secret []byte
	now    func() time.Time
	parser *jwt.Parser
}

func newTokens(secret []byte, now func() time.Time) *tokens {
	return &tokens{secret, now, jwt.NewParser(
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(now),
	)}
}

// userOf returns the user of a valid token, or "". The parser fills the claims of an invalid
// token, too, next to the error.
func (t *tokens) userOf(r *http.Request) string {
	cookie, err := r.Cookie(tokenCookie)
	if err != nil {
		return ""
	}
	var claims jwt.RegisteredClaims
	_, err = t.parser.ParseWithClaims(cookie.Value, &claims, func(*jwt.Token) (any, error) { return t.secret, nil })
	if err != nil {
		return ""
	}
	return claims.Subject
}

func (t *tokens) set(w http.ResponseWriter, user string, lifetime time.Duration) error {
	claims := jwt.RegisteredClaims{Subject: user, ExpiresAt: jwt.NewNumericDate(t.now().Add(lifetime))}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(t.secret)
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: tokenCookie, Value: token, Path: "/", MaxAge: int(lifetime / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

func (t *tokens) drop(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: tokenCookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true})
}
