// SPDX-License-Identifier: Apache-2.0

package refusals

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/verify"
)

const (
	mostGroups = 200  // pairs of a cause and a fix
	mostKeys   = 1000 // key pair IDs that CloudFront accepted
	mostClaims = 200  // other key pair IDs
	mostPath   = 300  // bytes of a path
)

// A tally is what one goroutine has found. Two tallies can be merged in any order.
type tally struct {
	lines, requests, refused, aborted, replaced int64
	from, to                                    time.Time

	groups *bounded[group]
	times  map[Name]*spread
	// keys are the uses of keys by requests that CloudFront accepted, and claims all other
	// uses. Anyone can claim as many IDs as they like, and must not displace a key in use.
	keys, claims *bounded[keyUse]
	invalid      int64 // requests with a key pair ID that cannot be one

	cookies   int64 // records with cookies
	noCookies int64 // refused requests that may have had cookies
	missing   [len(wanted)]int64
	damaged   int64
	first     place
	why       string // of the first damaged line
}

// wanted are the fields whose absence the report shows.
var wanted = [...]accesslogs.Field{
	accesslogs.Query, accesslogs.Cookie, accesslogs.ClientIP, accesslogs.TimeTaken, accesslogs.DetailedResult, accesslogs.ContentType,
}

// A place is a line of a file. The zero place is none.
type place struct {
	source int
	line   int64
}

// before reports whether p comes first, or the other is none.
func (p place) before(other place) bool {
	return other.line == 0 || p.source < other.source || p.source == other.source && p.line < other.line
}

// A group is the requests with one cause and one fix. The first of them is the example.
type group struct {
	name           Name
	code           verify.Code
	reason, fix    string
	n              int64
	place          place
	at             time.Time
	path, detail   string
	exampleRequest verify.Request // of WrongSignature
}

// A keyUse is how a key was used.
type keyUse struct {
	allowed, refused int64
	first, last      time.Time
	neededUntil      int64 // the latest expiry of a policy that CloudFront accepted, in epoch seconds
}

func newTally(trusted keys.Set) *tally {
	isTrusted := func(id string) bool { _, ok := trusted.Lookup(id); return ok }
	return &tally{groups: newBounded[group](mostGroups, nil), times: map[Name]*spread{}, keys: newBounded[keyUse](mostKeys, isTrusted), claims: newBounded[keyUse](mostClaims, isTrusted)}
}

// count counts a record. verdict is nil if the request was not refused.
func (t *tally) count(r *accesslogs.Record, c credential, v *verdict, at time.Time, expires func(credential) int64) {
	t.requests++
	if !at.IsZero() {
		t.from, t.to = earlier(t.from, at), later(t.to, at)
	}
	if r.Raw(accesslogs.Cookie) != nil {
		t.cookies++
	}
	for i, field := range wanted {
		if !r.Has(field) && (field != accesslogs.Query || !r.HasQuery()) {
			t.missing[i]++
		}
	}
	if r.Code() == 0 {
		t.aborted++
	}
	if isReplaced(r) {
		t.replaced++
	}
	if v != nil {
		t.refused++
		t.add(r, *v, at)
	}
	if len(c.keyPairID) > 0 && (v != nil || isAccepted(r)) {
		t.use(c, v, at, expires)
	}
}

// add adds a refused request.
func (t *tally) add(r *accesslogs.Record, v verdict, at time.Time) {
	if v.noCookies {
		t.noCookies++
	}
	if v.timed {
		s := t.times[v.name]
		if s == nil {
			s = &spread{}
			t.times[v.name] = s
		}
		s.add(v.seconds)
	}
	g := t.groups.get(strings.Join([]string{string(v.name), string(v.code), v.reason, v.fix}, "\x00"))
	if g == nil {
		return
	}
	g.n++
	if here := (place{r.Source, r.Line}); here.before(g.place) {
		path, _ := r.Target()
		text, _ := accesslogs.Decode(path[:min(len(path), mostPath)])
		n := g.n
		*g = group{
			name: v.name, code: v.code, reason: v.reason, fix: v.fix, n: n,
			place: here, at: at, path: wire.Redact(text), detail: v.detail, exampleRequest: v.request,
		}
	}
}

// use counts the use of a key. Only a request that CloudFront accepted, or whose signature was
// verified, shows how long the key is needed: anyone can write an expiry into a URL.
func (t *tally) use(c credential, v *verdict, at time.Time, expires func(credential) int64) {
	if keys.CheckID(string(c.keyPairID)) != nil {
		t.invalid++
		return
	}
	isUsed := v == nil || v.proven
	uses := t.claims
	if isUsed {
		uses = t.keys
	}
	use := uses.get(string(c.keyPairID))
	if use == nil {
		return
	}
	if !at.IsZero() {
		use.first, use.last = earlier(use.first, at), later(use.last, at)
	}
	if v != nil {
		use.refused++
	} else {
		use.allowed++
	}
	if isUsed {
		use.neededUntil = max(use.neededUntil, expires(c))
	}
}

// isAccepted reports whether the check of signatures let a request through: the response is from
// the cache or from the origin.
func isAccepted(r *accesslogs.Record) bool {
	switch code := r.Code(); {
	case code >= 200 && code <= 299, code == http.StatusNotModified, code == http.StatusNotFound, code == http.StatusRequestedRangeNotSatisfiable:
		return !isReplaced(r)
	}
	return false
}

// isReplaced reports whether a custom error response replaced an error: CloudFront was ready to
// send an error, but the status is none.
//
// Source: "Standard logging reference", on x-edge-response-result-type,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
func isReplaced(r *accesslogs.Record) bool {
	code := r.Code()
	return code >= 200 && code <= 299 && bytes.Equal(r.Raw(accesslogs.ResponseResult), []byte("Error"))
}

// damage counts a line that cannot be read.
func (t *tally) damage(source int, line int64, why string) {
	t.damaged++
	if here := (place{source, line}); here.before(t.first) {
		t.first, t.why = here, why
	}
}

// merge adds what another goroutine has found.
func (t *tally) merge(o *tally) {
	t.lines += o.lines
	t.requests += o.requests
	t.refused += o.refused
	t.aborted += o.aborted
	t.replaced += o.replaced
	t.from, t.to = earlier(t.from, o.from), later(t.to, o.to)
	t.invalid += o.invalid
	t.cookies += o.cookies
	t.noCookies += o.noCookies
	for i, n := range o.missing {
		t.missing[i] += n
	}
	for name, s := range o.times {
		if t.times[name] == nil {
			t.times[name] = &spread{}
		}
		t.times[name].merge(s)
	}
	t.groups.merge(o.groups, mergeGroups)
	t.keys.merge(o.keys, mergeKeys)
	t.claims.merge(o.claims, mergeKeys)
	if t.damaged += o.damaged; o.damaged > 0 && o.first.before(t.first) {
		t.first, t.why = o.first, o.why
	}
}

func mergeGroups(to, from *group) {
	n := to.n + from.n
	if from.place.before(to.place) {
		*to = *from
	}
	to.n = n
}

func mergeKeys(to, from *keyUse) {
	to.allowed += from.allowed
	to.refused += from.refused
	to.first, to.last = earlier(to.first, from.first), later(to.last, from.last)
	to.neededUntil = max(to.neededUntil, from.neededUntil)
}

// earlier returns the earlier of two times. The zero Time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
