// SPDX-License-Identifier: Apache-2.0

// Package demo is what the wirings have in common and what your application has
// already: a key, users, their folders, a login form and a page.
package demo

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/cfsign/cfsign/policy"
)

// Secret returns a new key for sessions or JSON Web Tokens. Your application loads one,
// or its users are logged out at every restart.
func Secret() []byte {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	return secret
}

// ErrUser means that there can be no user of this name.
var ErrUser = errors.New("there can be no such user")

// CheckUser returns [ErrUser] for names that cannot be folders.
func CheckUser(user string) error {
	if _, err := policy.Under("https://cdn.example.com/users", user); err != nil {
		return fmt.Errorf("%w: %w", ErrUser, err)
	}
	return nil
}

// Login returns the user of the login form. The demo asks for no password. For names
// that cannot be users it answers the request and returns "".
func Login(w http.ResponseWriter, r *http.Request) string {
	user := r.PostFormValue("user")
	if CheckUser(user) != nil {
		http.Error(w, ErrUser.Error(), http.StatusBadRequest)
		return ""
	}
	return user
}

// Finish ends a login or logout: on the page, or with an error.
func Finish(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		Failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// Failed answers requests whose cookies could not be set. It is for
// session.Options.Failed, too.
func Failed(w http.ResponseWriter, _ *http.Request, err error) {
	log.Print(err)
	http.Error(w, Unavailable, http.StatusServiceUnavailable)
}

// Unavailable is what viewers read if their cookies cannot be set.
const Unavailable = "your files cannot be shown at the moment: try again later"

// Page is the text of the page.
func Page(user string) string { return fmt.Sprintf("the files of %q\n", user) }
