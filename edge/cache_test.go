// SPDX-License-Identifier: Apache-2.0

package edge_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
)

// guide is where the sources in the data are.
const guide = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"

// readRows reads the rows of a file in testdata.
func readRows[T any](t testing.TB, name string) (rows []T) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rows); err != nil || len(rows) < 10 {
		t.Fatalf("%s: %d rows, %v", name, len(rows), err)
	}
	return rows
}

var keptFor = regexp.MustCompile(`the response is kept for ([0-9a-z.]+)`)

// TestLifetimes runs testdata/lifetimes.json: how long a response is kept.
func TestLifetimes(t *testing.T) {
	type row struct {
		Reason, Source                       string
		MinTTL, DefaultTTL, MaxTTL, ErrorTTL *int64
		Status                               int
		Header                               []string
		KeptSeconds                          float64
	}
	now := time.Unix(1767200000, 0)
	for _, tt := range readRows[row](t, "lifetimes.json") {
		origin := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for _, header := range tt.Header {
				name, value, _ := strings.Cut(header, ":")
				value = strings.TrimPrefix(value, " ")
				if name == "Expires" && strings.ContainsAny(value, "+-") {
					var after int
					fmt.Sscan(value, &after)
					value = now.Add(time.Duration(after) * time.Second).UTC().Format(http.TimeFormat)
				}
				w.Header().Add(name, value)
			}
			w.WriteHeader(tt.Status)
		})
		config := edge.Config{
			Clock: func() time.Time { return now },
			Default: edge.Behavior{Origin: origin, CachePolicy: &edge.CachePolicy{
				MinTTL: seconds(*tt.MinTTL), DefaultTTL: seconds(*tt.DefaultTTL), MaxTTL: seconds(*tt.MaxTTL),
			}},
		}
		if tt.ErrorTTL != nil {
			ttl := seconds(*tt.ErrorTTL)
			if ttl == 0 {
				ttl = -1 * time.Second // zero is the default of ten seconds
			}
			config.ErrorResponses = []edge.ErrorResponse{{Status: tt.Status, CachingMinTTL: ttl}}
		}
		response, _ := send(t, newDistribution(t, config), "GET https://cdn.example.com/a")
		var got time.Duration
		if found := keptFor.FindStringSubmatch(explanation(response)); found != nil {
			var err error
			if got, err = time.ParseDuration(found[1]); err != nil {
				t.Fatal(err)
			}
		}
		if got.Seconds() != tt.KeptSeconds {
			t.Errorf("%d %v, %s: kept for %v, want %v s (%s%s)", tt.Status, tt.Header, tt.Reason, got, tt.KeptSeconds, guide, tt.Source)
		}
	}
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

// TestCacheKeys runs testdata/cachekeys.json: which requests get one response.
func TestCacheKeys(t *testing.T) {
	type row struct {
		Reason, Source string
		Policy         edge.CachePolicy
		First, Second  []string
		Same           bool
	}
	for _, tt := range readRows[row](t, "cachekeys.json") {
		var asked atomic.Int64
		tt.Policy.DefaultTTL, tt.Policy.MaxTTL = time.Hour, time.Hour
		d := newDistribution(t, edge.Config{Default: edge.Behavior{
			ViewerProtocolPolicy: edge.AllowAll, CachePolicy: &tt.Policy, AllowedMethods: edge.GetHeadOptions,
			Origin: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "response ", asked.Add(1)) }),
		}})
		first, _ := send(t, d, tt.First[0], tt.First[1:]...)
		second, _ := send(t, d, tt.Second[0], tt.Second[1:]...)
		if got := asked.Load() == 1; got != tt.Same {
			t.Errorf("%v and %v, %s: one response: %t, want %t (%s%s)", tt.First, tt.Second, tt.Reason, got, tt.Same, guide, tt.Source)
		}
		want := map[bool]string{true: "Hit from cloudfront", false: "Miss from cloudfront"}[tt.Same]
		if first.Header.Get("X-Cache") != "Miss from cloudfront" || second.Header.Get("X-Cache") != want {
			t.Errorf("%v and %v: X-Cache %q and %q", tt.First, tt.Second, first.Header.Get("X-Cache"), second.Header.Get("X-Cache"))
		}
	}
}

