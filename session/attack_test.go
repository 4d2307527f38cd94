// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/internal/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// The tests in this file attack the package. Those that fail show a fault.

// A browser is a cookie jar by RFC 6265bis: cookies differ in name, domain, path and
// partition, prefixes are checked, and the oldest of the longest path are sent first.
type browser struct {
	cookies []*stored
	ticks   int
}

type stored struct {
	http.Cookie
	hostOnly bool
	created  int
}

// store keeps the cookies of a response from host. crossSite is whether another site
// made the request, which was not a navigation.
func (b *browser) store(host string, header http.Header, crossSite bool) {
	for _, line := range header["Set-Cookie"] {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			panic(err)
		}
		lower := strings.ToLower(c.Name)
		switch {
		case len(c.Name)+len(c.Value) > 4096, len(c.Path) > 1024, c.Partitioned && !c.Secure, c.SameSite == http.SameSiteNoneMode && !c.Secure,
			strings.HasPrefix(lower, "__secure-") && !c.Secure,
			strings.HasPrefix(lower, "__http-") && (!c.Secure || !c.HttpOnly),
			strings.HasPrefix(lower, "__host-http-") && !c.HttpOnly,
			strings.HasPrefix(lower, "__host-") && (!c.Secure || c.Domain != "" || c.Path != "/"),
			crossSite && c.SameSite != http.SameSiteNoneMode:
			continue
		}
		domain, hostOnly := c.Domain, c.Domain == ""
		if hostOnly {
			domain = host
		} else if host != domain && !strings.HasSuffix(host, "."+domain) {
			continue
		}
		c.Domain = domain
		b.ticks++
		next := &stored{Cookie: *c, hostOnly: hostOnly, created: b.ticks}
		if n := slices.IndexFunc(b.cookies, func(x *stored) bool {
			return x.Name == c.Name && x.Domain == domain && x.hostOnly == hostOnly && x.Path == c.Path && x.Partitioned == c.Partitioned
		}); n >= 0 {
			next.created = b.cookies[n].created
			b.cookies = slices.Delete(b.cookies, n, n+1)
		}
		if c.MaxAge >= 0 {
			b.cookies = append(b.cookies, next)
		}
	}
}

// sent returns what the browser sends to https://host/path.
func (b *browser) sent(host, path string, keep func(*stored) bool) (cookies []*stored) {
	for _, c := range b.cookies {
		domainMatch := host == c.Domain || !c.hostOnly && strings.HasSuffix(host, "."+c.Domain)
		rest, below := strings.CutPrefix(path, c.Path)
		pathMatch := below && (rest == "" || strings.HasSuffix(c.Path, "/") || rest[0] == '/')
		if domainMatch && pathMatch && (keep == nil || keep(c)) {
			cookies = append(cookies, c)
		}
	}
	slices.SortFunc(cookies, func(x, y *stored) int {
		if len(x.Path) != len(y.Path) {
			return len(y.Path) - len(x.Path)
		}
		return x.created - y.created
	})
	return cookies
}

// opens says what CloudFront would do with the cookies for a path: "" is refuse, "open",
// or a complaint about cookies that are sent twice.
func (b *browser) opens(path string) string {
	count := map[string]int{}
	for _, c := range b.sent("cdn.example.com", path, nil) {
		count[c.Name]++
	}
	if count["CloudFront-Signature"] == 0 || count["CloudFront-Policy"] == 0 || count["CloudFront-Key-Pair-Id"] == 0 {
		return ""
	}
	for name, n := range count {
		if n > 1 && strings.HasPrefix(name, "CloudFront-") {
			return "twice"
		}
	}
	if count["CloudFront-Hash-Algorithm"] != 1 || count["CloudFront-Expires"] != 0 {
		return "wrong set"
	}
	return "open"
}

func (b *browser) request(host, path string) *http.Request {
	return b.requestOf(host, path, nil)
}

func (b *browser) requestOf(host, path string, keep func(*stored) bool) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://"+host+path, nil)
	for _, c := range b.sent(host, path, keep) {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return r
}

// visit calls a method of an issuer and returns the response's header.
func (b *browser) visit(t testing.TB, method func(http.ResponseWriter, *http.Request) error) http.Header {
	t.Helper()
	w := httptest.NewRecorder()
	if err := method(w, b.request("app.example.com", "/page")); err != nil {
		t.Fatal(err)
	}
	b.store("app.example.com", w.Header(), false)
	return w.Header()
}

// quiet renews until nothing happens.
func (b *browser) quiet(t testing.TB, s *site) {
	t.Helper()
	for range 60 {
		if len(b.visit(t, s.issuer.Renew)) == 0 {
			return
		}
	}
	t.Error("cookies are set for ever")
}

func pathsOf(grants []session.Grant) []string {
	paths := []string{}
	for _, g := range grants {
		paths = append(paths, strings.TrimSuffix(strings.TrimPrefix(g.Resource.String(), "https://cdn.example.com"), "*"))
	}
	slices.Sort(paths)
	return paths
}

