// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io"
	"log"
	"net/http"

	"github.com/alexedwards/scs/v2"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

func newApp(signer *sign.Signer, folders *demo.Folders, p provider) (http.Handler, error) {
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
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		a := newAttempt()
		for name, value := range map[string]string{"state": a.state, "nonce": a.nonce, "verifier": a.verifier} {
			sessions.Put(r.Context(), name, value)
		}
		http.Redirect(w, r, p.url(a), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		pop := func(name string) string { return sessions.PopString(r.Context(), name) } // once
		user, err := p.user(r, attempt{state: pop("state"), nonce: pop("nonce"), verifier: pop("verifier")})
		if err = errors.Join(err, demo.CheckUser(user)); err != nil {
			log.Print(err)
			http.Error(w, "the login failed", http.StatusBadRequest)
			return
		}
		err = sessions.RenewToken(r.Context()) // against session fixation
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
	return sessions.LoadAndSave(http.NewCrossOriginProtection().Handler(mux)), nil
}
