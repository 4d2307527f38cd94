// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"log"
	"net/http"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

func newApp(signer *sign.Signer, folders *demo.Folders, alb *balancer) (http.Handler, error) {
	attributes := sign.CookieAttributes{Domain: "example.com"}
	issuer, err := session.New(signer, folders.Grants, session.Options{Attributes: attributes, Failed: demo.Failed})
	if err != nil {
		return nil, err
	}

	mux := http.NewServeMux()
	mux.Handle("GET /{$}", issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, demo.Page(demo.UserOf(r)))
	})))
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		dropLogin(w, r)
		demo.Finish(w, r, issuer.Clear(w, r)) // an application sends users to the provider's logout
	})
	authenticated := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := alb.user(r)
		if err != nil || demo.CheckUser(user) != nil {
			log.Print("not let in: ", err)
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, demo.WithUser(r, user))
	})
	root := http.NewServeMux()
	root.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {}) // health checks have no token
	root.Handle("/", authenticated)
	return http.NewCrossOriginProtection().Handler(root), nil
}