// longFolders returns n grants whose paths have about length bytes.
func longFolders(t testing.TB, first, n, length int) (grants []session.Grant) {
	for i := range n {
		name := fmt.Sprintf("%06d", first+i)
		grants = append(grants, folder(t, name+strings.Repeat("x", max(0, length-len(name)-8))))
	}
	return grants
}

// lives goes through random lives like TestBudgetLife, with a real jar, more folders,
// longer paths and more kinds of deployment. It returns what went wrong, by kind.
func lives(t *testing.T, seeds uint64, poolSize, length int, options []session.Options, budgets []int) map[string]string {
	faults := map[string]string{}
	for seed := range seeds {
		random := rand.New(rand.NewPCG(seed, 7))
		b := &browser{}
		var s *site
		budget := 0
		restart := func() {
			o := options[random.IntN(len(options))]
			budget = budgets[random.IntN(len(budgets))]
			o.HeaderBudget = budget
			next := newSite(t, o)
			if s != nil {
				next.now, next.grants = s.now, s.grants
			}
			s = next
		}
		restart()
		pool := longFolders(t, 0, poolSize, length)
		log := []string{}
		fault := func(kind, format string, args ...any) {
			if faults[kind] == "" {
				faults[kind] = fmt.Sprintf("seed %d: ", seed) + fmt.Sprintf(format, args...) + " after " + strings.Join(log, ",")
			}
		}
		visit := func(what string, method func(http.ResponseWriter, *http.Request) error, want []string) int {
			log = append(log, what)
			w := httptest.NewRecorder()
			if err := method(w, b.request("app.example.com", "/page")); err != nil {
				fault("refused", "%v", err)
				return 0
			}
			b.store("app.example.com", w.Header(), false)
			if size := headerSize(w.Header()); size > budget {
				fault("budget", "%d of %d bytes", size, budget)
			}
			for _, g := range pool {
				path := pathsOf([]session.Grant{g})[0]
				if got := b.opens(path); got != "" && !slices.Contains(want, path) {
					fault("open after the first response", "%s is %s", path[:20], got)
				}
			}
			return len(w.Header())
		}
		for range 30 {
			switch random.IntN(8) {
			case 0:
				random.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
				s.grants = slices.Clone(pool[:random.IntN(11)])
				log = append(log, fmt.Sprint("grants", len(s.grants)))
			case 1:
				s.now = s.now.Add(time.Duration(random.Int64N(int64(2 * time.Hour))))
			case 2:
				if err := s.signer.Rotate(t.Context(), fmt.Sprint("K", random.IntN(1000)), testkeys.P256()); err != nil {
					t.Fatal(err)
				}
			case 3:
				visit("clear", s.issuer.Clear, nil)
			case 4:
				if len(s.grants) > 0 {
					visit("issue", s.issuer.Issue, pathsOf(s.grants))
				}
			case 5:
				if len(options) > 1 && random.IntN(3) == 0 {
					restart()
					log = append(log, "deploy")
				}
			default:
				visit("renew", s.issuer.Renew, pathsOf(s.grants))
			}
		}
		for n := 0; visit("renew", s.issuer.Renew, pathsOf(s.grants)) != 0; n++ {
			if n == 80 {
				fault("endless", "%d grants", len(s.grants))
				break
			}
		}
		for _, g := range pool {
			path, want := pathsOf([]session.Grant{g})[0], ""
			if slices.Contains(pathsOf(s.grants), path) {
				want = "open"
			}
			if got := b.opens(path); got != want {
				fault("quiet", "%s is %q, want %q", path[:20], got, want)
			}
		}
	}
	return faults
}

