// SPDX-License-Identifier: Apache-2.0

package token

import (
	"regexp"
	"time"
)

// A User is who a verified token speaks for.
type User struct {
	// Sub is the user's ID, which never changes: 1 to 128 of [A-Za-z0-9_-].
	Sub string
	// Username is the name in the pool, for people to read. It may be empty.
	Username string
	// Email is the address in an ID token, if the pool has verified it. It may be empty.
	Email string
	// Use is the kind of token: "access" or "id".
	Use string
	// Expires is when the token ends. What is given for it should not last much longer.
	Expires time.Time
}

// The kinds of token, as the claim token_use has them.
const (
	useAccess = "access"
	useID     = "id"
)

// subject is what can be the name of a folder, whatever reads it.
var subject = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
