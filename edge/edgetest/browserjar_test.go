// SPDX-License-Identifier: Apache-2.0

package edgetest_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge/edgetest"
)

// A tour is a site that sets cookies and redirects from page to page. It records the cookies that
// it gets on each page.
type tour struct {
	pages []stop
	done  chan bool

	mu   sync.Mutex
	sent map[string]string // by page
}

// A stop is a page of a tour.
type stop struct {
	url string
	set []string
}

func (o *tour) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	page := "http://" + r.Host + r.URL.EscapedPath()
	if r.TLS != nil {
		page = "https://" + r.Host + r.URL.EscapedPath()
	}
	i := slices.IndexFunc(o.pages, func(s stop) bool { return s.url == page })
	if i < 0 {
		return // an icon, for example
	}
	names := []string{}
	for _, c := range r.Cookies() {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	o.mu.Lock()
	if _, again := o.sent[page]; !again { // Chromium reloads a page after 20 redirects
		o.sent[page] = strings.Join(names, " ")
	}
	o.mu.Unlock()
	for _, line := range o.pages[i].set {
		w.Header().Add("Set-Cookie", line)
	}
	if i+1 == len(o.pages) {
		o.done <- true
		return
	}
	http.Redirect(w, r, o.pages[i+1].url, http.StatusFound)
}