func TestAttackLives(t *testing.T) {
	plain := sign.CookieAttributes{Domain: "example.com"}
	partitioned := sign.CookieAttributes{Domain: "example.com", Partitioned: true}
	narrow := sign.CookieAttributes{Domain: "cdn.example.com"}
	_ = narrow
	for name, tt := range map[string]struct {
		pool, length int
		options      []session.Options
		budgets      []int
	}{
		"small pool":               {20, 30, []session.Options{{}}, []int{0 + 3072}},
		"large pool":               {200, 30, []session.Options{{}}, []int{3072}},
		"large pool, large budget": {200, 30, []session.Options{{}}, []int{15 << 10}},
		"small budget":             {200, 45, []session.Options{{}}, []int{1792}},
		"long paths":               {200, 130, []session.Options{{}}, []int{3072}},
		"long paths, large budget": {200, 340, []session.Options{{}}, []int{15 << 10}},
		"former": {30, 45, []session.Options{
			{Attributes: plain, FormerAttributes: []sign.CookieAttributes{{Domain: "example.com", SameSite: http.SameSiteStrictMode}}},
		}, []int{3072}},
		"former, long paths": {200, 130, []session.Options{
			{Attributes: plain, FormerAttributes: []sign.CookieAttributes{{Domain: "app.example.com"}}},
		}, []int{3072}},
		"former, long paths, large budget": {200, 340, []session.Options{
			{Attributes: plain, FormerAttributes: []sign.CookieAttributes{{Domain: "app.example.com"}}},
		}, []int{15 << 10}},
		"partitioned": {20, 45, []session.Options{
			{Attributes: plain, FormerAttributes: []sign.CookieAttributes{partitioned}},
			{Attributes: partitioned, FormerAttributes: []sign.CookieAttributes{plain}},
		}, []int{15 << 10}},
		"partitioned, default": {20, 45, []session.Options{
			{Attributes: plain, FormerAttributes: []sign.CookieAttributes{partitioned}},
			{Attributes: partitioned, FormerAttributes: []sign.CookieAttributes{plain}},
		}, []int{3072}},
		"partitioned, small budget": {20, 45, []session.Options{
			{Attributes: plain, FormerAttributes: []sign.CookieAttributes{partitioned}},
			{Attributes: partitioned, FormerAttributes: []sign.CookieAttributes{plain}},
		}, []int{1792}},
		"lifetimes": {20, 45, []session.Options{{}, {Lifetime: 4 * time.Hour}, {HintCookie: "until"}}, []int{3072, 2048}},
	} {
		t.Run(name, func(t *testing.T) {
			for kind, text := range lives(t, 150, tt.pool, tt.length, tt.options, tt.budgets) {
				if len(text) > 300 {
					text = text[:300]
				}
				t.Errorf("%s: %s", kind, text)
			}
		})
	}
}

// openOf returns which of the grants' folders the browser can open.
func (b *browser) openOf(grants []session.Grant) (open []string) {
	for _, path := range pathsOf(grants) {
		if b.opens(path) != "" {
			open = append(open, path)
		}
	}
	return open
}

// TestAttackFormerForever: FormerAttributes without a Path, and two changes of ten grants
// with short paths before everything is removed. Folders beyond the 20th of the state are
// forgotten, clearFormerOn starts again with each response, and nothing is ever set.
func TestAttackFormerForever(t *testing.T) {
	s := newSite(t, session.Options{FormerAttributes: []sign.CookieAttributes{{Domain: "example.com"}}})
	b := &browser{}
	for n := range 3 {
		s.grants = longFolders(t, 10*n, 10, 45)
		if n == 2 {
			break
		}
		for range 4 {
			b.visit(t, s.issuer.Renew)
		}
	}
	b.quiet(t, s)
	if open := b.openOf(s.grants); len(open) != 10 {
		t.Errorf("%d of 10 folders are open", len(open))
	}
}

// TestAttackForeverByDefault: the default options, ten folders with names like UUIDs, and
// three changes with four pages each. What is wanted stands behind the 20th folder of the
// state and is forgotten, so that it is set again with each response; set leaves no room
// for remove, so that the folders in front never go.
func TestAttackForeverByDefault(t *testing.T) {
	s := newSite(t, session.Options{})
	b := &browser{}
	s.grants = longFolders(t, 0, 10, 45)
	b.quiet(t, s)
	for n := range 3 {
		s.grants = longFolders(t, 10*n+10, 10, 45)
		for range 4 {
			b.visit(t, s.issuer.Renew)
		}
	}
	b.quiet(t, s)
	if open := b.openOf(s.grants); len(open) != 10 {
		t.Errorf("after 60 pages %d of 10 folders are open", len(open))
	}
}

// TestAttackForgotten: without FormerAttributes, folders beyond the 20th of the state are
// forgotten, and stay open when they are lost.
func TestAttackForgotten(t *testing.T) {
	for _, tt := range []struct{ budget, second, third int }{{3072, 5, 4}, {4096, 3, 3}, {5000, 1, 2}, {8192, 1, 1}} {
		s := newSite(t, session.Options{HeaderBudget: tt.budget})
		b := &browser{}
		s.grants = longFolders(t, 0, 10, 45)
		b.quiet(t, s)
		for n, visits := range []int{tt.second, tt.third} {
			s.grants = longFolders(t, 10*n+10, 10, 45)
			for range visits {
				b.visit(t, s.issuer.Renew)
			}
		}
		lost := s.grants
		s.grants = nil
		b.quiet(t, s)
		if open := b.openOf(lost); len(open) != 0 {
			t.Errorf("budget %d, %d and %d pages: all is quiet, and %v are open without a grant", tt.budget, tt.second, tt.third, open)
		}
	}
}

