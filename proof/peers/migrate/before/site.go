// SPDX-License-Identifier: Apache-2.0

// Package site gives users links and cookies for private files on a CDN.
package site

import (
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
)

// A Site has signed links and cookies.
type Site struct {
	urls    *sign.URLSigner
	cookies *sign.CookieSigner
}

// New returns a Site that signs with the key in a PEM file.
func New(keyPairID, keyFile string) (*Site, error) {
	key, err := sign.LoadPEMPrivKeyFile(keyFile)
	if err != nil {
		return nil, err
	}
	return &Site{sign.NewURLSigner(keyPairID, key), sign.NewCookieSigner(keyPairID, key)}, nil
}

// Report sends the viewer to one file, with a link that works for an hour.
func (s *Site) Report(w http.ResponseWriter, r *http.Request) {
	link, err := s.urls.Sign("https://cdn.example.com/report.pdf", time.Now().Add(time.Hour))
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
	p := sign.NewCannedPolicy("https://cdn.example.com/videos/*", end)
	p.Statements[0].Condition.DateGreaterThan = sign.NewAWSEpochTime(start)
	p.Statements[0].Condition.IPAddress = &sign.IPAddress{SourceIP: "192.0.2.0/24"}
	link, err := s.urls.SignWithPolicy("https://cdn.example.com/videos/trailer.mp4", p)
	if err != nil {
		http.Error(w, "no link", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, link, http.StatusFound)
}

// Login gives the viewer cookies for all videos.
func (s *Site) Login(w http.ResponseWriter, r *http.Request) {
	p := sign.NewCannedPolicy("https://cdn.example.com/videos/*", time.Now().Add(24*time.Hour))
	cookies, err := s.cookies.SignWithPolicy(p, func(o *sign.CookieOptions) {
		o.Domain, o.Path, o.Secure = "example.com", "/videos/", true
	})
	if err != nil {
		http.Error(w, "no cookies", http.StatusInternalServerError)
		return
	}
	for _, cookie := range cookies {
		http.SetCookie(w, cookie)
	}
	w.WriteHeader(http.StatusNoContent)
}
