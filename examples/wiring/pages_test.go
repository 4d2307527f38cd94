// SPDX-License-Identifier: Apache-2.0

package wiring_test

import (
	"net/http"
	"testing"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/examples/wiring/internal/wiringtest"
	"github.com/cfsign/cfsign/internal/test/sessiontest"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// TestPagesAlone: if a page behind the issuer follows the login and the logout, an application
// need not call the issuer there.
func TestPagesAlone(t *testing.T) {
	sessiontest.Test(t, func(t *testing.T, signer *sign.Signer) sessiontest.App {
		return wiringtest.App(t, signer, pagesAlone(demo.Finish))
	})
}

// TestNoPageFollows: without such a page, a login opens nothing and a logout closes nothing until
// the next page.
func TestNoPageFollows(t *testing.T) {
	finish := func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusNoContent) }
	site := sessiontest.NewSite(t, func(t *testing.T, signer *sign.Signer) sessiontest.App {
		return wiringtest.App(t, signer, pagesAlone(finish))
	})
	sessiontest.Post(t, site.Client, sessiontest.Page+"login", "alice")
	site.Denied(t, sessiontest.Alice, verify.ErrMissing)
	site.Get(t, sessiontest.Page)
	site.Allowed(t, sessiontest.Alice)
	sessiontest.Post(t, site.Client, sessiontest.Page+"logout", "")
	site.Allowed(t, sessiontest.Alice)
	site.Get(t, sessiontest.Page)
	site.Denied(t, sessiontest.Alice, verify.ErrMissing)
}

// pagesAlone returns an application that calls the issuer on its page only. Its login cookie is
// the name of the user: enough for a test, and for nothing else.
func pagesAlone(finish func(http.ResponseWriter, *http.Request, error)) func(*sign.Signer, *demo.Folders) (http.Handler, error) {
	const login = "__Host-user"
	return func(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
		grants := func(r *http.Request) ([]session.Grant, error) {
			cookie, err := r.Cookie(login)
			if err != nil {
				return nil, nil
			}
			return folders.Of(cookie.Value)
		}
		attributes := sign.CookieAttributes{Domain: "example.com"}
		issuer, err := session.New(signer, grants, session.Options{Attributes: attributes, Failed: demo.Failed})
		if err != nil {
			return nil, err
		}
		mux := http.NewServeMux()
		mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
			if user := demo.Login(w, r); user != "" {
				http.SetCookie(w, &http.Cookie{Name: login, Value: user, Path: "/", Secure: true, HttpOnly: true})
				finish(w, r, nil)
			}
		})
		mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: login, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true})
			finish(w, r, nil)
		})
		mux.Handle("GET /{$}", issuer.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
		return http.NewCrossOriginProtection().Handler(mux), nil
	}
}