// TestAttackPartitionedForever: after a deployment with Partitioned, the old state comes
// first in each request, and newPlan takes a folder's status from the first state. If the
// revocations and the removal of the old state need more than one response, the same
// folders are revoked for ever, and the others stay open.
func TestAttackPartitionedForever(t *testing.T) {
	for _, tt := range []struct{ budget, length, n int }{{1792, 45, 10}, {3072, 120, 10}, {1024, 30, 4}} {
		plain := sign.CookieAttributes{Domain: "example.com"}
		before := newSite(t, session.Options{Attributes: plain, HeaderBudget: 15 << 10})
		b := &browser{}
		before.grants = longFolders(t, 0, tt.n, tt.length)
		b.quiet(t, before)
		partitioned := plain
		partitioned.Partitioned = true
		after := newSite(t, session.Options{Attributes: partitioned, FormerAttributes: []sign.CookieAttributes{plain}, HeaderBudget: tt.budget})
		for range 40 {
			b.visit(t, after.issuer.Renew)
		}
		if open := b.openOf(before.grants); len(open) != 0 {
			t.Errorf("budget %d: after 40 responses %d lost folders of %d are open", tt.budget, len(open), tt.n)
		}
	}
}

// TestAttackStateTooLong: with long paths, clearFormerOn adds folders to the state before
// others are removed, and its first line is added whatever the size. Browsers drop the
// state of more than 4,096 bytes, and the next response does the same.
func TestAttackStateTooLong(t *testing.T) {
	s := newSite(t, session.Options{HeaderBudget: 15 << 10, FormerAttributes: []sign.CookieAttributes{{Domain: "example.com"}}})
	b := &browser{}
	s.grants = longFolders(t, 0, 10, 340)
	b.quiet(t, s)
	s.grants = longFolders(t, 10, 10, 340)
	b.quiet(t, s)
	if open := b.openOf(s.grants); len(open) != 10 {
		t.Errorf("%d of 10 folders are open", len(open))
	}
}

// TestAttackBudget: responses that are larger than the budget, though the grants are
// accepted.
func TestAttackBudget(t *testing.T) {
	check := func(name string, s *site, b *browser, grants ...[]session.Grant) {
		t.Helper()
		for _, g := range grants {
			s.grants = g
			for range 6 {
				if size := headerSize(b.visit(t, s.issuer.Renew)); size > 3072 {
					t.Errorf("%s: %d bytes", name, size)
				}
			}
		}
	}
	formers := []sign.CookieAttributes{{Domain: "example.com"}, {Domain: "app.example.com"}}
	check("two formers, one path of 250 bytes", newSite(t, session.Options{FormerAttributes: formers}), &browser{}, longFolders(t, 0, 1, 250))
	check("one former, ten paths of 130 bytes, then ten others", newSite(t, session.Options{FormerAttributes: formers[:1]}), &browser{}, longFolders(t, 0, 10, 130), longFolders(t, 10, 10, 130))
}

// TestAttackSHA1Budget: checkBudget does not count the removal of Hash-Algorithm, so that
// accepted grants may never be renewed.
func TestAttackSHA1Budget(t *testing.T) {
	for budget := 1024; budget < 1500; budget += 10 {
		s := newSiteWith(t, sign.Options{Hash: crypto.SHA1}, session.Options{HeaderBudget: budget})
		b := &browser{}
		s.grants = longFolders(t, 0, 1, 140)
		w := httptest.NewRecorder()
		if err := s.issuer.Renew(w, b.request("app.example.com", "/")); err != nil {
			continue
		}
		b.store("app.example.com", w.Header(), false)
		for range 3 {
			b.visit(t, s.issuer.Renew)
		}
		s.now = s.now.Add(50 * time.Minute) // time to renew
		for range 40 {
			if len(b.visit(t, s.issuer.Renew)) == 0 {
				return
			}
		}
		t.Fatalf("HeaderBudget %d: cookies are never renewed, and a state is set for ever", budget)
	}
}

// TestAttackVisibleBudget: on a page below a grant's path, the removal of visible cookies
// comes back with each response until something was set, and it is not in checkBudget.
func TestAttackVisibleBudget(t *testing.T) {
	for budget := 1024; budget < 2200; budget += 20 {
		s := newSite(t, session.Options{HeaderBudget: budget})
		b := &browser{}
		s.grants = longFolders(t, 0, 1, 100)
		page := pathsOf(s.grants)[0] + "page"
		visit := func() (int, error) {
			w := httptest.NewRecorder()
			err := s.issuer.Renew(w, b.request("app.example.com", page))
			b.store("app.example.com", w.Header(), false)
			return len(w.Header()), err
		}
		if _, err := visit(); err != nil {
			continue
		}
		s.now = s.now.Add(50 * time.Minute) // time to renew
		for n := range 40 {
			size, err := visit()
			if err != nil {
				t.Fatal(err)
			}
			if size == 0 {
				break
			}
			if n == 39 {
				t.Fatalf("HeaderBudget %d: cookies are never renewed, and a state is set for ever", budget)
			}
		}
	}
}

