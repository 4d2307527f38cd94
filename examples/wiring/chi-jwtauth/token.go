// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"time"

	"github.com/go-chi/jwtauth/v5"
)

// The prefix __Host- makes the cookie for this host only. The default of jwtauth, "jwt",
// does not.
const tokenCookie = "__Host-jwt"

func tokenOf(r *http.Request) string {
	cookie, err := r.Cookie(tokenCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

func setToken(w http.ResponseWriter, tokens *jwtauth.JWTAuth, user string, now time.Time, lifetime time.Duration) error {
	_, token, err := tokens.Encode(map[string]any{"sub": user, "exp": now.Add(lifetime)})
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: tokenCookie, Value: token, Path: "/", MaxAge: int(lifetime / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

func dropToken(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: tokenCookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true})
}
