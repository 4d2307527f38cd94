// SPDX-License-Identifier: Apache-2.0

// Package site gives users links and cookies for private files on a CDN.
package site

import (
	"crypto"
	"net/http"
	"net/netip"
	"time"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

var videos = policy.MustDirectory("https://cdn.example.com/videos/")

// A Site has signed links and cookies.
type Site struct {
	signer *sign.Signer
}

// New returns a Site that signs with the key in a PEM file.
func New(keyPairID, keyFile string) (*Site, error) {
	signer, err := sign.Load(keyPairID, keyFile, sign.Options{Hash: crypto.SHA1}) // until the old program is gone
	if err != nil {
		return nil, err
	}
	return &Site{signer}, nil
}

// Report sends the viewer to one file, with a link that works for an hour.
func (s *Site) Report(w http.ResponseWriter, r *http.Request) {
	link, err := s.signer.URL(r.Context(), "https://cdn.example.com/report.pdf", time.Now().Add(time.Hour))
	if err != nil {
		http.Error(w, "no link", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, link, http.StatusFound)
}

// Trailer sends the viewer to a video. The link works for all videos, in the office, from the
// next hour on.
func (s *Site) Trailer(w http.ResponseWriter, r *http.Request) {
	start, end := time.Now().Add(time.Hour), time.Now().Add(24*time.Hour)
	conditions := policy.Conditions{Expires: end, NotBefore: start, SourceIP: new(netip.MustParsePrefix("192.0.2.0/24"))}
	link, err := s.signer.CustomURL(r.Context(), "https://cdn.example.com/videos/trailer.mp4", videos, conditions)
	if err != nil {
		http.Error(w, "no link", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, link, http.StatusFound)
}

// Login gives the viewer cookies for all videos.
func (s *Site) Login(w http.ResponseWriter, r *http.Request) {
	conditions := policy.Conditions{Expires: time.Now().Add(24 * time.Hour)}
	cookies, err := s.signer.Cookies(r.Context(), videos, conditions, sign.CookieAttributes{Domain: "example.com", Path: "/videos/"})
	if err != nil {
		http.Error(w, "no cookies", http.StatusInternalServerError)
		return
	}
	for _, cookie := range cookies {
		http.SetCookie(w, cookie)
	}
	w.WriteHeader(http.StatusNoContent)
}
