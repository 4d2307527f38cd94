// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A recorder is the destination of a body that is kept, if it is complete and not too large.
type recorder struct {
	next     io.Writer
	key      string
	response *kept
	body     bytes.Buffer
	broken   bool
}

// keep returns a writer that keeps the response that begins, or nil. The header is the origin's.
func (x *response) keep(status int, header http.Header) *recorder {
	policy := x.verdict.behavior.CachePolicy
	if x.key == "" || x.r.Method == http.MethodHead || x.failure != nil {
		return nil
	}
	now := x.compiled.clock()
	lifetime := policy.lifetime(status, header, x.compiled.errorTTL(status), now)
	if lifetime <= 0 {
		return nil
	}
	header = header.Clone()
	for _, name := range slices.Concat(parseCacheControl(header).forbiddenFields(), notKept) {
		header.Del(name)
	}
	if header.Get("Date") == "" {
		header.Set("Date", now.UTC().Format(http.TimeFormat)) // Age counts from then
	}
	return &recorder{
		next: x.gate, key: x.key,
		response: &kept{status: status, header: header, since: now, expires: now.Add(lifetime)},
	}
}

// notKept are the headers of a connection.
var notKept = []string{"Connection", "Keep-Alive", "Trailer", "Transfer-Encoding", "Upgrade"}

// Write passes p on, and records it.
func (k *recorder) Write(p []byte) (int, error) {
	n, err := k.next.Write(p)
	switch {
	case k.broken:
	case err != nil, k.body.Len()+n > largestKept:
		k.broken, k.body = true, bytes.Buffer{}
	default:
		k.body.Write(p[:n])
	}
	return n, err
}

// keepFailure keeps the answer of the distribution for an origin that failed, as CloudFront keeps
// the errors of origins.
//
// Source: "How CloudFront processes HTTP 4xx and 5xx status codes from your origin", on an origin
// that does not respond,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
func (x *response) keepFailure() {
	now := x.compiled.clock()
	if ttl := x.compiled.errorTTL(x.failure.status); x.key != "" && ttl > 0 {
		x.compiled.cache.put(x.key, &kept{status: x.failure.status, failure: x.failure, since: now, expires: now.Add(ttl)})
	}
}

// commit keeps the response if its body is complete.
func (x *response) commit() {
	if x.failure != nil && x.instead.Load() == nil {
		x.keepFailure()
	}
	k := x.recorder
	if k == nil || k.broken {
		return
	}
	length := k.response.header.Get("Content-Length")
	if length == "" && x.hidesCuts || length != "" && length != strconv.Itoa(k.body.Len()) {
		return
	}
	k.response.body = k.body.Bytes()
	x.compiled.cache.put(k.key, k.response)
}

// revalidate makes the request to the origin ask whether a kept response is still the same.
func (x *response) revalidate(forwarded *http.Request) {
	if x.stale == nil || x.stale.status != http.StatusOK || forwarded.Header.Get("Range") != "" || x.verdict.behavior.ignoresConditions() {
		return
	}
	etag, modified := x.stale.header.Get("ETag"), x.stale.header.Get("Last-Modified")
	if etag == "" && modified == "" {
		return
	}
	x.isRevalidating = true
	removeConditions(forwarded.Header)
	if etag != "" {
		forwarded.Header.Set("If-None-Match", etag)
	}
	if modified != "" {
		forwarded.Header.Set("If-Modified-Since", modified)
	}
}

// ignoresConditions reports whether CloudFront does not support conditional requests, because the
// origin gets cookies.
//
// Source: "Cache content based on cookies", on If-Modified-Since and If-None-Match,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Cookies.html
func (b *behavior) ignoresConditions() bool { return len(b.OriginRequestPolicy.Cookies) > 0 }

// removeConditions removes the conditions of a request. If-Range stays, because without it the
// viewer could get a range of another version.
func removeConditions(header http.Header) {
	for _, name := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		header.Del(name)
	}
}

// answeredByStale returns what the viewer gets instead of the origin's response, because an
// expired response is still good. It returns nil if the origin's response is for the viewer.
func (x *response) answeredByStale(status int) *instead {
	now := x.compiled.clock()
	policy := x.verdict.behavior.CachePolicy
	switch {
	case x.isRevalidating && status == http.StatusNotModified:
		same := x.stale.refreshed(x.Header(), now)
		lifetime := policy.lifetime(same.status, same.header, 0, now)
		if same.expires = now.Add(lifetime); lifetime > 0 {
			x.compiled.cache.put(x.key, same)
		} else {
			x.compiled.cache.remove(x.key)
		}
		return &instead{kept: same, cache: cacheRefreshHit, why: "the origin says that the kept response is still the same"}
	case status >= http.StatusInternalServerError && x.stale.forError(now):
		again := x.stale.until(now.Add(x.compiled.errorTTL(status)))
		x.compiled.cache.put(x.key, again)
		return &instead{kept: again, cache: cacheHit, why: "the kept response has expired, but " + x.problem(status)}
	}
	return nil
}

