// SPDX-License-Identifier: Apache-2.0

// Browser is a small site for two users. Each has a private folder of pictures and a film
// on the CDN, which they can share with each other.
//
//	go run ./examples/browser
//
// The application and a local CloudFront run on one port under two names. The test visits
// the site with Chromium, over TLS.
package main

import (
	"context"
	"crypto"
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/examples/internal/journal"
	"github.com/cfsign/cfsign/examples/internal/localhost"
	"github.com/cfsign/cfsign/examples/internal/program"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// users can log in without a password.
var users = []string{"alice", "bob"}

// A site is what the application and the distribution have in common.
type site struct {
	app, cdn string // URLs, without a slash at the end
	insecure bool   // there is no TLS
	clock    func() time.Time
	logins   *scs.SessionManager
	issuer   *session.Issuer
	shares   shares
	journal  journal.Journal
}

func newSite(signer *sign.Signer, app, cdn, domain string, clock func() time.Time) (*site, error) {
	s := &site{app: app, cdn: cdn, insecure: strings.HasPrefix(app, "http://"), clock: clock, logins: scs.New(), journal: journal.Journal{Clock: clock}}
	s.logins.Cookie.Secure = !s.insecure
	var err error
	s.issuer, err = session.New(signer, s.grants, session.Options{
		Attributes: sign.CookieAttributes{Domain: domain, Insecure: s.insecure},
		HintCookie: "cdn-until",
	})
	return s, err
}

// grants returns the user's own folder, and the folders that other users share.
func (s *site) grants(r *http.Request) ([]session.Grant, error) {
	user := s.user(r)
	if user == "" {
		return nil, nil
	}
	var grants []session.Grant
	for _, owner := range users {
		if owner != user && !s.shares.has(owner) {
			continue
		}
		folder, err := policy.Under(s.cdn+"/users", owner)
		if err != nil {
			return nil, err
		}
		grants = append(grants, session.Grant{Resource: folder})
	}
	return grants, nil
}

// user returns the logged-in user, or "".
func (s *site) user(r *http.Request) string {
	user := s.logins.GetString(r.Context(), "user")
	if !slices.Contains(users, user) {
		return ""
	}
	return user
}

func main() { program.Main("browser", run) }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("browser", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8080", "listen on `ADDRESS`")
	if err := program.Parse(flags, args, stdout, "Browser serves a site with private pictures and films."); err != nil {
		return err
	}
	listener, err := localhost.Listen(ctx, *listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	app, cdn := localhost.URLs(listener.Addr().String())
	handler, err := newHandler(app, cdn)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Open %s in a browser. Press Ctrl-C to end it.\n", app)
	return localhost.Serve(ctx, listener, handler)
}

// newHandler returns the handler of the application and the CDN.
func newHandler(app, cdn string) (http.Handler, error) {
	key, err := keys.GenerateECDSA() // Load yours from where you keep secrets.
	if err != nil {
		return nil, err
	}
	folders, err := policy.Directory(cdn + "/users/")
	if err != nil {
		return nil, err
	}
	const keyPairID = "K2BROWSER"
	signer, err := sign.New(keyPairID, key, sign.Options{Within: sign.Bounds{Resources: []policy.Resource{folders}}})
	if err != nil {
		return nil, err
	}
	s, err := newSite(signer, app, cdn, localhost.Domain, time.Now)
	if err != nil {
		return nil, err
	}
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: key.Public()})
	if err != nil {
		return nil, err
	}
	config := s.distribution()
	config.Default.TrustedKeyGroups = []keys.Set{trusted}
	distribution, err := edge.New(config)
	if err != nil {
		return nil, err
	}
	return localhost.Split(s.application(), distribution), nil
}
