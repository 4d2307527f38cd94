// SPDX-License-Identifier: Apache-2.0

// Package cookieheader reads the cookies of a request as they were sent. net/http drops
// cookies with an invalid name or value, and trims the others.
package cookieheader

import (
	"iter"
	"strings"
)

// A Cookie is one cookie of a Cookie header.
type Cookie struct {
	// Name and Value are what stands before and after the first equals sign, without
	// white space around them. Quotation marks are part of the value. Without an equals
	// sign, Value is empty.
	Name, Value string
	// Spaced reports that there was white space next to the name or the value. Spaces and
	// tabs before the name do not count, because they separate cookies.
	Spaced bool
	// Text is the whole cookie without white space around it.
	Text string
}

// All returns the cookies in the values of a request's Cookie headers, in their order. It
// leaves out empty ones, and allocates nothing.
func All(headers []string) iter.Seq[Cookie] {
	return func(yield func(Cookie) bool) {
		for _, header := range headers {
			for part := range strings.SplitSeq(header, ";") {
				if c, ok := parse(part); ok && !yield(c) {
					return
				}
			}
		}
	}
}

func parse(part string) (c Cookie, ok bool) {
	name, value, _ := strings.Cut(strings.TrimLeft(part, " \t"), "=")
	c = Cookie{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value), Text: strings.TrimSpace(part)}
	c.Spaced = c.Name != name || c.Value != value
	return c, c.Text != ""
}
