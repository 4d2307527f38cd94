// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
)

// A Kind says what happened to the cookies of a viewer.
type Kind string

// The kinds of events.
const (
	// Issued means that [Issuer.Issue] or [Issuer.IssueFor] set cookies.
	Issued Kind = "issued"
	// Renewed means that [Issuer.Renew] or the middleware set cookies.
	Renewed Kind = "renewed"
	// Cleared means that cookies were removed, at logout or because the user has lost
	// grants.
	Cleared Kind = "cleared"
	// Refused means that an error kept the issuer from setting cookies.
	Refused Kind = "refused"
	// Lost means that the middleware had cookies to set, and the response went out
	// without them, or the handler took over the connection. The viewer gets them with
	// another response.
	Lost Kind = "lost"
)

// An Event is what an [Issuer] did with the cookies of one viewer: see Options.Observe. It
// contains no credentials, so you can log it if the errors of your Grants function and of your
// key contain none.
type Event struct {
	// Kind is what happened.
	Kind Kind
	// Grants are the grants whose cookies the response sets or, if Kind is Lost, was going
	// to set. The hook may keep or change the slice.
	Grants []Grant
	// Expires is when the first of these cookies expires, in whole seconds. Zero: none
	// were set.
	Expires time.Time
	// Pending is how many folders and entries of [Options].FormerAttributes are left for
	// the next responses, because their cookies or removals did not fit in
	// Options.HeaderBudget.
	Pending int
	// Err is the cause of Refused and Lost. For the other kinds it is a warning:
	// [ErrGrants] if Clear removed only the cookies of the folders in the state cookie,
	// [ErrHeader] if the state cookie had no room for some folders, and [ErrLost] if the
	// cookies may be lost, because the handler did not use the middleware's
	// ResponseWriter. Nil: no problem.
	Err error
}

// String returns the event as one line, without queries.
func (e Event) String() string {
	text := "cookies " + string(e.Kind)
	for _, g := range e.Grants {
		text += ", " + g.String()
	}
	if !e.Expires.IsZero() {
		text += ", until " + e.Expires.UTC().Format(time.RFC3339)
	}
	if e.Pending != 0 {
		text += fmt.Sprintf(", %d pending", e.Pending)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Format writes String for every verb.
func (e Event) Format(f fmt.State, verb rune) { wire.Format(f, verb, e.String()) }

// LogValue returns the fields for log/slog, without queries.
func (e Event) LogValue() slog.Value {
	attributes := []slog.Attr{slog.String("kind", string(e.Kind))}
	if len(e.Grants) != 0 {
		var texts []string
		for _, g := range e.Grants {
			texts = append(texts, strings.TrimPrefix(g.String(), "grant for "))
		}
		attributes = append(attributes, slog.Any("grants", texts), slog.Time("expires", e.Expires))
	}
	if e.Pending != 0 {
		attributes = append(attributes, slog.Int("pending", e.Pending))
	}
	if e.Err != nil {
		attributes = append(attributes, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attributes...)
}
