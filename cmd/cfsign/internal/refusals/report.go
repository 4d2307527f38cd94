// SPDX-License-Identifier: Apache-2.0

package refusals

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
	"github.com/cfsign/cfsign/verify"
)

// A Report is what the logs say about refusals and keys.
type Report struct {
	// Interrupted is whether the reading ended early, so that all numbers are too low.
	Interrupted bool `json:"interrupted"`
	// Files, Bytes and Lines are what was read.
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
	Lines int64 `json:"lines"`
	// From and To are the times of the first and the last request. Zero: no request has a time.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Requests and Refused are the numbers of requests, and of responses with status 403.
	Requests int64 `json:"requests"`
	Refused  int64 `json:"refused"`
	// Causes are the causes of the 403s, the most frequent first.
	Causes []Cause `json:"causes"`
	// OtherCauses is the number of 403s whose cause was left out, because there are too many.
	OtherCauses int64 `json:"otherCauses"`
	// Keys are the keys that requests named, the most used first.
	Keys []KeyUse `json:"keys"`
	// OtherKeys is whether IDs were left out, because there are too many.
	OtherKeys bool `json:"otherKeys"`
	// InvalidKeyPairIDs is the number of requests with an ID that cannot be one.
	InvalidKeyPairIDs int64 `json:"invalidKeyPairIDs"`
	// Notes say what is missing in the logs, and what that means.
	Notes []string `json:"notes"`
	// Skipped is the number of files that are no logs, and SkippedFiles are the first of them.
	Skipped      int       `json:"skipped"`
	SkippedFiles []Problem `json:"skippedFiles"`
	// Damaged is the number of lines that could not be read. FirstDamaged is the first of them.
	Damaged      int64    `json:"damaged"`
	FirstDamaged *Problem `json:"firstDamaged,omitempty"`
}

// A Cause is a reason for 403s.
type Cause struct {
	// Name is the stable name of the cause.
	Name Name `json:"cause"`
	// Code is the code in CloudFront's answer. Empty: it is not known, or another server answered.
	Code verify.Code `json:"code,omitempty"`
	// Reason is the cause in words. If the edge refused, it is the reason of package verify.
	Reason string `json:"reason"`
	// Requests is the number of 403s.
	Requests int64 `json:"requests"`
	// Seconds is how late or how early the requests were. Nil: the cause is not a time.
	Seconds *Seconds `json:"seconds,omitempty"`
	// Fixes are what to do, the most frequent first.
	Fixes []Fix `json:"fixes"`
}

// Seconds are how late or how early requests were. Values above two minutes are rounded up, by
// less than 2 %.
type Seconds struct {
	Median int64 `json:"median"`
	P90    int64 `json:"p90"`
	Most   int64 `json:"most"`
}

// A Fix is the likely mistake in some requests, with the fix.
type Fix struct {
	Fix      string `json:"fix"`
	Requests int64  `json:"requests"`
	// Example is the first of the requests.
	Example Example `json:"example"`
}

// An Example is one request. It has no query.
type Example struct {
	File string    `json:"file"`
	Line int64     `json:"line"`
	Time time.Time `json:"time,omitzero"`
	Path string    `json:"path"`
	// Detail says what was compared. Empty: nothing was.
	Detail string `json:"detail,omitempty"`
}

// A KeyUse is how a key was used.
type KeyUse struct {
	ID string `json:"id"`
	// Allowed is the number of requests that CloudFront let through, and Refused of 403s.
	Allowed int64 `json:"allowed"`
	Refused int64 `json:"refused"`
	// First and Last are the times of the first and the last of these requests.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	// NeededUntil is the latest expiry of a policy that CloudFront let through or that a given key
	// has signed. Zero: there is no such policy.
	NeededUntil time.Time `json:"neededUntil,omitzero"`
}

// A Problem is a file or a line that cannot be read.
type Problem struct {
	File string `json:"file"`
	Line int64  `json:"line,omitempty"`
	Why  string `json:"why"`
}

func newReport(t *tally, reader *accesslogs.Reader, o Options) *Report {
	s := reader.Summary()
	r := &Report{
		Files: s.Files, Bytes: s.Bytes, Lines: t.lines, From: t.from, To: t.to, Requests: t.requests, Refused: t.refused,
		Causes: []Cause{}, Keys: []KeyUse{}, InvalidKeyPairIDs: t.invalid, OtherKeys: t.keys.full || t.claims.full,
		Notes: []string{}, Skipped: s.Skipped, SkippedFiles: []Problem{}, Damaged: s.Damaged + t.damaged,
	}
	for _, skipped := range s.SkippedFiles {
		r.SkippedFiles = append(r.SkippedFiles, Problem(skipped))
	}
	if t.damaged > 0 {
		r.FirstDamaged = &Problem{reader.Name(t.first.source), t.first.line, t.why}
	} else if s.First != nil {
		first := Problem(*s.First)
		r.FirstDamaged = &first
	}
	r.addCauses(t, reader, o)
	r.addKeys(t)
	r.addNotes(t)
	return r
}

