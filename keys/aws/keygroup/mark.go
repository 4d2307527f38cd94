// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"regexp"
	"strings"
	"time"
)

// A mark is what the Rotator wrote into the comment of a public key, because CloudFront has
// no field for it. A key has at most one mark.
type mark struct {
	replaces string    // the ID of the key that signs until this one does
	retired  time.Time // when the key stopped signing; zero: it has not
}

// marked is a mark at the end of a comment. People can edit comments, so anything else is
// text.
var marked = regexp.MustCompile(`(?s)^(.*?) ?\[cfsign (?:replaces ([A-Za-z0-9]{1,64})|retired ([0-9TZ:-]{20}))\]$`)

// splitComment returns the text of a comment, and the mark.
func splitComment(comment string) (text string, m mark) {
	parts := marked.FindStringSubmatch(comment)
	if parts == nil {
		return comment, mark{}
	}
	if parts[2] != "" {
		return parts[1], mark{replaces: parts[2]}
	}
	at, err := time.Parse(time.RFC3339, parts[3])
	if err != nil {
		return comment, mark{}
	}
	return parts[1], mark{retired: at}
}

// joinComment returns a comment with a mark. Long text loses its end, because CloudFront
// accepts 128 characters.
func joinComment(text string, m mark) string {
	const longest = 128
	suffix := m.String()
	if suffix == "" {
		return text
	}
	if room := longest - len(suffix) - 1; len(text) > room {
		text = strings.ToValidUTF8(text[:room], "")
	}
	return strings.TrimPrefix(text+" "+suffix, " ")
}

// String returns the mark as comments have it. The zero mark is empty.
func (m mark) String() string {
	switch {
	case !m.retired.IsZero():
		return "[cfsign retired " + m.retired.UTC().Format(time.RFC3339) + "]"
	case m.replaces != "":
		return "[cfsign replaces " + m.replaces + "]"
	}
	return ""
}