// TestKeptRequestID: each viewer gets the ID of its own request, although the first one made the
// response.
func TestKeptRequestID(t *testing.T) {
	d := newDistribution(t, edge.Config{Default: edge.Behavior{
		CachePolicy: &edge.CachePolicy{DefaultTTL: time.Hour, MaxTTL: time.Hour},
		Origin:      http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a") }),
	}})
	first, _ := send(t, d, "GET https://cdn.example.com/a")
	second, _ := send(t, d, "GET https://cdn.example.com/a")
	const name = "X-Amz-Cf-Id"
	if one, two := first.Header.Get(name), second.Header.Get(name); one == "" || two == "" || one == two || second.Header.Get("X-Cache") != "Hit from cloudfront" {
		t.Errorf("%q and %q, %s", one, two, second.Header.Get("X-Cache"))
	}
}

// A step of a conversation with a distribution that has a cache.
type step struct {
	line   string
	header []string
	after  time.Duration // since the step before
	status int
	body   string // empty: anything
	cache  string // X-Cache, without "from cloudfront"
	says   string // in the explanation
}

// converse runs the steps.
func converse(t *testing.T, name string, b edge.Behavior, steps []step) {
	t.Helper()
	now := time.Unix(1767200000, 0)
	d := newDistribution(t, edge.Config{Clock: func() time.Time { return now }, Default: b})
	for i, s := range steps {
		now = now.Add(s.after)
		response, body := send(t, d, s.line, s.header...)
		if response.StatusCode != s.status || s.body != "" && body != s.body || response.Header.Get("X-Cache") != s.cache+" from cloudfront" || !strings.Contains(explanation(response), s.says) {
			t.Errorf("%s, step %d: %d, %q, X-Cache %s, %s", name, i+1, response.StatusCode, body, response.Header.Get("X-Cache"), explanation(response))
		}
	}
}

