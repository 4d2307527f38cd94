// SPDX-License-Identifier: Apache-2.0

// Package demo has what the wirings share and what your application already has: a key,
// users, their folders, a login form and a page.
package demo

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/cfsign/cfsign/policy"
)

// Secret returns a new key for sessions or JSON Web Tokens. Your application should load
// one, or every restart logs its users out.
func Secret() []byte {
	secret := make([]byte, 32)
	rand.Read(secret) // It never fails.
	return secret
}

// ErrUser means that the name of a user is invalid.
var ErrUser = errors.New("invalid user name")

// CheckUser returns [ErrUser] for names that cannot name a folder.
func CheckUser(user string) error {
	if _, err := folderOf(user); err != nil {
		return fmt.Errorf("%w: %w", ErrUser, err)
	}
	return nil
}

// folderOf returns the folder of a user. The name is data, and never a wildcard.
func folderOf(user string) (policy.Resource, error) {
	return policy.Under("https://cdn.example.com/users", user)
}

// Login returns the user of the login form. The demo asks for no password. If the name is
// invalid, Login answers the request and returns "".
func Login(w http.ResponseWriter, r *http.Request) string {
	user := r.PostFormValue("user")
	if CheckUser(user) != nil {
		http.Error(w, ErrUser.Error(), http.StatusBadRequest)
		return ""
	}
	return user
}

// Finish ends a login or logout: it redirects to the page, or answers with an error.
func Finish(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		Failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// Failed answers a request if its cookies cannot be set. It is for session.Options.Failed
// too.
func Failed(w http.ResponseWriter, _ *http.Request, err error) {
	log.Print(err)
	http.Error(w, Unavailable, http.StatusServiceUnavailable)
}

// Unavailable is the answer if cookies cannot be set.
const Unavailable = "your files are not available at the moment: try again later"

// Page is the text of the page. The folder is the one that is signed, not the name of the user:
// the files of the user * are in /users/%2A/.
func Page(user string) string {
	if user == "" {
		return "you are not logged in: there are no cookies for private files\n"
	}
	folder, err := folderOf(user)
	if err != nil {
		return fmt.Sprintf("logged in as %q, who has no folder: %v\n", user, err)
	}
	return fmt.Sprintf("logged in as %q: your files are in %s\n", user, strings.TrimSuffix(folder.String(), "*"))
}