// TestJarIsChromium: a viewer keeps and sends the cookies that Chromium keeps and sends.
func TestJarIsChromium(t *testing.T) {
	everything := []string{
		"plain=1; Path=/",
		"secure=1; Path=/; Secure",
		"__Secure-good=1; Path=/; Domain=DOMAIN; Secure", "__Secure-open=1; Path=/", "__secure-case=1; Path=/",
		"__Host-good=1; Path=/; Secure", "__Host-open=1; Path=/", "__Host-domain=1; Path=/; Secure; Domain=DOMAIN",
		"__Host-path=1; Path=/users/; Secure", "__Host-default=1; Secure", "__hOST-case=1; Path=/users/; Secure",
		"none=1; Path=/; SameSite=None; Secure", "none-open=1; Path=/; SameSite=None", "lax=1; Path=/; SameSite=Lax",
		"partitioned=1; Path=/; Secure; Partitioned", "partitioned-open=1; Path=/; Partitioned",
	}
	set := func(prefix, domain string, more ...string) []string {
		var lines []string
		for _, line := range everything {
			name, rest, _ := strings.Cut(line, "=")
			if domain == "" {
				rest = strings.ReplaceAll(rest, "; Domain=DOMAIN", "")
			}
			lines = append(lines, name+"-"+prefix+"="+strings.ReplaceAll(rest, "DOMAIN", domain))
		}
		return append(lines, more...)
	}
	paths := []string{
		"at-encoded=1; Domain=example.com; Path=/users/A%40example.com/", "at-literal=1; Domain=example.com; Path=/users/A@example.com/",
		"space=1; Domain=example.com; Path=/users/a%20b", "umlaut=1; Domain=example.com; Path=/users/jos%C3%A9/",
		"umlaut-lower=1; Domain=example.com; Path=/users/jos%c3%a9/",
	}
	domains := func(prefix string) []string {
		var lines []string
		for i, domain := range []string{
			"app.example.com", "example.com", ".example.com", "EXAMPLE.com", "example.com.", "..example.com", ".", " example.com ",
			"ample.com", "example.org", "cdn.example.com", "x.app.example.com", "example .com", "\"example.com\"", "exämple.com", "com",
			"https://example.com", "example.com:443", "example.com/", "*.example.com", "co.uk", "app.example.co.uk", "github.io",
			"localhost", ".localhost", "app.localhost", "127.0.0.1", ".127.0.0.1", "127.0.0.1.", "0.0.1", "1", "127.0.0.2",
			"example.com; Domain=com", "com; Domain=example.com", "example.com; Domain=", "; DOMAIN =example.com",
		} {
			lines = append(lines, fmt.Sprintf("%d-%s=1; Path=/domains/; Domain=%s", i, prefix, domain))
		}
		return append(lines, "full-"+prefix+"="+strings.Repeat("a", 4096-len("full-"+prefix)), "over-"+prefix+"="+strings.Repeat("a", 4097-len("over-"+prefix)),
			"quoted-"+prefix+`="`+strings.Repeat("a", 4095-len("quoted-"+prefix))+`"`)
	}
	ends := []string{
		"Max-Age=0", "Max-Age=-1", "Max-Age=00", "Max-Age=+0", "Max-Age=-0", "Max-Age=0.5", "Max-Age=-9x", "Max-Age= 0", `Max-Age="0"`, "Max-Age=", "Max-Age=007",
		"Max-Age=99999999999999999999", "Max-Age=-99999999999999999999", "Max-Age=60; Max-Age=0", "Max-Age=0; Max-Age=x", "MAX-AGE =0",
		"Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
		"Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Expires=Thu, 1 Jan 1970 00:00:00 GMT", "Expires=Thu, 01-Jan-70 00:00:01 GMT", "Expires=Thu Jan  1 00:00:00 1970",
		"Expires=Thursday, 01-Jan-70 00:00:00 GMT", "Expires=Thu, 01-Jan-1970 00:00:00 GMT", "Expires=Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)",
		"Expires=Thu, 01 Jan 1970 00:00:00", "Expires=1970-jan-1T00:00:00Z", "Expires=1970-01-01T00:00:00Z", "Expires=00:00:00Z 1 January 1970", "Expires=1 January 1970 00:00:00 Z", "Expires=00:00:00 1 January 1970", "Expires=1 Jan 1970 00:00:00Z",
		"Expires=1970 Jan 1 00:00:00", "expires=thu, 01 jan 1970 00:00:00 gmt",
		"Expires=0", "Expires=-1", "Expires=", "Expires=1970", "Expires=now", "Expires=Thu, 01 Jan 1970 00:00 GMT", "Expires=Thu, 01 Jan 00:00:00 GMT",
		"Expires=Thu, 1st Jan 1970 00:00:00 GMT", "Expires=Thu, 00 Jan 1970 00:00:00 GMT", "Expires=Thu, 32 Jan 1970 00:00:00 GMT", "Expires=Thu, 30 Feb 1970 00:00:00 GMT",
		"Expires=Thu, 01 Jan 1970 24:00:00 GMT", "Expires=Thu, 01 Jan 1970 00:60:00 GMT", "Expires=Thu, 01 Jan 1970 00:00:60 GMT", "Expires=Thu, 01 Jan 1970 0:0:0 GMT",
		"Expires=Thu, 01 Jan 1601 00:00:00 GMT", "Expires=Thu, 01 Jan 1600 00:00:00 GMT", "Expires=Thu, 01 Jan 0970 00:00:00 GMT", "Expires=Thu, 01 Jan 69 00:00:00 GMT",
		"Expires=Thu, 01 Jan 5 00:00:00 GMT", "Expires=Thu, 01 Jan 99999 00:00:00 GMT", "Expires=Thu, 01 Jan 123456 00:00:00 GMT", "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=0",
		`Expires="Thu, 01 Jan 1970 00:00:00 GMT"`,
	}
	var login, logout []string
	for i, end := range ends {
		login = append(login, fmt.Sprintf("end%02d=1; Path=/ends/", i))
		logout = append(logout, fmt.Sprintf("end%02d=1; Path=/ends/; %s", i, end))
	}
	login = append(login, "forgotten=1; Path=/ends/; Domain=app.example.com", "added=1; Path=/ends/", "two=1; Path=/ends/; Domain=app.example.com", "two=2; Path=/ends/", "path=1; Path=/ends/",
		"__Http-good=1; Path=/ends/; Secure; HttpOnly", "__http-open=1; Path=/ends/; HttpOnly", "__Http-script=1; Path=/ends/; Secure",
		"__Host-Http-good=1; Path=/; Secure; HttpOnly", "__host-http-script=1; Path=/; Secure", "__Host-Http-domain=1; Path=/; Domain=app.example.com; Secure; HttpOnly")
	logout = append(logout, "forgotten=; Path=/ends/; Max-Age=0", "added=; Path=/ends/; Domain=app.example.com; Max-Age=0", "two=; Path=/ends/; Max-Age=0", "path=; Path=/; Max-Age=0")
	pages := []stop{
		{"http://app.example.com/", set("http", "example.com")},
		{"https://app.example.com/", set("https", "example.com", paths...)},
		{"https://app.example.com/users/a%2Fb/page", []string{"default=1"}},
		{"https://app.example.com/users/a%2Fb/other", nil},
		{"https://app.example.com/users/a/b/other", nil},
		{"https://cdn.example.com/users/A%40example.com/a.txt", nil},
		{"https://cdn.example.com/users/A@example.com/a.txt", nil},
		{"https://cdn.example.com/users/a%20b/a.txt", nil},
		{"https://cdn.example.com/users/jos%C3%A9/a.txt", nil},
		{"https://cdn.example.com/users/jos%c3%a9/a.txt", nil},
		{"http://app.example.com/end", nil},
		{"http://localhost/", set("local", "")},
		{"http://localhost/users/", nil},
		{"http://app.localhost/", set("below", "")},
		{"http://app.localhost/users/", nil},
		{"http://127.0.0.1/", set("ip", "")},
		{"http://127.0.0.1/users/", nil},
		{"https://app.example.com/domains/set", domains("name")},
		{"https://app.example.com/domains/", nil},
		{"https://cdn.example.com/domains/", nil},
		{"https://app.example.co.uk/domains/set", domains("registry")},
		{"https://app.example.co.uk/domains/", nil},
		{"https://github.io/domains/set", domains("suffix")},
		{"https://github.io/domains/", nil},
		{"https://app.github.io/domains/set", domains("below-suffix")},
		{"https://app.github.io/domains/", nil},
		{"http://localhost/domains/set", domains("local")},
		{"http://localhost/domains/", nil},
		{"http://app.localhost/domains/set", domains("below-local")},
		{"http://app.localhost/domains/", nil},
		{"http://127.0.0.1/domains/set", domains("address")},
		{"http://127.0.0.1/domains/", nil},
		{"http://127.0.0.1/domains/logout", []string{"26-address=1; Path=/domains/; Max-Age=0"}},
		{"http://127.0.0.1/domains/out", nil},
		{"https://github.io/domains/logout", []string{"22-suffix=1; Path=/domains/; Max-Age=0"}},
		{"https://github.io/domains/out", nil},
		{"https://app.example.com/ends/login", login},
		{"https://app.example.com/ends/in", nil},
		{"https://app.example.com/ends/logout", logout},
		{"https://app.example.com/ends/out", nil},
		{"https://cdn.example.com/ends/out", nil},
		{"https://app.example.com/paths/set", []string{
			"raw=1; Path=/paths/é/", "blank=1; Path=/paths/a b/", "backslash=1; Path=/paths\\x/", "quoted=1; Path=\"/\"", "dots=1; Path=/paths/y/../x/",
			"last=1; Path=/paths/x/; Path=", "first=1; Path=; Path=/paths/x/", "angle=1; Path=/paths/<>/",
		}},
		{"https://app.example.com/paths/%C3%A9/", nil},
		{"https://app.example.com/paths/a%20b/", nil},
		{"https://app.example.com/paths/x/", nil},
		{"https://app.example.com/paths/%3C%3E/", nil},
	}
	hosts := []string{"app.example.com", "cdn.example.com", "app.example.co.uk", "github.io", "app.github.io", "localhost", "app.localhost", "127.0.0.1"}
	visit := func(t *testing.T, browse func(t *testing.T, cdn *edgetest.Server, start string, done chan bool)) map[string]string {
		site := &tour{pages: pages, done: make(chan bool, 10), sent: map[string]string{}}
		cdn := edgetest.New(t, files)
		for _, host := range hosts {
			cdn.Handle(host, site)
		}
		browse(t, cdn, pages[0].url, site.done)
		site.mu.Lock()
		defer site.mu.Unlock()
		return maps.Clone(site.sent)
	}
	got := visit(t, func(t *testing.T, cdn *edgetest.Server, start string, _ chan bool) {
		cdn.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return nil } // the tour is long
		cdn.Get(t, start)
	})
	want := visit(t, func(t *testing.T, cdn *edgetest.Server, start string, done chan bool) {
		command := chromium(t, cdn, t.TempDir(), "--proxy-server="+cdn.ProxyURL())
		command.Args = append(command.Args[:len(command.Args)-1], "--proxy-bypass-list=<-loopback>", "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable", start)
		var output strings.Builder
		command.Stdout, command.Stderr = &output, &output
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-done:
		case <-time.After(2 * time.Minute):
			t.Error("the browser has not come to the last page")
		}
		_ = command.Process.Kill() // it can have ended
		_ = command.Wait()
		if t.Failed() {
			t.Log(&output)
		}
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cookies that are sent (-Chromium +viewer):\n%s", diff)
	}
}