// TestAttackClearTooLong: at a logout, folders that the state does not have are put into
// it, and a state that is too long blocks the revocation of what is really open.
func TestAttackClearTooLong(t *testing.T) {
	s := newSite(t, session.Options{HeaderBudget: 15 << 10})
	b := &browser{}
	before := longFolders(t, 0, 8, 340)
	s.grants = before
	b.quiet(t, s)
	s.grants = longFolders(t, 10, 8, 340) // since the last page
	header := b.visit(t, s.issuer.Clear)
	if open := b.openOf(before); len(open) != 0 {
		t.Errorf("%d folders are open after the first response of %d bytes, of %d", len(open), headerSize(header), 15<<10)
	}
}

// TestAttackClearRevoked: the state of this host says that a folder is revoked, and
// another host has set it again since. Clear has its grant, and still leaves the signature.
func TestAttackClearRevoked(t *testing.T) {
	s := newSite(t, session.Options{})
	b := &browser{}
	alice := longFolders(t, 0, 10, 100)
	s.grants = alice
	b.quiet(t, s)
	s.grants = longFolders(t, 10, 10, 100)
	b.visit(t, s.issuer.Renew) // alice's are revoked, and most of the rest is pending
	s.grants = alice
	large := newSite(t, session.Options{HeaderBudget: 15 << 10})
	large.grants = alice
	other := func(w http.ResponseWriter, r *http.Request) error {
		r.Header.Del("Cookie") // another host of the application has no state
		err := large.issuer.Renew(w, r)
		w.Header()["Set-Cookie"] = slices.DeleteFunc(w.Header()["Set-Cookie"], func(line string) bool { return strings.HasPrefix(line, "__Host-") })
		return err
	}
	b.visit(t, other)
	if len(b.openOf(alice)) != 10 {
		t.Fatal("the other host has not set all")
	}
	b.visit(t, s.issuer.Clear)
	if open := b.openOf(alice); len(open) != 0 {
		t.Errorf("after the logout %d folders that the grants name are open", len(open))
	}
}

// TestAttackFormPost: SAML and OpenID Connect with form_post come back with a POST from
// another site. Browsers send no Lax cookie with it, so the state is unknown, and
// IssueFor writes over it. The folders of the user before stay open.
func TestAttackFormPost(t *testing.T) {
	s := newSite(t, session.Options{})
	b := &browser{}
	alice, bob := longFolders(t, 0, 2, 40), longFolders(t, 2, 1, 40)
	s.grants = alice
	b.quiet(t, s)
	w := httptest.NewRecorder()
	post := b.requestOf("app.example.com", "/saml/acs", func(c *stored) bool { return c.SameSite == http.SameSiteNoneMode })
	if err := s.issuer.IssueFor(w, post, bob...); err != nil {
		t.Fatal(err)
	}
	b.store("app.example.com", w.Header(), false) // a navigation: browsers take it
	s.grants = bob
	b.quiet(t, s)
	if open := b.openOf(alice); len(open) != 0 {
		t.Errorf("bob can open %v", open)
	}
}

// TestAttackStrict: with SameSite=Strict, the state is Strict too. A link from another site
// comes without it, and with the Lax cookie of the login: the state is written over.
func TestAttackStrict(t *testing.T) {
	s := newSite(t, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com", SameSite: http.SameSiteStrictMode}})
	b := &browser{}
	before := longFolders(t, 0, 2, 40)
	s.grants = before
	b.quiet(t, s)
	s.grants = before[:1]
	w := httptest.NewRecorder()
	link := b.requestOf("app.example.com", "/page", func(c *stored) bool { return c.SameSite != http.SameSiteStrictMode })
	if err := s.issuer.Renew(w, link); err != nil {
		t.Fatal(err)
	}
	b.store("app.example.com", w.Header(), false)
	b.quiet(t, s)
	if open := b.openOf(before[1:]); len(open) != 0 {
		t.Errorf("lost, and open until it expires: %v", open)
	}
}

// TestAttackClearThenIssue: a login that clears first, in one response. withdraw knows the
// removals of Clear no more.
func TestAttackClearThenIssue(t *testing.T) {
	for name, first := range map[string]func(*site, http.ResponseWriter, *http.Request) error{
		"Clear": func(s *site, w http.ResponseWriter, r *http.Request) error { return s.issuer.Clear(w, r) },
		"Renew": func(s *site, w http.ResponseWriter, r *http.Request) error {
			s.grants = nil
			return s.issuer.Renew(w, r)
		},
	} {
		s := newSite(t, session.Options{})
		b := &browser{}
		s.grants = longFolders(t, 0, 5, 45)
		b.quiet(t, s)
		w := httptest.NewRecorder()
		r := b.request("app.example.com", "/login")
		if err := errors.Join(first(s, w, r), s.issuer.IssueFor(w, r, longFolders(t, 10, 5, 45)...)); err != nil {
			t.Fatal(err)
		}
		if size := headerSize(w.Header()); size > 3072 {
			t.Errorf("%s, then IssueFor: %d bytes", name, size)
		}
	}
}

// TestAttackPanicAfterClear: a handler that logs out and panics, below a middleware that
// answers with 500. The viewer stays logged in at the CDN, and nobody is told.
func TestAttackPanicAfterClear(t *testing.T) {
	var events []session.Event
	s := newSite(t, session.Options{Observe: func(_ context.Context, e session.Event) { events = append(events, e) }})
	b := &browser{}
	s.grants = longFolders(t, 0, 1, 45)
	b.quiet(t, s)
	events = nil
	w := httptest.NewRecorder()
	func() {
		defer func() {
			_ = recover()
			http.Error(w, "sorry", http.StatusInternalServerError)
		}()
		s.issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := s.issuer.Clear(w, r); err != nil {
				t.Error(err)
			}
			panic("template")
		})).ServeHTTP(w, b.request("app.example.com", "/logout"))
	}()
	b.store("app.example.com", w.Header(), false)
	if open := b.openOf(s.grants); len(open) != 0 && len(events) == 0 {
		t.Errorf("Clear returned nil, %v is open, and there is no event", open)
	}
}

