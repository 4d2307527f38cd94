// SPDX-License-Identifier: Apache-2.0

package main

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

//go:embed private
var private embed.FS

// users are the ones who can log in, without a password.
var users = []string{"alice", "bob"}

// A site is what the application and the distribution have in common.
type site struct {
	app, cdn string // URLs, without a slash at the end
	insecure bool   // there is no TLS
	clock    func() time.Time
	logins   *scs.SessionManager
	issuer   *session.Issuer
	shares   *shares
	journal  *journal
}

func newSite(signer *sign.Signer, app, cdn, domain string, clock func() time.Time) (*site, error) {
	s := &site{app: app, cdn: cdn, insecure: strings.HasPrefix(app, "http://"), clock: clock, logins: scs.New(), shares: &shares{}, journal: &journal{}}
	s.logins.Cookie.Secure = !s.insecure
	var err error
	s.issuer, err = session.New(signer, s.grants, session.Options{
		Attributes: sign.CookieAttributes{Domain: domain, Insecure: s.insecure},
		HintCookie: "cdn-until",
	})
	return s, err
}

// grants are the user's own folder, and those that others share.
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

// user returns who is logged in, or "".
func (s *site) user(r *http.Request) string {
	user := s.logins.GetString(r.Context(), "user")
	if !slices.Contains(users, user) {
		return ""
	}
	return user
}

// distribution returns what in production is CloudFront in front of the bucket. Its
// key group is still missing.
func (s *site) distribution() edge.Config {
	bucket, err := fs.Sub(private, "private")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	protocol := edge.RedirectToHTTPS
	if s.insecure {
		protocol = edge.AllowAll
	}
	return edge.Config{
		Default: edge.Behavior{
			Origin:               edge.Bucket(bucket),
			ViewerProtocolPolicy: protocol,
			// The page fetches the film's segments by script.
			CORS: &edge.CORS{AllowOrigins: []string{s.app}, AllowCredentials: true},
		},
		Clock:   s.clock,
		Debug:   true,
		Logger:  slog.New(slog.DiscardHandler),
		Observe: s.journal.add,
	}
}
