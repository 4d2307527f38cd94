// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// headerSize returns how many bytes the issuer has added to a header.
func headerSize(h http.Header) int {
	size := 0
	for name, values := range h {
		for _, value := range values {
			size += len(name) + len(": ") + len(value) + len("\r\n")
		}
	}
	return size
}

// answer calls a method of the issuer, gives the cookies to the browser, and returns the
// header.
func (s *site) answer(t testing.TB, method func(http.ResponseWriter, *http.Request) error) http.Header {
	t.Helper()
	w := httptest.NewRecorder()
	if err := method(w, s.request()); err != nil {
		t.Fatal(err)
	}
	s.keep(w.Result().Cookies())
	return w.Header()
}

// open returns the paths of folders that the browser can open, and ignores the rest.
func (s *site) open() []string {
	paths := []string{}
	for _, cookie := range s.jar {
		if cookie.Name == "CloudFront-Signature" {
			paths = append(paths, cookie.Path)
		}
	}
	slices.Sort(paths)
	return paths
}

// uuids returns folders with realistic names.
func uuids(t testing.TB, first, n int) (grants []session.Grant, paths []string) {
	for i := range n {
		name := fmt.Sprintf("3f2504e0-4f89-11d3-9a0c-%012x", uint64(first+i)*0x9e3779b97f4a%0xffffffffffff)
		grants, paths = append(grants, folder(t, name)), append(paths, "/users/"+name+"/")
	}
	slices.Sort(paths)
	return grants, paths
}

// TestHeaderBudget: every response fits in the default limit of nginx, even with many
// folders. The first response closes all lost folders, and the rest follows.
func TestHeaderBudget(t *testing.T) {
	for _, key := range []string{"P-256", "RSA"} {
		for _, budget := range []int{0, 12 << 10} {
			for n := 1; n <= 10; n++ {
				t.Run(fmt.Sprint(key, " ", n, " ", budget), func(t *testing.T) {
					s := newSite(t, session.Options{HeaderBudget: budget})
					if key == "RSA" {
						if err := s.signer.Rotate(t.Context(), "K2RSA", testkeys.RSA()); err != nil {
							t.Fatal(err)
						}
					}
					most := budget
					if budget == 0 {
						most = 3072
					}
					steps := []string{}
					settle := func(step string, method func(http.ResponseWriter, *http.Request) error, want []string) {
						t.Helper()
						first, largest, responses := s.answer(t, method), 0, 1
						if size := headerSize(first); size > most {
							t.Errorf("%s: %d bytes", step, size)
						}
						for _, path := range s.open() {
							if !slices.Contains(want, path) {
								t.Errorf("%s: after the first response %s is open", step, path)
							}
						}
						largest = headerSize(first)
						for ; responses < 40; responses++ {
							header := s.answer(t, s.issuer.Renew)
							if len(header) == 0 {
								break
							}
							if largest = max(largest, headerSize(header)); largest > most {
								t.Errorf("%s: %d bytes", step, largest)
							}
						}
						if diff := cmp.Diff(want, s.signedPaths(t)); diff != "" {
							t.Errorf("%s: folders (-want +got):\n%s", step, diff)
						}
						if responses == 40 || budget != 0 && n <= 4 && responses != 1 {
							t.Errorf("%s took %d responses", step, responses)
						}
						steps = append(steps, fmt.Sprintf("%s %d bytes in %d", step, largest, responses))
					}
					grants, paths := uuids(t, 0, n)
					others, otherPaths := uuids(t, 100, n)
					s.grants = grants
					settle("login", s.issuer.Issue, paths)
					s.grants = others
					settle("exchange", s.issuer.Renew, otherPaths)
					logout := func(w http.ResponseWriter, r *http.Request) error {
						err := s.issuer.Clear(w, r)
						s.grants = nil
						return err
					}
					settle("logout", logout, []string{})
					if len(s.jar) != 0 {
						t.Errorf("left over: %v", s.jar)
					}
					t.Log(strings.Join(steps, "; "))
				})
			}
		}
	}
}

