// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"strings"
)

// WithoutQuery returns rawURL up to its first question mark. The query may be secret.
func WithoutQuery(rawURL string) string {
	base, _, _ := strings.Cut(rawURL, "?")
	return base
}

// Format writes text as fmt writes a string, with the flags and the width of f. Use it for
// types with fields that must not be printed: a verb that does not fit a string writes text
// as well.
func Format(f fmt.State, verb rune, text string) {
	if !strings.ContainsRune("svqxX", verb) {
		verb = 'v'
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), text)
}