// TestAttackTimeoutOutside: http.TimeoutHandler around the middleware drops the cookies,
// and the event says that they were set.
func TestAttackTimeoutOutside(t *testing.T) {
	var events []session.Event
	done := make(chan bool)
	s := newSite(t, session.Options{Observe: func(_ context.Context, e session.Event) { events = append(events, e) }})
	s.grants = longFolders(t, 0, 1, 45)
	slow := s.issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		time.Sleep(20 * time.Millisecond)
		io.WriteString(w, "page")
	}))
	w := httptest.NewRecorder()
	http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { defer close(done); slow.ServeHTTP(w, r) }), time.Millisecond, "").ServeHTTP(w, (&browser{}).request("app.example.com", "/"))
	<-done
	if len(w.Header()["Set-Cookie"]) != 0 || len(events) != 1 || events[0].Kind != session.Lost {
		t.Errorf("the viewer has %d cookies, and was told %v", len(w.Header()["Set-Cookie"]), events)
	}
}

// TestAttackFalseLost: a handler that answers 200 with nothing, and a framework that
// answers after the handler, as Echo does with errors and Gin with Status.
func TestAttackFalseLost(t *testing.T) {
	failures := 0
	var events []session.Event
	s := newSite(t, session.Options{
		Failed:  func(http.ResponseWriter, *http.Request, error) { failures++ },
		Observe: func(_ context.Context, e session.Event) { events = append(events, e) },
	})
	s.grants = longFolders(t, 0, 1, 45)
	w := httptest.NewRecorder()
	s.issuer.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, (&browser{}).request("app.example.com", "/"))
	if n := len(w.Result().Cookies()); n == 5 && (failures != 0 || len(events) != 1) {
		t.Errorf("%d cookies were set, and Failed was called %d times, Observe with %v", n, failures, events)
	}
}

// TestAttackLowerCase: keys of http.Header that are not canonical, as proxies copy them.
func TestAttackLowerCase(t *testing.T) {
	s := newSite(t, session.Options{})
	s.grants = longFolders(t, 0, 1, 45)
	for _, name := range []string{"cache-control", "surrogate-control", "x-accel-expires", "edge-control", "Expires"} {
		w := httptest.NewRecorder()
		s.issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()[name] = []string{"max-age=3600"}
			io.WriteString(w, "page")
		})).ServeHTTP(w, (&browser{}).request("app.example.com", "/"))
		if w.Header()[name] != nil {
			t.Errorf("%s: %v is left beside %v", name, w.Header()[name], w.Header()["Cache-Control"])
		}
	}
}

// TestAttackFileServer: with Renew, http.ServeFile and http.FileServer remove Cache-Control
// from their errors, and the cookies stay.
func TestAttackFileServer(t *testing.T) {
	s := newSite(t, session.Options{})
	s.grants = longFolders(t, 0, 1, 45)
	w := httptest.NewRecorder()
	r := (&browser{}).request("app.example.com", "/missing")
	if err := s.issuer.Renew(w, r); err != nil {
		t.Fatal(err)
	}
	http.FileServerFS(fstest.MapFS{}).ServeHTTP(w, r)
	if h := w.Result().Header; len(h["Set-Cookie"]) != 0 && h.Get("Cache-Control") != "private, no-store" {
		t.Errorf("%d with %d cookies and Cache-Control %q", w.Code, len(h["Set-Cookie"]), h.Get("Cache-Control"))
	}
}

// TestAttackHTTPPrefix: browsers drop the removal of a cookie with these prefixes if it is
// not HttpOnly. The state stays, and each response removes it.
func TestAttackHTTPPrefix(t *testing.T) {
	for _, name := range []string{"__Http-cfsign", "__Host-Http-cfsign"} {
		s := newSite(t, session.Options{StateCookie: name})
		b := &browser{}
		s.grants = longFolders(t, 0, 1, 45)
		b.quiet(t, s)
		s.grants = nil
		b.quiet(t, s)
	}
}