// TestExpensiveMistakes: three mistakes are seen on a laptop, and so is each right configuration.
func TestExpensiveMistakes(t *testing.T) {
	const a = "GET https://cdn.example.com/a"
	alice, bob := []string{"Cookie: user=alice"}, []string{"Cookie: user=bob"}
	hour := edge.CachePolicy{DefaultTTL: time.Hour, MaxTTL: time.Hour}
	with := func(change func(*edge.CachePolicy)) *edge.CachePolicy {
		policy := hour
		change(&policy)
		return &policy
	}
	greeting := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := r.Cookie("user")
		if err != nil {
			http.Error(w, "log in", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Set-Cookie", "session="+user.Value)
		fmt.Fprint(w, "hello ", user.Value)
	})
	converse(t, "a login response for the next user", edge.Behavior{Origin: greeting, OriginRequestPolicy: edge.AllViewer(), CachePolicy: &hour}, []step{
		{line: a, header: alice, status: 200, body: "hello alice", cache: "Miss", says: "the response is kept for 1h0m0s; the origin gets cookies that are not in the cache key"},
		{line: a, header: bob, status: 200, body: "hello alice", cache: "Hit", says: "cookies that are not in the cache key: viewers with other cookies get the same response; it has Set-Cookie"},
	})
	converse(t, "with the cookie in the key", edge.Behavior{Origin: greeting, OriginRequestPolicy: edge.AllViewer(), CachePolicy: with(func(p *edge.CachePolicy) { p.Cookies = []string{"user"} })}, []step{
		{line: a, header: alice, status: 200, body: "hello alice", cache: "Miss"},
		{line: a, header: bob, status: 200, body: "hello bob", cache: "Miss"},
		{line: a, header: bob, status: 200, body: "hello bob", cache: "Hit"},
	})
	converse(t, "with caching disabled", edge.Behavior{Origin: greeting, OriginRequestPolicy: edge.AllViewer(), CachePolicy: &edge.CachePolicy{}}, []step{
		{line: a, header: alice, status: 200, body: "hello alice", cache: "Miss"},
		{line: a, header: bob, status: 200, body: "hello bob", cache: "Miss"},
	})

	playlist := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "segment?", r.URL.RawQuery) })
	const m3u8 = "GET https://cdn.example.com/a.m3u8?token="
	converse(t, "a playlist that is rewritten for one viewer", edge.Behavior{Origin: playlist, OriginRequestPolicy: edge.OriginRequestPolicy{QueryStrings: []string{"*"}}, CachePolicy: &hour}, []step{
		{line: m3u8 + "alice", status: 200, body: "segment?token=alice", cache: "Miss", says: "the origin gets query parameters that are not in the cache key"},
		{line: m3u8 + "bob", status: 200, body: "segment?token=alice", cache: "Hit", says: "the origin gets query parameters that are not in the cache key: viewers with other parameters get the same response"},
	})
	converse(t, "with the token in the key", edge.Behavior{Origin: playlist, CachePolicy: with(func(p *edge.CachePolicy) { p.QueryStrings = []string{"token"} })}, []step{
		{line: m3u8 + "alice", status: 200, body: "segment?token=alice", cache: "Miss"},
		{line: m3u8 + "bob", status: 200, body: "segment?token=bob", cache: "Miss"},
	})
	private := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private, no-store")
		fmt.Fprint(w, r.Header.Get("Cookie"))
	})
	optimized := edge.CachingOptimized()
	converse(t, "a private response and a minimum TTL", edge.Behavior{Origin: private, OriginRequestPolicy: edge.AllViewer(), CachePolicy: &optimized}, []step{
		{line: a, header: alice, status: 200, body: "user=alice", cache: "Miss", says: "the response is kept for 1s, although its Cache-Control forbids it, because the policy has a MinTTL; the origin gets cookies"},
		{line: a, header: bob, status: 200, body: "user=alice", cache: "Hit"},
		{line: a, header: bob, after: time.Second, status: 200, body: "user=bob", cache: "Miss"},
	})
	converse(t, "a private response without a minimum TTL", edge.Behavior{Origin: private, OriginRequestPolicy: edge.AllViewer(), CachePolicy: &hour}, []step{
		{line: a, header: alice, status: 200, body: "user=alice", cache: "Miss"},
		{line: a, header: bob, status: 200, body: "user=bob", cache: "Miss"},
	})

	cors := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" {
			w.Header().Set("Access-Control-Allow-Origin", origin)
		}
		fmt.Fprint(w, "font")
	})
	page := []string{"Origin: https://app.example.com"}
	converse(t, "CORS kept without Origin", edge.Behavior{Origin: cors, OriginRequestPolicy: edge.OriginRequestPolicy{Headers: []string{"Origin"}}, CachePolicy: &hour}, []step{
		{line: a, status: 200, cache: "Miss"},
		{line: a, header: page, status: 200, cache: "Hit", says: "a page of another origin cannot read the response"},
	})
	converse(t, "CORS of another page", edge.Behavior{Origin: cors, OriginRequestPolicy: edge.OriginRequestPolicy{Headers: []string{"Origin"}}, CachePolicy: &hour}, []step{
		{line: a, header: []string{"Origin: https://other.example.com"}, status: 200, cache: "Miss"},
		{line: a, header: page, status: 200, cache: "Hit", says: "Origin is not in the cache key"},
	})
	converse(t, "with Origin in the key", edge.Behavior{Origin: cors, CachePolicy: with(func(p *edge.CachePolicy) { p.Headers = []string{"Origin"} })}, []step{
		{line: a, status: 200, cache: "Miss"},
		{line: a, header: page, status: 200, cache: "Miss"},
		{line: a, header: page, status: 200, cache: "Hit"},
	})

	denied := true
	forbidding := func(control string) http.Handler {
		denied = true
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if denied {
				w.Header().Set("Cache-Control", control)
				w.WriteHeader(http.StatusForbidden)
			}
			denied = false
		})
	}
	converse(t, "a 403 that is kept", edge.Behavior{Origin: forbidding("max-age=300"), CachePolicy: &edge.CachePolicy{}}, []step{
		{line: a, status: 403, cache: "Error", says: "the response is kept for 10s"},
		{line: a, after: 9 * time.Second, status: 403, cache: "Error", says: "from the cache, kept for 9s"},
		{line: a, after: 2 * time.Second, status: 200, cache: "Miss"},
	})
	converse(t, "a 403 that is not kept", edge.Behavior{Origin: forbidding("no-store"), CachePolicy: &edge.CachePolicy{}}, []step{
		{line: a, status: 403, cache: "Error"},
		{line: a, status: 200, cache: "Miss"},
	})
}