// TestBudgetLife goes through random lives of a browser, with other grants, keys, options
// and clocks, and does not always wait until everything is done.
func TestBudgetLife(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		options := []session.Options{
			{},
			{HeaderBudget: 2047},
			{HintCookie: "until"},
			{Attributes: sign.CookieAttributes{Domain: "cdn.example.com"}, FormerAttributes: []sign.CookieAttributes{{Domain: "example.com"}}},
		}
		var s *site
		restart := func() {
			o := options[random.IntN(len(options))]
			if o.HeaderBudget == 0 {
				o.HeaderBudget = 1792 + random.IntN(4)*512
			}
			next := newSite(t, o)
			if s != nil {
				next.jar, next.grants = s.jar, s.grants
				next.set(s.now())
			}
			s = next
		}
		restart()
		pool, _ := uuids(t, 0, 20)
		paths := func() []string {
			paths := []string{}
			for _, g := range s.grants {
				paths = append(paths, strings.TrimSuffix(strings.TrimPrefix(g.Resource.String(), "https://cdn.example.com"), "*"))
			}
			slices.Sort(paths)
			return paths
		}
		check := func(http.Header) {
			t.Helper()
			for _, path := range s.open() {
				n := slices.IndexFunc(s.grants, func(g session.Grant) bool { return strings.Contains(g.Resource.String(), path) })
				if n < 0 {
					t.Fatalf("seed %d: %s is open", seed, path)
				}
				document, err := wire.Decode(s.jar["CloudFront-Policy "+path].Value)
				if err != nil {
					t.Fatal(err)
				}
				if narrowed := strings.Contains(string(document), "IpAddress"); narrowed != (s.grants[n].SourceIP != nil) {
					t.Fatalf("seed %d: %s is open for one range: %t", seed, path, narrowed)
				}
			}
		}
		office := netip.MustParsePrefix("192.0.2.0/24")
		for range 30 {
			switch random.IntN(8) {
			case 7:
				for n := range s.grants {
					s.grants[n].SourceIP = nil
					if random.IntN(2) == 0 {
						s.grants[n].SourceIP = &office
					}
				}
			case 0:
				random.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
				s.grants = slices.Clone(pool[:random.IntN(11)])
			case 1:
				s.advance(time.Duration(random.Int64N(int64(2 * time.Hour))))
			case 2:
				if err := s.signer.Rotate(t.Context(), fmt.Sprint("K", random.IntN(1000)), testkeys.P256()); err != nil {
					t.Fatal(err)
				}
			case 3:
				s.answer(t, s.issuer.Clear)
				if open := s.open(); len(open) != 0 {
					t.Fatalf("seed %d: after a logout %v is open", seed, open)
				}
			case 4:
				if len(s.grants) > 0 {
					check(s.answer(t, s.issuer.Issue))
				}
			default:
				check(s.answer(t, s.issuer.Renew))
			}
		}
		s.settle(t)
		if diff := cmp.Diff(paths(), s.signedPaths(t)); diff != "" {
			t.Fatalf("seed %d: folders (-want +got):\n%s", seed, diff)
		}
	}
}

