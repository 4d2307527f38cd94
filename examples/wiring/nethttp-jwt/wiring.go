// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/http"
	"time"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

func newApp(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
	tokens := newTokens(demo.Secret(), signer.Now)
	grants := func(r *http.Request) ([]session.Grant, error) { return folders.Of(tokens.userOf(r)) }
	attributes := sign.CookieAttributes{Domain: "example.com"}
	issuer, err := session.New(signer, grants, session.Options{Attributes: attributes, Failed: demo.Failed})
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		user := demo.Login(w, r)
		if user == "" {
			return
		}
		grants, err := folders.Of(user)
		if err == nil {
			err = issuer.IssueFor(w, r, grants...) // the token is not in r yet
		}
		if err == nil {
			err = tokens.set(w, user, 12*time.Hour)
		}
		demo.Finish(w, r, err)
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		tokens.drop(w)
		demo.Finish(w, r, issuer.Clear(w, r))
	})
	mux.Handle("GET /{$}", issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, demo.Page(tokens.userOf(r)))
	})))

	// SameSite does not stop forms on pages of the CDN, which is the same site.
	return http.NewCrossOriginProtection().Handler(mux), nil
}