// problem says what is wrong with the origin's response.
func (x *response) problem(status int) string {
	if x.failure != nil {
		return x.failure.text
	}
	return fmt.Sprintf("the origin answered %d", status)
}

// The values of Decision.Cache.
const (
	cacheHit        = "Hit"
	cacheRefreshHit = "RefreshHit"
)

// serveKept answers r with a response that the cache keeps.
func (c *compiled) serveKept(w http.ResponseWriter, r *http.Request, v verdict, i *instead) {
	header, k := w.Header(), i.kept
	own := maps.Clone(header)
	copyHeader(header, k.header)
	maps.Copy(header, own)
	age := max(c.clock().Sub(k.since), 0).Truncate(time.Second)
	header.Set("Age", strconv.FormatInt(int64(age/time.Second)+originAge(k.header), 10))
	if k.failure != nil {
		v.answer.status = k.status
		c.explain(header, r, v, outcome{fmt.Sprintf("%s; from the cache, kept for %v", k.failure.text, age), 0, i.cache})
		v.behavior.setResponseHeaders(header, r)
		k.failure.page().write(w, r)
		return
	}
	if c.observed() {
		notes := append([]string{i.why, fmt.Sprintf("from the cache, kept for %v", age)}, v.leaks(r, k.header)...)
		if v.behavior.lacksCORS(r, k.header) {
			notes = append(notes, lacksCORSNote)
		}
		c.explain(header, r, v, outcome{strings.TrimPrefix(strings.Join(notes, "; "), "; "), k.status, i.cache})
	}
	header.Set("X-Cache", xCache(k.status, i.cache))
	v.behavior.setResponseHeaders(header, r)
	if k.status != http.StatusOK {
		w.WriteHeader(k.status)
		if r.Method != http.MethodHead {
			_, _ = w.Write(k.body) // it fails only if the viewer is gone
		}
		return
	}
	header.Del("Content-Length")
	if v.behavior.ignoresConditions() {
		r = r.Clone(r.Context())
		removeConditions(r.Header)
	}
	ranged := withRange(r, int64(len(k.body)))
	if ranged.Header.Get("Range") == notSatisfiable {
		header.Set("Content-Range", fmt.Sprintf("bytes */%d", len(k.body)))
		w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		return
	}
	var modified time.Time
	if text := k.header.Get("Last-Modified"); text != "" {
		modified, _ = http.ParseTime(text)
	}
	http.ServeContent(w, ranged, "", modified, bytes.NewReader(k.body))
}

// originAge returns the Age that the origin sent.
func originAge(header http.Header) int64 { return int64(seconds(header.Get("Age")) / time.Second) }

// xCache returns the value of X-Cache.
func xCache(status int, result string) string {
	if status >= http.StatusBadRequest {
		result = "Error"
	}
	return result + " from cloudfront"
}

// leaks says how a kept response can reach the wrong viewer: it depends on something that is not in
// the cache key.
func (v verdict) leaks(r *http.Request, header http.Header) (notes []string) {
	key, policy := v.behavior.CachePolicy.included(), v.behavior.OriginRequestPolicy
	for cookie := range ownCookies(r) {
		if policy.forwardsCookie(cookie.Name) && !key.forwardsCookie(cookie.Name) {
			notes = append(notes, "the origin gets cookies that are not in the cache key: viewers with other cookies get the same response")
			break
		}
	}
	if r.Header.Get("Authorization") != "" && policy.forwards("Authorization") && !key.forwards("Authorization") {
		notes = append(notes, "the origin gets Authorization, which is not in the cache key: viewers with another one get the same response")
	}
	if query := v.ownQuery(r); policy.query(query) != key.query(query) {
		notes = append(notes, "the origin gets query parameters that are not in the cache key: viewers with other parameters get the same response")
	}
	if len(header["Set-Cookie"]) > 0 {
		notes = append(notes, "it has Set-Cookie: every viewer with the same cache key gets the cookies of the first one")
	}
	if allowed := header.Get("Access-Control-Allow-Origin"); allowed != "" && allowed != all && !key.forwards("Origin") {
		notes = append(notes, "it allows the page of one origin to read it, but Origin is not in the cache key: pages of other origins get the same header")
	}
	return notes
}

// notes says for how long the response is kept, and what is dangerous about that.
func (k *recorder) notes(v verdict, r *http.Request) []string {
	note := fmt.Sprintf("the response is kept for %v", k.response.expires.Sub(k.response.since))
	if k.response.status < http.StatusBadRequest && parseCacheControl(k.response.header).forbidsCaching() {
		note += ", although its Cache-Control forbids it, because the policy has a MinTTL"
	}
	return append([]string{note}, v.leaks(r, k.response.header)...)
}
