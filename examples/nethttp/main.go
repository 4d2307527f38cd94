// SPDX-License-Identifier: Apache-2.0

// Nethttp is an application at app.example.com that gives its users signed cookies for
// their files at cdn.example.com, with the router of the standard library and the
// sessions of scs as the authentication. Run it, and see what a login sets:
//
//	go run ./examples/nethttp
//	curl -i -d user=alice http://127.0.0.1:8080/login
//
// A browser takes these cookies over TLS alone, and from hosts of example.com.
package main

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

func main() {
	signer, err := newSigner()
	if err != nil {
		log.Fatal(err)
	}
	app, err := newApp(signer)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: app, ReadHeaderTimeout: 10 * time.Second}
	log.Print("listening on http://", server.Addr)
	log.Fatal(server.ListenAndServe())
}

// folder is what a user may fetch. Nothing in the name can widen it.
func folder(user string) (policy.Resource, error) {
	return policy.Under("https://cdn.example.com/users", user)
}

// newApp returns the application.
func newApp(signer *sign.Signer) (http.Handler, error) {
	sessions := scs.New()
	sessions.Cookie.Name, sessions.Cookie.Secure = "__Host-session", true // for this host alone
	rights := func(r *http.Request) ([]session.Grant, error) {
		user := sessions.GetString(r.Context(), "user")
		if user == "" {
			return nil, nil
		}
		own, err := folder(user)
		return []session.Grant{{Resource: own}}, err
	}
	issuer, err := session.New(signer, rights, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
	if err != nil {
		return nil, err
	}
	// finish ends a login or logout on the page.
	finish := func(w http.ResponseWriter, r *http.Request, err error) {
		if err != nil {
			log.Print(err)
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		user := r.PostFormValue("user") // in a demo, believed without a password
		if _, err := folder(user); err != nil {
			http.Error(w, "there can be no such user", http.StatusBadRequest)
			return
		}
		err := sessions.RenewToken(r.Context()) // against session fixation
		if err == nil {
			sessions.Put(r.Context(), "user", user)
			err = issuer.Issue(w, r)
		}
		finish(w, r, err)
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		finish(w, r, errors.Join(issuer.Clear(w, r), sessions.Destroy(r.Context())))
	})
	mux.Handle("GET /{$}", issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := session.Failure(r.Context()); err != nil {
			log.Print(err)
			http.Error(w, "your files cannot be shown at the moment", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "the files of %q\n", sessions.GetString(r.Context(), "user"))
	})))

	// SameSite does not stop forms on pages of the CDN, which is the same site.
	return sessions.LoadAndSave(http.NewCrossOriginProtection().Handler(mux)), nil
}
