// SPDX-License-Identifier: Apache-2.0

// Browser is a small site for two users, each with a private folder of pictures and a
// film on the CDN, which they may share with each other.
//
//	go run ./examples/browser
//
// The application and a local CloudFront run on one port under two names. Its test
// goes through the site in Chromium, over TLS.
package main

import (
	"crypto"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "listen on `ADDRESS`")
	flag.Parse()
	handler, app, err := newServer(*listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Open %s in a browser; Ctrl-C ends it.\n", app)
	server := &http.Server{Addr: *listen, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// newServer returns the handler for both names, and the URL of the application.
func newServer(listen string) (http.Handler, string, error) {
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, "", err
	}
	key, err := keys.GenerateECDSA() // yours comes from where you keep secrets
	if err != nil {
		return nil, "", err
	}
	const keyPairID = "K2BROWSER"
	cdnURL := "http://cdn.cfsign.localhost:" + port
	users, err := policy.Directory(cdnURL + "/users/")
	if err != nil {
		return nil, "", err
	}
	signer, err := sign.New(keyPairID, key, sign.Options{Within: sign.Bounds{Resources: []policy.Resource{users}}})
	if err != nil {
		return nil, "", err
	}
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: key.Public()})
	if err != nil {
		return nil, "", err
	}
	// Names below localhost lead to this machine, where there is no TLS.
	s, err := newSite(signer, "http://app.cfsign.localhost:"+port, cdnURL, "cfsign.localhost", time.Now)
	if err != nil {
		return nil, "", err
	}
	config := s.distribution()
	config.Default.TrustedKeyGroups = []keys.Set{trusted}
	cdn, err := edge.New(config)
	if err != nil {
		return nil, "", err
	}
	application := s.application()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "cdn.") {
			cdn.ServeHTTP(w, r)
		} else {
			application.ServeHTTP(w, r)
		}
	}), s.app, nil
}