// addCauses adds the causes with their fixes.
func (r *Report) addCauses(t *tally, reader *accesslogs.Reader, o Options) {
	causes := map[string]*Cause{}
	r.OtherCauses = t.refused
	for _, g := range t.groups.values {
		if g.exampleRequest.URL != "" {
			g.explain(o)
		}
		key := string(g.name) + " " + string(g.code)
		c := causes[key]
		if c == nil {
			c = &Cause{Name: g.name, Code: g.code, Reason: g.reason}
			if s := t.times[g.name]; s != nil {
				c.Seconds = &Seconds{s.upTo(0.5), s.upTo(0.9), s.most}
			}
			causes[key] = c
		}
		c.Reason = min(c.Reason, g.reason) // the same in each run
		c.Requests += g.n
		r.OtherCauses -= g.n
		c.Fixes = append(c.Fixes, Fix{g.fix, g.n, Example{reader.Name(g.place.source), g.place.line, g.at, g.path, g.detail}})
	}
	for _, key := range slices.Sorted(maps.Keys(causes)) {
		c := causes[key]
		slices.SortFunc(c.Fixes, func(a, b Fix) int { return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Fix, b.Fix)) })
		r.Causes = append(r.Causes, *c)
	}
	slices.SortStableFunc(r.Causes, func(a, b Cause) int { return cmp.Compare(b.Requests, a.Requests) })
}

// explain finds out what was signed instead. This takes many verifications, so it is done for the
// example alone.
func (g *group) explain(o Options) {
	verifier := verify.Verifier{Keys: o.Keys, AllowSHA1: true, Clock: func() time.Time { return g.at }}
	report := verifier.Explain(g.exampleRequest)
	g.fix, g.detail = report.Hint, report.Check(verify.CheckSignature).Detail
}

// addKeys adds the keys.
func (r *Report) addKeys(t *tally) {
	uses := map[string]*keyUse{}
	for _, from := range []*bounded[keyUse]{t.keys, t.claims} {
		for id, use := range from.values {
			if uses[id] == nil {
				uses[id] = &keyUse{}
			}
			mergeKeys(uses[id], use)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(uses)) {
		use := uses[id]
		k := KeyUse{ID: id, Allowed: use.allowed, Refused: use.refused, First: use.first, Last: use.last}
		if use.neededUntil > 0 {
			k.NeededUntil = time.Unix(use.neededUntil, 0).UTC()
		}
		r.Keys = append(r.Keys, k)
	}
	slices.SortStableFunc(r.Keys, func(a, b KeyUse) int {
		return cmp.Or(cmp.Compare(b.Allowed, a.Allowed), cmp.Compare(b.Refused, a.Refused))
	})
}

// addNotes adds what is missing in the logs.
func (r *Report) addNotes(t *tally) {
	note := func(format string, args ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, args...)) }
	for i, field := range wanted {
		switch n := t.missing[i]; {
		case n == 0:
		case n == t.requests:
			note("%v is not in these logs.", field)
		default:
			note("%v is not in all logs. Requests without it: %d.", field, n)
		}
	}
	if t.noCookies > 0 {
		note("Without the cookies, it is not known whether these 403s are requests with signed cookies: %d.", t.noCookies)
	}
	hasField := t.missing[slices.Index(wanted[:], accesslogs.Cookie)] == 0
	if notSigned := r.requests(NotSigned); t.cookies == 0 && hasField && notSigned > 0 {
		note("No request has a cookie, so the logging of cookies may be off. Then 403s that are not signed can be requests with signed cookies: %d.", notSigned)
	}
	if t.replaced > 0 {
		note("Custom error responses gave refusals or failures a status of success, and they are not counted as 403s: %d.", t.replaced)
	}
	if t.aborted > 0 {
		note("Requests with status 000, because the viewer closed the connection before the response: %d. They count as neither allowed nor refused.", t.aborted)
	}
}

// requests returns how many requests have a cause.
func (r *Report) requests(name Name) (n int64) {
	for _, c := range r.Causes {
		if c.Name == name {
			n += c.Requests
		}
	}
	return n
}
