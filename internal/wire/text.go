// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"strings"
)

// WithoutQuery returns rawURL up to its first question mark. A query can contain secrets.
func WithoutQuery(rawURL string) string {
	base, _, _ := strings.Cut(rawURL, "?")
	return base
}

// Format writes text as fmt writes a string, with the flags and the width of f. It is
// for types whose fields must not be printed, so a verb that does not fit a string
// writes text as well.
func Format(f fmt.State, verb rune, text string) {
	if !strings.ContainsRune("svqxX", verb) {
		verb = 'v'
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), text)
}