// TestKeptResponse: what a viewer gets from the cache.
func TestKeptResponse(t *testing.T) {
	asked := 0
	origin := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Last-Modified", "Mon, 29 Dec 2025 09:20:00 GMT")
		w.Header().Set("Cache-Control", `max-age=60, no-cache="X-User"`)
		w.Header().Set("X-User", "alice")
		w.Header().Set("X-Kept", "yes")
		w.Header().Set("Age", "5")
		fmt.Fprint(w, "0123456789")
	})
	now := time.Unix(1767200000, 0)
	d := newDistribution(t, edge.Config{
		Clock: func() time.Time { return now },
		Default: edge.Behavior{
			Origin: origin, CachePolicy: &edge.CachePolicy{DefaultTTL: time.Hour, MaxTTL: time.Hour}, AllowedMethods: edge.AllMethods,
			CORS: &edge.CORS{AllowOrigins: []string{"https://app.example.com"}}, ResponseHeaders: []edge.ResponseHeader{{Name: "X-Own", Value: "1"}},
		},
	})
	send(t, d, "GET https://cdn.example.com/a")
	now = now.Add(30 * time.Second)
	tests := []struct {
		line   string
		header []string
		status int
		body   string
		want   map[string]string
		reason string
	}{
		{"GET https://cdn.example.com/a", nil, 200, "0123456789", map[string]string{"Age": "35", "X-Kept": "yes", "X-User": "", "X-Own": "1", "Content-Length": "10", "ETag": `"v1"`}, "the whole response, without the field that must not be kept"},
		{"HEAD https://cdn.example.com/a", nil, 200, "", map[string]string{"Content-Length": "10", "X-Kept": "yes"}, "HEAD"},
		{"GET https://cdn.example.com/a", []string{"Range: bytes=2-4"}, 206, "234", map[string]string{"Content-Range": "bytes 2-4/10"}, "a range"},
		{"GET https://cdn.example.com/a", []string{"Range: bytes=20-"}, 416, "", map[string]string{"Content-Range": "bytes */10"}, "no such range"},
		{"GET https://cdn.example.com/a", []string{`If-None-Match: "v1"`}, 304, "", map[string]string{"ETag": `"v1"`}, "the viewer has it"},
		{"GET https://cdn.example.com/a", []string{`If-None-Match: "v2"`}, 200, "0123456789", nil, "the viewer has another one"},
		{"GET https://cdn.example.com/a", []string{"If-Modified-Since: Mon, 29 Dec 2025 09:20:00 GMT"}, 304, "", nil, "not modified since"},
		{"GET https://cdn.example.com/a", []string{"Origin: https://app.example.com"}, 200, "0123456789", map[string]string{"Access-Control-Allow-Origin": "https://app.example.com", "Vary": "Origin"}, "the response headers policy is for this request"},
	}
	for _, tt := range tests {
		response, body := send(t, d, tt.line, tt.header...)
		if response.StatusCode != tt.status || tt.status != 416 && body != tt.body || response.Header.Get("X-Cache") != "Hit from cloudfront" {
			t.Errorf("%s %v, %s: %s, %q, %v", tt.line, tt.header, tt.reason, response.Status, body, response.Header)
		}
		for name, want := range tt.want {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s %v, %s: %s is %q, want %q", tt.line, tt.header, tt.reason, name, got, want)
			}
		}
	}
	if asked != 1 {
		t.Errorf("the origin was asked %d times", asked)
	}
	if _, body := send(t, d, "POST https://cdn.example.com/a"); body != "0123456789" || asked != 2 {
		t.Errorf("POST: %q, asked %d times", body, asked)
	}
	if err := d.Update(edge.Config{Clock: func() time.Time { return now }, Default: edge.Behavior{Origin: origin, Public: true, CachePolicy: &edge.CachePolicy{}}}); err != nil {
		t.Fatal(err)
	}
	if send(t, d, "GET https://cdn.example.com/a"); asked != 3 {
		t.Errorf("an update did not empty the cache")
	}
}

