// SPDX-License-Identifier: Apache-2.0

package issuer

import "crypto/subtle"

// A User can have tokens.
type User struct {
	// Sub is a UUID that never changes: folders are named by it.
	Sub string
	// Username is the name to sign in with.
	Username string
	// Email is the address, which counts as verified.
	Email string
	// Password is the one to sign in with.
	Password string
}

// DemoUsers returns alice and bob. They stay the same from run to run, so that what they
// share in a database is still theirs.
func DemoUsers() []User {
	return []User{
		{Sub: "a11ce000-0000-4000-8000-000000000001", Username: "alice", Email: "alice@example.com", Password: "alice-demo-password"},
		{Sub: "b0b00000-0000-4000-8000-000000000002", Username: "bob", Email: "bob@example.com", Password: "bob-demo-password"},
	}
}

// user returns the user with a name.
func (i *Issuer) user(name string) (User, bool) {
	for _, u := range i.users {
		if u.Username == name {
			return u, true
		}
	}
	return User{}, false
}

// signIn returns the user with a name and a password, which must not be empty.
func (i *Issuer) signIn(name, password string) (User, bool) {
	u, ok := i.user(name)
	right := subtle.ConstantTimeCompare([]byte(u.Password), []byte(password)) == 1
	return u, ok && right && password != ""
}
