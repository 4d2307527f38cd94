// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/edge"
)

// A cause is what decisions have in common. Its hint is the same for all of them, so the page
// shows it once.
type cause struct {
	Verdict verdict
	Title   string // such as "AccessDenied: expired"
	Hint    string // how to fix it; may be empty
}

// A verdict is what happened to a request. The page shows the verdicts in this order.
type verdict int

const (
	refused  verdict = iota // by the distribution
	failed                  // allowed, but the origin answered with an error
	answered                // by the distribution, such as with a redirect
	allowed
)

// String returns the word on the page.
func (v verdict) String() string { return [...]string{"refused", "failed", "answered", "allowed"}[v] }

func causeOf(d edge.Decision) cause {
	switch {
	case !d.Allowed && d.Report != nil:
		return cause{refused, string(d.Report.Code) + ": " + d.Report.Reason, d.Report.Hint}
	case !d.Allowed && d.Status < http.StatusBadRequest:
		return cause{answered, status(d.Status), ""}
	case !d.Allowed:
		return cause{refused, status(d.Status), ""}
	case max(d.Status, d.OriginStatus) >= http.StatusBadRequest:
		return cause{failed, "allowed, and then " + status(cmp.Or(d.Status, d.OriginStatus)) + " from the origin", ""}
	}
	return cause{Verdict: allowed}
}

func status(code int) string { return fmt.Sprintf("%d %s", code, http.StatusText(code)) }

// detailOf returns the reason of a decision without what its cause says.
func detailOf(d edge.Decision, hint string) string {
	detail := d.Reason
	if hint != "" {
		detail = strings.Replace(detail, ". "+hint, "", 1)
	}
	if d.Report == nil {
		return detail
	}
	detail = strings.TrimPrefix(detail, "denied, "+string(d.Report.Code)+": ")
	return strings.TrimPrefix(detail, d.Report.Reason+": ")
}

// A group is the decisions with one cause.
type group struct {
	cause
	Count   int
	Details []*detail
}

// A detail is the decisions with one cause and one text.
type detail struct {
	Text     string // of the newest one
	Requests []*request
}

// A request is the decisions about equal requests.
type request struct {
	Method, Path string
	Count        int
	Last         time.Time
}

// relative is how long ago, or from then, a time was. Texts that differ only in that are equal.
var relative = regexp.MustCompile(` \((now|in [^()]+|[^()]+ ago)\)`)

// groups groups entries by their cause, then by their detail, then by the request. Each level has
// the newest first, and refusals are before everything else.
func groups(newestFirst []entry) []*group {
	var all []*group
	for _, e := range newestFirst {
		g := find(&all, func(g *group) bool { return g.cause == e.cause }, group{cause: e.cause})
		g.Count++
		text := relative.ReplaceAllString(e.detail, "")
		d := find(&g.Details, func(d *detail) bool { return relative.ReplaceAllString(d.Text, "") == text }, detail{Text: e.detail})
		r := find(&d.Requests, func(r *request) bool { return r.Method == e.method && r.Path == e.path }, request{e.method, e.path, 0, e.at})
		r.Count++
	}
	slices.SortStableFunc(all, func(a, b *group) int { return cmp.Compare(a.Verdict, b.Verdict) })
	return all
}

// find returns the element that matches. If there is none, it appends a copy of other.
func find[T any](all *[]*T, matches func(*T) bool, other T) *T {
	if i := slices.IndexFunc(*all, matches); i >= 0 {
		return (*all)[i]
	}
	*all = append(*all, &other)
	return &other
}
