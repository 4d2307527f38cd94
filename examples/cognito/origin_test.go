// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"testing"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
)

// TestOrigins: pages of the application may use the service, with credentials, and those of
// others may not.
func TestOrigins(t *testing.T) {
	const spa = "https://www.example.org"
	w := newWorld(t, func(o *options) { o.origin = spa })
	asAlice := w.token(t, issuer.UseAccess, "alice", nil)
	tests := []struct {
		name   string
		origin []string
		status int
		allow  string // the value of Access-Control-Allow-Origin
		why    string
	}{
		{"none", nil, 200, "", "no browser, or a page of the same origin"},
		{"the application", []string{spa}, 200, spa, "it is in the settings"},
		{"the service itself", []string{app}, 200, "", "no CORS is needed"},
		{"another", []string{"https://evil.example"}, 403, "", "it has no business here"},
		{"one that begins alike", []string{spa + ".evil.example"}, 403, "", "another host"},
		{"below", []string{"https://x.www.example.org"}, 403, "", "another host"},
		{"upper case", []string{"https://WWW.example.org"}, 403, "", "no browser sends that"},
		{"another scheme", []string{"http://www.example.org"}, 403, "", "anyone on the way can change the page"},
		{"the service without TLS", []string{"http://app.example.com"}, 403, "", "anyone on the way can change the page"},
		{"another port", []string{spa + ":8443"}, 403, "", "another origin"},
		{"null", []string{"null"}, 403, "", "sandboxed frames and files"},
		{"empty", []string{""}, 403, "", "no browser sends that"},
		{"two", []string{spa, "https://evil.example"}, 403, "", "no browser sends that"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{}
			if tt.origin != nil {
				header["Origin"] = tt.origin
			}
			cookies := call{target: "/sign_cookies?request_path=" + alice, token: asAlice, header: header.Clone()}
			if tt.status != 200 {
				w.checkRefusal(t, cookies, tt.status, "pages of this origin")
				w.checkRefusal(t, call{method: "PUT", target: "/shares/" + bob, token: asAlice, header: header.Clone()}, tt.status, "pages of this origin")
			}
			check := func(got response) {
				t.Helper()
				credentials := map[bool]string{true: "true"}[tt.allow != ""]
				if got.Header.Get("Access-Control-Allow-Origin") != tt.allow || got.Header.Get("Access-Control-Allow-Credentials") != credentials || got.Header.Get("Vary") != "Origin" {
					t.Errorf("header %v", got.Header)
				}
			}
			if tt.status == 200 || len(tt.origin) == 1 {
				check(w.must(t, w.Viewer, tt.status, cookies))
			}
			if len(tt.origin) != 1 {
				return
			}
			header.Set("Access-Control-Request-Method", "PUT")
			header.Set("Access-Control-Request-Headers", "authorization")
			for _, target := range []string{"/access", "/access/", "/sign_cookies", "/sign_url", "/shares", "/shares/" + bob} {
				preflight := call{method: "OPTIONS", target: target, header: header.Clone()}
				if tt.status != 200 {
					w.checkRefusal(t, preflight, tt.status, "pages of this origin")
					continue
				}
				got := w.must(t, w.Viewer, http.StatusNoContent, preflight)
				check(got)
				if got.Header.Get("Access-Control-Allow-Methods") != "GET, PUT, DELETE" || got.Header.Get("Access-Control-Allow-Headers") != "Authorization" {
					t.Errorf("%s: header %v", target, got.Header)
				}
			}
		})
	}
	// The application has to be able to read why it was refused.
	got := w.must(t, w.Viewer, http.StatusUnauthorized, call{target: "/access/", header: http.Header{"Origin": {spa}}})
	if got.Header.Get("Access-Control-Allow-Origin") != spa {
		t.Errorf("header %v", got.Header)
	}
}
