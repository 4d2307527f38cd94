// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"regexp"
	"strings"
	"time"
)

// A mark is what the Rotator wrote into the comment of a public key, because CloudFront has
// no field for it. A key has at most one mark, with at most one of the last three fields.
type mark struct {
	name     string    // Options.Name of the Rotator
	replaces string    // the ID of the key that signs until this one does
	retired  time.Time // when the key stopped signing
	restored time.Time // when somebody was seen to have gone back to the key
}

// isRetired reports whether the key has stopped signing.
func (m mark) isRetired() bool { return !m.retired.IsZero() }

// named returns the mark with the name of a Rotator, or the zero mark if it says nothing.
func (m mark) named(name string) mark {
	if m.String() == "" {
		return mark{}
	}
	m.name = name
	return m
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9._-]{0,32}$`)

// marked is a mark at the end of a comment. People can edit comments, so anything else is
// text.
var marked = regexp.MustCompile(`(?s)^(.*?) ?\[cfsign(?: ([A-Za-z0-9._-]{1,32}):)? (replaces|retired|restored) ([A-Za-z0-9:-]{1,64})\]$`)

// splitComment returns the text of a comment, and the mark.
func splitComment(comment string) (text string, m mark) {
	parts := marked.FindStringSubmatch(comment)
	if parts == nil {
		return comment, mark{}
	}
	m.name = parts[2]
	if parts[3] == "replaces" {
		m.replaces = parts[4]
		return parts[1], m
	}
	at, err := time.Parse(time.RFC3339, parts[4])
	switch {
	case err != nil:
		return comment, mark{}
	case parts[3] == "retired":
		m.retired = at
	default:
		m.restored = at
	}
	return parts[1], m
}

// joinComment returns a comment with a mark. It reports whether the text was too long, because
// CloudFront accepts 128 characters. Then the text loses its end.
func joinComment(text string, m mark) (comment string, cut bool) {
	const longest = 128
	suffix := m.String()
	if suffix == "" {
		return text, false
	}
	if room := longest - len(suffix) - 1; len(text) > room {
		text, cut = strings.ToValidUTF8(text[:room], ""), true
	}
	return strings.TrimPrefix(text+" "+suffix, " "), cut
}

// String returns the mark as comments have it. A mark that says nothing is empty.
func (m mark) String() string {
	var says string
	switch {
	case m.isRetired():
		says = "retired " + m.retired.UTC().Format(time.RFC3339)
	case m.replaces != "":
		says = "replaces " + m.replaces
	case !m.restored.IsZero():
		says = "restored " + m.restored.UTC().Format(time.RFC3339)
	default:
		return ""
	}
	if m.name != "" {
		says = m.name + ": " + says
	}
	return "[cfsign " + says + "]"
}