// TestAttackStripPrefix: below http.StripPrefix (or a proxy that does so), r.URL is not
// what the browser asked for. The page /app/users/alice/ of the application looks like
// one below the path of alice's cookies, and all cookies are set with each response.
func TestAttackStripPrefix(t *testing.T) {
	s := newSite(t, session.Options{})
	b := &browser{}
	s.grants = []session.Grant{folder(t, "alice")}
	page := http.StripPrefix("/app", s.issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "page") })))
	for n := range 3 {
		w := httptest.NewRecorder()
		page.ServeHTTP(w, b.request("app.example.com", "/app/users/alice/profile"))
		b.store("app.example.com", w.Header(), false)
		if got := len(w.Header()["Set-Cookie"]); n > 0 && got != 0 {
			t.Errorf("response %d sets %d cookies again", n+1, got)
		}
	}
}

// TestAttackMaxAge: a MaxAge that is shorter than the renewal. The folders of the first
// response go, and the state of the second one says that everything is in order.
func TestAttackMaxAge(t *testing.T) {
	s := newSite(t, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com", MaxAge: 10 * time.Minute}})
	b := &browser{}
	expires := map[*stored]time.Time{}
	visit := func() {
		b.visit(t, s.issuer.Renew)
		for _, c := range b.cookies {
			if expires[c].IsZero() {
				expires[c] = s.now.Add(time.Duration(c.MaxAge) * time.Second)
			}
		}
	}
	s.grants = longFolders(t, 0, 3, 45)
	visit()
	s.now = s.now.Add(9 * time.Minute)
	visit()
	s.now = s.now.Add(2 * time.Minute)
	b.cookies = slices.DeleteFunc(b.cookies, func(c *stored) bool { return !expires[c].After(s.now) })
	visit()
	visit()
	if open := b.openOf(s.grants); len(open) != 3 {
		t.Errorf("%d of 3 folders are open, and the issuer does nothing", len(open))
	}
}

// TestAttackSwitchRefused: a switch to a user whose grants are refused leaves the folders
// of the user before open, though their removal needs no key.
func TestAttackSwitchRefused(t *testing.T) {
	s := newSite(t, session.Options{})
	b := &browser{}
	alice := longFolders(t, 0, 1, 45)
	s.grants = alice
	b.quiet(t, s)
	s.grants = longFolders(t, 10, 11, 45) // one too many
	w := httptest.NewRecorder()
	if err := s.issuer.Issue(w, b.request("app.example.com", "/login")); err == nil {
		t.Fatal("eleven grants are accepted")
	}
	b.store("app.example.com", w.Header(), false)
	if open := b.openOf(alice); len(open) != 0 {
		t.Errorf("the next user can open %v", open)
	}
}

// TestAttackHint: a hint is an epoch second at which cookies expire.
func TestAttackHint(t *testing.T) {
	s := newSite(t, session.Options{HeaderBudget: 1300, HintCookie: "until", FormerAttributes: []sign.CookieAttributes{{Domain: "example.com"}, {Domain: "app.example.com"}}})
	b := &browser{}
	s.grants = longFolders(t, 0, 1, 45)
	b.visit(t, s.issuer.Renew)
	for _, c := range b.cookies {
		if c.Name == "until" && c.Value == "0" {
			t.Errorf("the hint says %s", c.Value)
		}
	}
}

// TestAttackJSON: an event in JSON has no query.
func TestAttackJSON(t *testing.T) {
	resource, err := policy.PatternFromConfig("https://cdn.example.com/u/7/*?token=secret*")
	if err != nil {
		t.Fatal(err)
	}
	event := session.Event{Kind: session.Renewed, Grants: []session.Grant{{Resource: resource}}}
	text, err := json.Marshal(event)
	if err != nil || strings.Contains(string(text), "secret") {
		t.Errorf("%s, %v", text, err)
	}
}

// TestAttackHijackedFailed: Options.Failed says that it is called if the response was sent
// without the cookies, and doc.go that both hooks are.
func TestAttackHijackedFailed(t *testing.T) {
	lost, failed := 0, 0
	s := newSite(t, session.Options{
		Observe: func(_ context.Context, e session.Event) {
			if e.Kind == session.Lost {
				lost++
			}
		},
		Failed: func(http.ResponseWriter, *http.Request, error) { failed++ },
	})
	s.grants = longFolders(t, 0, 1, 45)
	server := httptest.NewServer(s.issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(connection, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
		connection.Close()
	})))
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	server.Close()
	if lost != failed {
		t.Errorf("Observe was told %d times, and Failed %d times", lost, failed)
	}
}

