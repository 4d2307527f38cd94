// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"testing"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/internal/test/sessiontest"
	"github.com/cfsign/cfsign/sign"
)

func TestApp(t *testing.T) {
	sessiontest.Test(t, func(t *testing.T, signer *sign.Signer) sessiontest.App {
		folders := &demo.Folders{}
		app, err := newFunction(signer, folders)
		if err != nil {
			t.Fatal(err)
		}
		return sessiontest.App{
			Handler: gateway(t, app), Share: folders.Share, Unshare: folders.Unshare,
			Login: login, Logout: logout, Bearer: true,
		}
	})
}

func login(t *testing.T, c *http.Client, user string) *http.Response {
	t.Helper()
	become(c, user)
	response, err := c.Get(sessiontest.Page)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response
}

func logout(t *testing.T, c *http.Client) *http.Response {
	t.Helper()
	response := sessiontest.Post(t, c, sessiontest.Page+"logout", "")
	become(c, "")
	return response
}