// TestBudgetDeploy: after a deployment with another Domain no old cookie is left. The jar
// knows the Domain here.
func TestBudgetDeploy(t *testing.T) {
	former := []sign.CookieAttributes{{Domain: "example.com"}, {Domain: "example.com", Path: "/old/"}}
	before := newSite(t, session.Options{})
	grants, _ := uuids(t, 0, 6)
	before.grants = grants
	before.settle(t)
	after := newSite(t, session.Options{Attributes: sign.CookieAttributes{Domain: "cdn.example.com"}, FormerAttributes: former, HeaderBudget: 1600})
	after.grants, after.jar = grants[3:], map[string]*http.Cookie{}
	jar := map[string]*http.Cookie{}
	for _, c := range before.jar {
		jar[c.Name+" "+c.Domain+" "+c.Path] = c
	}
	jar["CloudFront-Expires example.com /old/"] = &http.Cookie{}
	for range 30 {
		after.jar["__Host-cfsign /"] = jar["__Host-cfsign  /"]
		w := httptest.NewRecorder()
		if err := after.issuer.Renew(w, after.request()); err != nil {
			t.Fatal(err)
		}
		for _, c := range w.Result().Cookies() {
			key := c.Name + " " + c.Domain + " " + c.Path
			if delete(jar, key); c.MaxAge >= 0 {
				jar[key] = c
			}
		}
		for key := range jar { // The browser would send both on one path together.
			path := key[strings.LastIndexByte(key, ' '):]
			if strings.Contains(key, " cdn.example.com ") && jar["CloudFront-Policy example.com"+path] != nil {
				t.Fatalf("%s is set next to the one for example.com", key)
			}
		}
		if size := headerSize(w.Header()); size > 1600 {
			t.Errorf("%d bytes", size)
		}
	}
	if len(jar) != 3*4+1 {
		t.Errorf("the browser has %d cookies", len(jar))
	}
	for key := range jar {
		if strings.Contains(key, " example.com ") {
			t.Errorf("%s is left over", key)
		}
	}
}

// TestNarrowed: if a grant on the same path allows less than before, the first response
// closes the folder, even if the new cookies do not fit.
func TestNarrowed(t *testing.T) {
	s := newSite(t, session.Options{})
	var paths []string
	s.grants, paths = uuids(t, 0, 8)
	s.settle(t)
	office := netip.MustParsePrefix("192.0.2.0/24")
	for n := range s.grants {
		s.grants[n].SourceIP = &office
	}
	s.answer(t, s.issuer.Renew)
	for _, path := range s.open() {
		document, err := wire.Decode(s.jar["CloudFront-Policy "+path].Value)
		if err != nil || !strings.Contains(string(document), "IpAddress") {
			t.Errorf("%s is open foreverybody: %s, %v", path, document, err)
		}
	}
	s.settle(t)
	if diff := cmp.Diff(paths, s.signedPaths(t)); diff != "" {
		t.Errorf("folders (-want +got):\n%s", diff)
	}
}

// TestWhatStays: a change touches only its own folders, and a renewal closes no folder in
// between.
func TestWhatStays(t *testing.T) {
	s := newSite(t, session.Options{})
	all, paths := uuids(t, 0, 8)
	s.grants = all[:7]
	s.settle(t)
	s.grants = all
	if set, cleared := s.renew(t); set != 5 || cleared != 0 {
		t.Errorf("for one more folder, %d cookies are set and %d removed", set, cleared)
	}
	s.grants = all[1:]
	if set, cleared := s.renew(t); set != 1 || cleared != 4 {
		t.Errorf("for one folder less, %d cookies are set and %d removed", set, cleared)
	}
	s.grants = all
	s.settle(t)
	for _, name := range []string{"renewal", "rotation"} {
		if name == "rotation" {
			if err := s.signer.Rotate(t.Context(), "K2OTHER", testkeys.P256()); err != nil {
				t.Fatal(err)
			}
		} else {
			s.advance(50 * time.Minute)
		}
		responses := 0
		for ; len(s.answer(t, s.issuer.Renew)) != 0 && responses < 20; responses++ {
			if diff := cmp.Diff(paths, s.signedPaths(t)); diff != "" {
				t.Errorf("during a %s (-want +got):\n%s", name, diff)
			}
		}
		if responses > 4 {
			t.Errorf("the %s took %d responses", name, responses)
		}
	}
}

// TestFolderAbove: before a folder above others gets its cookies, all cookies of the others
// are removed, because browsers would send both.
func TestFolderAbove(t *testing.T) {
	s := newSite(t, session.Options{HeaderBudget: 2000})
	s.grants, _ = uuids(t, 0, 8)
	s.settle(t)
	above, err := policy.Directory("https://cdn.example.com/users/")
	if err != nil {
		t.Fatal(err)
	}
	s.grants = []session.Grant{{Resource: above}}
	for range 10 {
		s.answer(t, s.issuer.Renew)
		for key := range s.jar {
			if s.jar["CloudFront-Policy /users/"] != nil && strings.Contains(key, " /users/3") {
				t.Fatalf("%s is sent with the cookies for /users/", key)
			}
		}
	}
	if diff := cmp.Diff([]string{"/users/"}, s.signedPaths(t)); diff != "" {
		t.Errorf("folders (-want +got):\n%s", diff)
	}
}

