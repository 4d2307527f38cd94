// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	_ "embed" // the page
	"encoding/json"
	"html/template"
	"net/http"
	"time"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

const lifetime = time.Hour

// attributes are the same when cookies are set and when they are cleared. Insecure
// is for this machine alone, where there is no TLS.
var attributes = sign.CookieAttributes{Domain: domain, Insecure: true}

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// newApplication returns what in production is your own server.
func (s *site) newApplication() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showPage)
	mux.HandleFunc("GET /decisions", s.showDecisions)
	mux.HandleFunc("GET /link", s.showLink)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("POST /logout", s.logout)
	mux.HandleFunc("POST /later", s.later)
	return http.NewCrossOriginProtection().Handler(mux)
}

// login gives a demo user, who is believed without a password, the cookies for the
// folder of their own.
func (s *site) login(w http.ResponseWriter, r *http.Request) {
	user := r.FormValue("user")
	cookies, err := s.cookies(r.Context(), user)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, cookie := range cookies {
		http.SetCookie(w, cookie)
	}
	http.SetCookie(w, &http.Cookie{Name: "user", Value: user, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// cookies are those for a user's folder, for an hour.
func (s *site) cookies(ctx context.Context, user string) ([]*http.Cookie, error) {
	folder, err := policy.Under(s.cdn+"/users", user) // data: never a wildcard
	if err != nil {
		return nil, err
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: s.now().Add(lifetime)})
	if err != nil {
		return nil, err
	}
	signed, err := s.signer.Sign(ctx, p)
	if err != nil {
		return nil, err
	}
	return signed.CookieSet().Cookies(attributes)
}

// logout clears the cookies, which the browser keeps else.
func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	cookies, err := sign.ClearCookies(attributes)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for _, cookie := range append(cookies, &http.Cookie{Name: "user", Path: "/", MaxAge: -1}) {
		http.SetCookie(w, cookie)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// showLink answers with a signed URL for one file, for an hour.
func (s *site) showLink(w http.ResponseWriter, r *http.Request) {
	link, err := s.signer.URL(r.Context(), s.cdn+"/users/alice/report.txt", s.now().Add(lifetime))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write([]byte(link))
}

// later moves the site's clock, so that nobody has to wait for an expiry.
func (s *site) later(w http.ResponseWriter, r *http.Request) {
	s.offset.Add(int64(lifetime))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *site) showPage(w http.ResponseWriter, r *http.Request) {
	data := struct {
		CDN, User, Time, Link string
		Users                 []string
	}{CDN: s.cdn, Time: s.now().Format("15:04:05"), Users: []string{"alice", "bob"}}
	if cookie, err := r.Cookie("user"); err == nil {
		data.User = cookie.Value
	}
	link, err := s.signer.URL(r.Context(), s.cdn+"/users/alice/report.txt", s.now().Add(lifetime))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	data.Link = link
	w.Header().Set("Cache-Control", "private, no-store")
	if err := page.Execute(w, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (s *site) showDecisions(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(s.decisions.latest()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
