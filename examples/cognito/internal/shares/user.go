// SPDX-License-Identifier: Apache-2.0

package shares

import (
	"fmt"
	"strings"
)

// longestID is that of Cognito's "sub".
const longestID = 128

// checkPair refuses what is not an ID, without repeating it.
func checkPair(owner, user string) error {
	if err := checkID("owner", owner); err != nil {
		return err
	}
	return checkID("user", user)
}

func checkID(role, id string) error {
	if id == "" || len(id) > longestID || strings.ContainsFunc(id, foreign) {
		return fmt.Errorf("%w: the %s: write the token's \"sub\", 1 to %d letters, digits, \"-\" and \"_\"", ErrUser, role, longestID)
	}
	return nil
}

// foreign reports whether no ID has the character.
func foreign(c rune) bool {
	letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	return !letter && !('0' <= c && c <= '9') && c != '-' && c != '_'
}