// TestAttackSHA1WithoutState: another host of the application (or a browser that has lost
// the state) does not remove a Hash-Algorithm that is left over from SHA-256.
func TestAttackSHA1WithoutState(t *testing.T) {
	b := &browser{}
	before := newSite(t, session.Options{})
	before.grants = longFolders(t, 0, 1, 45)
	b.quiet(t, before)
	sha1 := newSiteWith(t, sign.Options{Hash: crypto.SHA1}, session.Options{})
	sha1.grants = before.grants
	b.cookies = slices.DeleteFunc(b.cookies, func(c *stored) bool { return c.Name == "__Host-cfsign" })
	b.quiet(t, sha1)
	for _, c := range b.cookies {
		if c.Name == "CloudFront-Hash-Algorithm" {
			t.Errorf("%s=%s is beside a signature with SHA-1", c.Name, c.Value)
		}
	}
}

// TestAttackParallel: two requests leave with the same pending state, and the grants change
// between them. The second response forgets the folder that the first one has set.
func TestAttackParallel(t *testing.T) {
	s := newSite(t, session.Options{})
	b := &browser{}
	all := longFolders(t, 0, 5, 100)
	s.grants = all[:4]
	b.visit(t, s.issuer.Renew) // two of four
	first, second := b.request("app.example.com", "/a"), b.request("app.example.com", "/b")
	for _, r := range []*http.Request{first, second} {
		w := httptest.NewRecorder()
		if err := s.issuer.Renew(w, r); err != nil {
			t.Fatal(err)
		}
		b.store("app.example.com", w.Header(), false)
		s.grants = []session.Grant{all[0], all[1], all[4]}
	}
	b.quiet(t, s)
	if open := b.openOf(all[2:4]); len(open) != 0 {
		t.Errorf("lost, and open until they expire: %v", open)
	}
}

// TestAttackHints: a reverse proxy that gets early hints from its upstream sends all that
// is in the header with them, and clears it. After Renew the signed cookies go into the
// informational response, and the final one has none.
func TestAttackHints(t *testing.T) {
	s := newSite(t, session.Options{})
	s.grants = longFolders(t, 0, 1, 45)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "page")
	}))
	defer upstream.Close()
	to, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.issuer.Renew(w, r); err != nil {
			t.Error(err)
		}
		httputil.NewSingleHostReverseProxy(to).ServeHTTP(w, r)
	}))
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if n := len(response.Cookies()); n != 5 {
		t.Errorf("Renew returned nil, and the response has %d cookies", n)
	}
}

// FuzzAttackStates: garbage and forged states, several of them, end in quiet and whole sets.
func FuzzAttackStates(f *testing.F) {
	f.Add("2.1.1767203600.0.900.0.0.s/users/a/|O/x/", "2.0.0.ffffffffffffffff.-1.0.65535.S/|r/users/000000/", uint16(3072), byte(2))
	f.Add("2.1.1767203600.0.-2147483648.0.9.s/"+strings.Repeat("a/|o/b", 300), "2", uint16(1800), byte(10))
	f.Fuzz(func(t *testing.T, one, two string, budget uint16, n byte) {
		if (&http.Cookie{Name: "a", Value: one}).Valid() != nil || (&http.Cookie{Name: "a", Value: two}).Valid() != nil || len(one) > 4000 || len(two) > 4000 || budget < 1700 || budget > 16<<10 {
			return
		}
		s := newSite(t, session.Options{HeaderBudget: int(budget), FormerAttributes: []sign.CookieAttributes{{Domain: "example.com", Path: "/old/"}}})
		b := &browser{cookies: []*stored{
			{Cookie: http.Cookie{Name: "__Host-cfsign", Value: one, Path: "/", Domain: "app.example.com"}, hostOnly: true},
		}}
		s.grants = longFolders(t, 0, int(n%11), 45)
		for k := range 70 {
			w := httptest.NewRecorder()
			r := b.request("app.example.com", "/page")
			if k == 0 {
				r.Header.Add("Cookie", "__Host-cfsign="+two)
			}
			if err := s.issuer.Renew(w, r); err != nil {
				t.Fatal(err)
			}
			if len(w.Header()) == 0 && k > 0 {
				break
			}
			if b.store("app.example.com", w.Header(), false); k == 69 {
				t.Fatalf("for ever: %v", w.Header())
			}
		}
		if open := b.openOf(s.grants); len(open) != len(s.grants) {
			t.Fatalf("%d of %d are open", len(open), len(s.grants))
		}
	})
}

// TestAttackFirstResponse: grants that are accepted may be too long to be closed in one
// response. checkBudget asks whether one grant can be set, and not whether all can be lost.
func TestAttackFirstResponse(t *testing.T) {
	s := newSite(t, session.Options{})
	b := &browser{}
	before := longFolders(t, 0, 10, 120)
	s.grants = before
	b.quiet(t, s)
	s.grants = nil
	b.visit(t, s.issuer.Clear)
	if open := b.openOf(before); len(open) != 0 {
		t.Errorf("after the response of the logout %d of 10 folders are open", len(open))
	}
}
