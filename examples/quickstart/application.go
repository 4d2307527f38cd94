// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	_ "embed" // the page
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// newApplication returns a handler that stands for your own server.
func (s *site) newApplication() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showPage)
	mux.HandleFunc("GET /link", s.showLink)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("POST /logout", s.logout)
	mux.HandleFunc("POST /later", s.later)
	mux.Handle("GET /decisions", &s.decisions)
	return http.NewCrossOriginProtection().Handler(mux)
}

// login gives a demo user, without a password, the cookies for their own folder.
func (s *site) login(w http.ResponseWriter, r *http.Request) {
	user := r.FormValue("user")
	cookies, err := s.signedCookies(r.Context(), user)
	switch {
	case err != nil && strings.Contains(r.Header.Get("Accept"), "text/html"): // It is a browser.
		s.writePage(w, r, http.StatusBadRequest, fmt.Sprintf("No cookies for the user %.40q: %v", user, err))
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		s.finish(w, r, append(cookies, userCookie(user, 0)))
	}
}

// userCookie stands for the session of your application. The name is escaped, because a cookie
// cannot have all characters.
func userCookie(user string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: "user", Value: url.PathEscape(user), Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// userOf returns the logged-in user, or "".
func userOf(r *http.Request) string {
	cookie, err := r.Cookie("user")
	if err != nil {
		return ""
	}
	user, err := url.PathUnescape(cookie.Value)
	if err != nil {
		return ""
	}
	return user
}

func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	cookies, err := s.clearedCookies()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.finish(w, r, append(cookies, userCookie("", -1)))
}

// finish sets cookies and leads back to the page.
func (s *site) finish(w http.ResponseWriter, r *http.Request, cookies []*http.Cookie) {
	for _, cookie := range cookies {
		http.SetCookie(w, cookie)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// showLink answers with a signed URL.
func (s *site) showLink(w http.ResponseWriter, r *http.Request) {
	link, err := s.signedURL(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write([]byte(link))
}

// later moves the site's clock, so that you need not wait for an expiry.
func (s *site) later(w http.ResponseWriter, r *http.Request) {
	s.offset.Add(int64(lifetime))
	s.finish(w, r, nil)
}

func (s *site) showPage(w http.ResponseWriter, r *http.Request) { s.writePage(w, r, http.StatusOK, "") }

// writePage writes the page, with a notice if there is one.
func (s *site) writePage(w http.ResponseWriter, r *http.Request, status int, notice string) {
	const clock = "15:04:05 UTC"
	now := s.now().UTC()
	data := struct {
		Notice, User, Time string
		Link, LinkUntil    string
		Users              []string
		Rights             rights
		Files              []file
		Decisions          template.HTML
	}{Notice: notice, User: userOf(r), Time: now.Format(clock), LinkUntil: now.Add(lifetime).Format(clock), Users: []string{"alice", "bob"}, Rights: s.rightsOf(r)}
	for _, owner := range data.Users {
		data.Files = append(data.Files, s.fileOf(owner, r))
	}
	var err1, err2 error
	data.Link, err1 = s.signedURL(r.Context())
	data.Decisions, err2 = s.decisions.Section("/decisions")
	var text bytes.Buffer
	if err := errors.Join(err1, err2, page.Execute(&text, data)); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-store")
	w.WriteHeader(status)
	w.Write(text.Bytes())
}