// TestExpired: what happens when a kept response has expired.
func TestExpired(t *testing.T) {
	const a = "GET https://cdn.example.com/a"
	policy := edge.CachePolicy{DefaultTTL: time.Minute, MaxTTL: time.Hour}
	// The origin answers with the next of its answers, whose status is the first three letters.
	origin := func(control string, answers ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := answers[0]
			answers = answers[1:]
			if answer == "panic" {
				panic("broken")
			}
			if control != "" {
				w.Header().Set("Cache-Control", control)
			}
			w.Header().Set("ETag", `"v1"`)
			if answer == "304" && r.Header.Get("If-None-Match") != `"v1"` {
				answer = "500 not asked with If-None-Match"
			}
			var status int
			fmt.Sscan(answer, &status)
			w.WriteHeader(status)
			if status != http.StatusNotModified {
				fmt.Fprint(w, answer[3:])
			}
		})
	}
	first := step{line: a, status: 200, body: " one", cache: "Miss"}
	later := 2 * time.Minute
	for _, tt := range []struct {
		reason string
		origin http.Handler
		steps  []step
	}{
		{"still the same", origin("", "200 one", "304"), []step{
			first, {line: a, after: later, status: 200, body: " one", cache: "RefreshHit", says: "still the same"}, {line: a, status: 200, body: " one", cache: "Hit"},
		}},
		{"still the same, and the viewer has it", origin("", "200 one", "304"), []step{
			first, {line: a, header: []string{`If-None-Match: "v1"`}, after: later, status: 304, cache: "RefreshHit"},
		}},
		{"another one", origin("", "200 one", "200 two"), []step{first, {line: a, after: later, status: 200, body: " two", cache: "Miss"}}},
		{"gone", origin("", "200 one", "404 gone"), []step{first, {line: a, after: later, status: 404, body: " gone", cache: "Error"}}},
		{"the origin fails: the old one for ten seconds", origin("", "200 one", "503 down", "200 two"), []step{
			first,
			{line: a, after: later, status: 200, body: " one", cache: "Hit", says: "has expired, but the origin answered 503"},
			{line: a, after: 9 * time.Second, status: 200, body: " one", cache: "Hit"},
			{line: a, after: 2 * time.Second, status: 200, body: " two", cache: "Miss"},
		}},
		{"the origin panics", origin("", "200 one", "panic"), []step{first, {line: a, after: later, status: 200, body: " one", cache: "Hit", says: "has expired"}}},
		{"stale-if-error=0", origin("max-age=60, stale-if-error=0", "200 one", "503 down"), []step{first, {line: a, after: later, status: 503, body: " down", cache: "Error"}}},
		{"stale-if-error for an hour", origin("max-age=60, stale-if-error=3600", "200 one", "503 down", "503 down"), []step{
			first, {line: a, after: later, status: 200, body: " one", cache: "Hit"}, {line: a, after: 2 * time.Hour, status: 503, body: " down", cache: "Error"},
		}},
		{"an old error is not better than a new one", origin("", "404 gone", "503 down"), []step{
			{line: a, status: 404, body: " gone", cache: "Error"}, {line: a, after: later, status: 503, body: " down", cache: "Error"},
		}},
		{"a range is asked for without a condition", origin("", "200 one", "200 two"), []step{first, {line: a, header: []string{"Range: bytes=0-1"}, after: later, status: 200, body: " two", cache: "Miss"}}},
	} {
		converse(t, tt.reason, edge.Behavior{Origin: tt.origin, CachePolicy: &policy}, tt.steps)
	}
}

// TestNotKept: responses that are not whole, or too large, are not kept.
func TestNotKept(t *testing.T) {
	large := strings.Repeat("a", 17<<20)
	for _, tt := range []struct {
		reason string
		method string
		header []string
		origin http.HandlerFunc
	}{
		{"the body is shorter than it should be", "GET", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			fmt.Fprint(w, "short")
		}},
		{"the origin panics after it has begun", "GET", nil, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "half")
			panic("broken")
		}},
		{"the response is too large", "GET", nil, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, large) }},
		{"HEAD has no body", "HEAD", nil, func(http.ResponseWriter, *http.Request) {}},
		{"OPTIONS without CacheOptions", "OPTIONS", nil, func(http.ResponseWriter, *http.Request) {}},
		{"a part", "GET", []string{"Range: bytes=0-1"}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent) }},
	} {
		asked := 0
		d := newDistribution(t, edge.Config{Default: edge.Behavior{
			AllowedMethods: edge.AllMethods, CachePolicy: &edge.CachePolicy{DefaultTTL: time.Hour, MaxTTL: time.Hour},
			Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked++
				tt.origin(w, r)
			}),
		}})
		for range 2 {
			func() {
				defer func() { _ = recover() }() // http.ErrAbortHandler, for the server
				send(t, d, tt.method+" https://cdn.example.com/a", tt.header...)
			}()
		}
		if asked != 2 {
			t.Errorf("%s: asked %d times", tt.reason, asked)
		}
	}
}

