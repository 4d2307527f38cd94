// SPDX-License-Identifier: Apache-2.0

package main

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"slices"

	"github.com/cfsign/cfsign/session"
)

//go:embed pages static
var files embed.FS

var pages = template.Must(template.ParseFS(files, "pages/*.html"))

// application returns the handler of the application's host.
func (s *site) application() http.Handler {
	static, err := fs.Sub(files, "static")
	if err != nil {
		panic(err) // The folder is part of the program.
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.showGallery)
	mux.HandleFunc("GET /decisions", s.showDecisions)
	mux.Handle("GET /decisions/list", &s.journal)
	// The middleware of the issuer renews the cookies.
	mux.HandleFunc("GET /renew", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("POST /logout", s.logout)
	mux.HandleFunc("POST /share", s.share)
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(static)))
	return s.logins.LoadAndSave(http.NewCrossOriginProtection().Handler(s.issuer.Handler(mux)))
}

// login asks for no password.
func (s *site) login(w http.ResponseWriter, r *http.Request) {
	user := r.FormValue("user")
	if !slices.Contains(users, user) {
		http.Error(w, "no such user", http.StatusBadRequest)
		return
	}
	if err := s.logins.RenewToken(r.Context()); err != nil {
		http.Error(w, "cannot store the login", http.StatusInternalServerError)
		return
	}
	s.logins.Put(r.Context(), "user", user)
	if err := s.issuer.Issue(w, r); err != nil {
		http.Error(w, "cannot sign the cookies", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.logins.Destroy(r.Context()); err != nil {
		http.Error(w, "cannot remove the login", http.StatusInternalServerError)
		return
	}
	if err := s.issuer.Clear(w, r); err != nil {
		http.Error(w, "cannot clear the cookies", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// share starts or stops sharing the user's folder with the others.
func (s *site) share(w http.ResponseWriter, r *http.Request) {
	user := s.user(r)
	if user == "" {
		http.Error(w, "log in first", http.StatusForbidden)
		return
	}
	s.shares.set(user, r.FormValue("share") == "yes")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// A folder is a folder of the gallery.
type folder struct {
	Owner    string
	Mine     bool
	Pictures []string
	Film     string
}

func (s *site) showGallery(w http.ResponseWriter, r *http.Request) {
	data := struct {
		User    string
		Users   []string
		Sharing bool
		Folders []folder
		Failed  bool
	}{User: s.user(r), Users: users, Failed: session.Failure(r.Context()) != nil}
	if data.User != "" {
		data.Sharing = s.shares.has(data.User)
		for _, owner := range users {
			data.Folders = append(data.Folders, s.folder(owner, data.User))
		}
		slices.SortStableFunc(data.Folders, func(a, b folder) int { return map[bool]int{a.Mine: -1, b.Mine: 1}[true] })
	}
	s.show(w, "gallery.html", data)
}

// folder lists all files, even of folders that the edge will not show to the user.
func (s *site) folder(owner, user string) folder {
	base := s.cdn + "/users/" + owner
	return folder{Owner: owner, Mine: owner == user, Pictures: []string{base + "/1.svg", base + "/2.svg", base + "/3.svg"}, Film: base + "/video/film.m3u8"}
}

func (s *site) showDecisions(w http.ResponseWriter, r *http.Request) {
	decisions, err := s.journal.Section("/decisions/list")
	if err != nil {
		http.Error(w, "cannot write the decisions", http.StatusInternalServerError)
		return
	}
	s.show(w, "decisions.html", struct {
		User      string
		Decisions template.HTML
	}{s.user(r), decisions})
}

func (s *site) show(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Cache-Control", "private, no-store")
	if err := pages.ExecuteTemplate(w, name, data); err != nil {
		http.Error(w, "cannot write the page", http.StatusInternalServerError)
	}
}
