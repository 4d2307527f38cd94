// SPDX-License-Identifier: Apache-2.0

// Package wiringtest runs the suite of internal/test/sessiontest with the folders of the
// demo.
package wiringtest

import (
	"net/http"
	"testing"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/internal/test/sessiontest"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// Test runs the suite with an application that has a login form. The login must set the cookies
// and the logout must remove them, even if the browser does not follow to the page.
func Test(t *testing.T, newApp func(*sign.Signer, *demo.Folders) (http.Handler, error)) {
	withFolders := func(t *testing.T, signer *sign.Signer) sessiontest.App { return App(t, signer, newApp) }
	sessiontest.Test(t, withFolders)
	t.Run("no page follows", func(t *testing.T) {
		site := sessiontest.NewSite(t, withFolders)
		site.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		sessiontest.Post(t, site.Client, sessiontest.Page+"login", "alice")
		site.Allowed(t, sessiontest.Alice)
		sessiontest.Post(t, site.Client, sessiontest.Page+"logout", "")
		site.Denied(t, sessiontest.Alice, verify.ErrMissing)
	})
}

// App returns what the suite needs. The caller adds how to log in, unless that is a form.
func App(t *testing.T, signer *sign.Signer, newApp func(*sign.Signer, *demo.Folders) (http.Handler, error)) sessiontest.App {
	t.Helper()
	folders := &demo.Folders{}
	app, err := newApp(signer, folders)
	if err != nil {
		t.Fatal(err)
	}
	return sessiontest.App{Handler: app, Share: folders.Share, Unshare: folders.Unshare}
}