// TestPrivateCache: a kept response is only for viewers with a credential.
func TestPrivateCache(t *testing.T) {
	signer, trusted := newKey("K2PRIVATE")
	d, err := edge.New(edge.Config{Default: edge.Behavior{
		Origin: answering(http.StatusOK, "secret"), TrustedKeyGroups: []keys.Set{trusted}, CachePolicy: &edge.CachePolicy{DefaultTTL: time.Hour, MaxTTL: time.Hour, QueryStrings: []string{"*"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	const url = "https://cdn.example.com/film.mp4"
	var states []string
	signed := func(lifetime time.Duration) string {
		link, err := signer.URL(t.Context(), url, time.Now().Add(lifetime))
		if err != nil {
			t.Fatal(err)
		}
		return link
	}
	for _, line := range []string{"GET " + signed(time.Hour), "GET " + signed(2*time.Hour), "GET " + url} {
		response, _ := send(t, d, line)
		states = append(states, fmt.Sprint(response.StatusCode, " ", response.Header.Get("X-Cache")))
	}
	want := []string{"200 Miss from cloudfront", "200 Hit from cloudfront", "403 Error from cloudfront"}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzCache: whatever the cache policy is and whoever asked before, a viewer gets what the origin
// answers to the parts of the own request that are in the cache key. The origin gets nothing else.
func FuzzCache(f *testing.F) {
	f.Add("w h", "session", "Origin", false, false, "/a?w=1", "session=1", "https://a.example", "/a?w=2", "session=2", "https://b.example")
	f.Add("*", "*", "Host Accept-Language", true, true, "/a?w=1&", "a=1; b=2", "1,", "/a?w=1", "a=1;b=2", ",1")
	f.Add("", "", "", true, false, "/a%2F?3:w=1,", "3:a=1,", "0:,", "/a%2f?3:w=1", "a=3:1,", "")
	f.Add("w 1:w", "cookie encodings", "X-A X-B", false, true, "/a?w=1&1:w=2", "cookie=encodings", "1", "/a?w=1", "encodings=cookie", "1")
	signer, trusted := newKey("K2FUZZ")
	f.Fuzz(func(t *testing.T, parameters, cookies, headers string, private, gzip bool, url1, cookie1, value1, url2, cookie2, value2 string) {
		behavior := edge.Behavior{
			Origin: http.HandlerFunc(tellReceived), ViewerProtocolPolicy: edge.AllowAll, Public: !private,
			CachePolicy: &edge.CachePolicy{
				DefaultTTL: time.Hour, MaxTTL: time.Hour, Gzip: gzip,
				QueryStrings: strings.Fields(parameters), Cookies: strings.Fields(cookies), Headers: strings.Fields(headers),
			},
		}
		if private {
			behavior.TrustedKeyGroups = []keys.Set{trusted}
		}
		kept, err := edge.New(edge.Config{Default: behavior})
		if err != nil {
			return // no such policy
		}
		request := func(rawURL, cookie, value string) *http.Request {
			rawURL = "https://cdn.example.com" + rawURL
			if private {
				if rawURL, err = signer.URL(t.Context(), rawURL, time.Now().Add(time.Hour)); err != nil {
					return nil // no such URL
				}
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, rawURL, nil)
			if err != nil || !strings.HasPrefix(rawURL, "https://cdn.example.com/") {
				return nil
			}
			r.RequestURI, r.TLS = strings.TrimPrefix(rawURL, "https://cdn.example.com"), &tls.ConnectionState{}
			r.Header["Cookie"] = []string{cookie}
			for _, name := range append(strings.Fields(headers), "Accept-Encoding", "Authorization") {
				r.Header.Set(name, value)
			}
			return r
		}
		ask := func(d *edge.Distribution, r *http.Request) (int, string, string) {
			w := httptest.NewRecorder()
			d.ServeHTTP(w, r)
			return w.Code, w.Body.String(), w.Header().Get("X-Cache")
		}
		first, second := request(url1, cookie1, value1), request(url2, cookie2, value2)
		if first == nil || second == nil {
			return
		}
		ask(kept, first)
		status, body, cache := ask(kept, second)
		fresh, err := edge.New(edge.Config{Default: behavior})
		if err != nil {
			t.Fatal(err)
		}
		wantStatus, want, _ := ask(fresh, second)
		if status != wantStatus || status == http.StatusOK && body != want {
			t.Errorf("%s: %d, %q, want %d, %q", cache, status, body, wantStatus, want)
		}
	})
}

// tellReceived answers with what a viewer can change in the request that an origin gets, except
// for what is never in a cache key.
func tellReceived(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%q\n%q\n", r.RequestURI, r.Host)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if name != "X-Amz-Cf-Id" && name != "X-Forwarded-For" && name != "Via" && name != "Accept-Encoding" || name == "Accept-Encoding" && r.Header.Get(name) != "identity" {
			fmt.Fprintf(w, "%s: %q\n", name, r.Header[name])
		}
	}
}
