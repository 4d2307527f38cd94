// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io"
	"net/http"

	"github.com/alexedwards/scs/v2"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

func newApp(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
	sessions := scs.New()
	sessions.Cookie.Name, sessions.Cookie.Secure = "__Host-session", true // for this host alone
	grants := func(r *http.Request) ([]session.Grant, error) {
		return folders.Of(sessions.GetString(r.Context(), "user"))
	}
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
		err := sessions.RenewToken(r.Context()) // against session fixation
		if err == nil {
			sessions.Put(r.Context(), "user", user)
			err = issuer.Issue(w, r)
		}
		demo.Finish(w, r, err)
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		demo.Finish(w, r, errors.Join(issuer.Clear(w, r), sessions.Destroy(r.Context())))
	})
	mux.Handle("GET /{$}", issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, demo.Page(sessions.GetString(r.Context(), "user")))
	})))

	// SameSite does not stop forms on pages of the CDN, which is the same site.
	return sessions.LoadAndSave(http.NewCrossOriginProtection().Handler(mux)), nil
}
