// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/jwtauth/v5"
	"github.com/lestrrat-go/jwx/v2/jwt"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// userOf returns the user of a valid token. FromContext returns an invalid token, too,
// next to the error.
func userOf(r *http.Request) string {
	token, _, err := jwtauth.FromContext(r.Context())
	if err != nil || token == nil {
		return ""
	}
	return token.Subject()
}

func newApp(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
	tokens := jwtauth.New("HS256", demo.Secret(), nil, jwt.WithClock(jwt.ClockFunc(signer.Now))) // accepts no other algorithm
	grants := func(r *http.Request) ([]session.Grant, error) { return folders.Of(userOf(r)) }
	attributes := sign.CookieAttributes{Domain: "example.com"}
	issuer, err := session.New(signer, grants, session.Options{Attributes: attributes, Failed: demo.Failed})
	if err != nil {
		return nil, err
	}

	router := chi.NewRouter()
	router.Use(http.NewCrossOriginProtection().Handler, jwtauth.Verify(tokens, tokenOf))
	router.Post("/login", func(w http.ResponseWriter, r *http.Request) {
		user := demo.Login(w, r)
		if user == "" {
			return
		}
		grants, err := folders.Of(user)
		if err == nil {
			err = issuer.IssueFor(w, r, grants...) // the token is not in r yet
		}
		if err == nil {
			err = setToken(w, tokens, user, signer.Now(), 12*time.Hour)
		}
		demo.Finish(w, r, err)
	})
	router.Post("/logout", func(w http.ResponseWriter, r *http.Request) {
		dropToken(w)
		demo.Finish(w, r, issuer.Clear(w, r))
	})
	router.With(issuer.Handler).Get("/", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, demo.Page(userOf(r)))
	})
	return router, nil
}
