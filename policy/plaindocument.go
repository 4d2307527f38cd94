// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// parsePlain reads a document that has a resource and an expiry alone, in the bytes that
// [Policy.AppendJSON] writes: most documents are such. It reports whether data is one. If not,
// the scanner of [Parse] decides, and says what is wrong.
func parsePlain(data []byte) (Policy, bool) {
	rest, hasStart := bytes.CutPrefix(data, []byte(documentStart))
	pattern, rest, hasExpiry := bytes.Cut(rest, []byte(documentExpiry))
	number, hasEnd := bytes.CutSuffix(rest, []byte(documentEnd))
	if !hasStart || !hasExpiry || !hasEnd || !isPlainNumber(number) {
		return Policy{}, false
	}
	seconds, err := strconv.ParseInt(string(number), 10, 64)
	r := newResource(string(pattern))
	if err != nil || seconds > wire.MaxEpoch || !r.isPlain() {
		return Policy{}, false
	}
	return Policy{resource: r, expires: seconds}, true
}

// The parts of a document with a resource and an expiry alone.
const (
	documentStart  = `{"Statement":[{"Resource":"`
	documentExpiry = `","Condition":{"DateLessThan":{"AWS:EpochTime":`
	documentEnd    = `}}}]}`
)

// isPlainNumber reports whether a positive number is written as JSON demands it.
func isPlainNumber(number []byte) bool {
	return len(number) > 0 && number[0] != '0' && len(bytes.Trim(number, "0123456789")) == 0
}

// isPlain reports whether r is a plain URL with at most one question mark, or a directory with a
// plain URL, in which no server finds an empty segment.
func (r Resource) isPlain() bool {
	if base := r.pattern[:r.base]; base != "" {
		return isPlainURL(base) && !strings.ContainsAny(base, ";%")
	}
	return isPlainURL(r.pattern) && strings.Count(r.pattern, "?") < 2
}