// TestIssueAgain: a login sets cookies again, even if some are still pending.
func TestIssueAgain(t *testing.T) {
	s := newSite(t, session.Options{})
	grants, paths := uuids(t, 0, 4)
	s.grants = grants
	s.answer(t, s.issuer.Issue)
	before := s.open()
	header := s.answer(t, s.issuer.Issue)
	if diff := cmp.Diff(before, s.open()); diff != "" || len(header["Set-Cookie"]) != 4*len(before)+1 {
		t.Errorf("%d lines, folders (-want +got):\n%s", len(header["Set-Cookie"]), diff)
	}
	s.settle(t)
	if diff := cmp.Diff(paths, s.signedPaths(t)); diff != "" {
		t.Errorf("folders (-want +got):\n%s", diff)
	}
}

// TestHeaderTooSmall: cookies that can never fit are an error that names the setting, and
// a logout still works.
func TestHeaderTooSmall(t *testing.T) {
	s := newSite(t, session.Options{HeaderBudget: 1536})
	s.grants = []session.Grant{folder(t, strings.Repeat("a", 200))}
	err := s.issuer.Renew(httptest.NewRecorder(), s.request())
	if !errors.Is(err, session.ErrHeader) || !strings.Contains(err.Error(), "proxy_buffer_size") || !strings.Contains(err.Error(), "HeaderBudget is 1536") {
		t.Errorf("got %v", err)
	}
	large := newSite(t, session.Options{})
	large.grants = s.grants
	large.settle(t)
	s.jar = large.jar
	if s.answer(t, s.issuer.Clear); len(s.open()) != 0 {
		t.Error("the folder is open after the logout")
	}
	s.grants = nil
	s.settle(t)
	if len(s.jar) != 0 {
		t.Errorf("left over: %v", s.jar)
	}
}

// TestPathsInTheState: the state keeps any path unchanged.
func TestPathsInTheState(t *testing.T) {
	var resources []policy.Resource
	for _, name := range []string{"a,b", "a;b", "a|b", "a!b", "!0", "!1!2", "a.b", "a=b", "a&b+c", "ä", "%", "a'b", "(a)", "@:$", "~_-"} {
		resource, err := policy.UnderForLiteralOrigin("https://cdn.example.com/users", name)
		if err != nil {
			t.Fatal(err)
		}
		resources = append(resources, resource)
	}
	for _, pattern := range []string{"/a,b/*", "/a!0b/*", "/a!b,c!1/*", "/$a(b)@:=/*"} { // as a path may be written
		resource, err := policy.PatternFromConfig("https://cdn.example.com" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		resources = append(resources, resource)
	}
	for _, resource := range resources {
		s := newSite(t, session.Options{})
		s.grants = []session.Grant{{Resource: resource}}
		s.renew(t)
		if set, _ := s.renew(t); set != 0 {
			t.Errorf("%s: %d cookies are set again", resource, set)
		}
		s.grants = nil
		s.renew(t)
		if len(s.jar) != 0 {
			t.Errorf("%s: left over: %v", resource, s.jar)
		}
	}
}

// TestNoDoubles: a response has one line for each cookie.
func TestNoDoubles(t *testing.T) {
	s := newSite(t, session.Options{})
	s.grants, _ = uuids(t, 0, 2)
	s.settle(t)
	office := netip.MustParsePrefix("192.0.2.0/24")
	s.grants[0].SourceIP = &office
	seen := map[string]bool{}
	for _, line := range s.answer(t, s.issuer.Renew)["Set-Cookie"] {
		cookie, err := http.ParseSetCookie(line)
		if err != nil || seen[cookie.Name+cookie.Path] {
			t.Errorf("twice: %s, %v", line, err)
		}
		seen[cookie.Name+cookie.Path] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d cookies are set or removed", len(seen))
	}
}
