// SPDX-License-Identifier: Apache-2.0

package edgetest_test

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

var files = edge.Bucket(fstest.MapFS{
	"u/7/a.txt": {Data: []byte("seven")},
	"u/8/a.txt": {Data: []byte("eight")},
})

// TestThreeLines shows how short a user's test is.
func TestThreeLines(t *testing.T) {
	cdn := edgetest.New(t, files)
	link := cdn.SignedURL(t, "https://cdn.example.com/u/7/a.txt", time.Hour)
	cdn.Allowed(t, link)

	cdn.Clock.Advance(2 * time.Hour)
	cdn.Denied(t, link, verify.ErrExpired)
}

// login is an application that sets the cookies of user 7 for every viewer.
func login(t *testing.T, signer *sign.Signer, clock *edgetest.Clock) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		folder, err := policy.Under("https://cdn.example.com/u", "7")
		if err != nil {
			t.Error(err)
			return
		}
		p, err := policy.Custom(folder, policy.Conditions{Expires: clock.Now().Add(time.Hour)})
		if err != nil {
			t.Error(err)
			return
		}
		signed, err := signer.Sign(r.Context(), p)
		if err != nil {
			t.Error(err)
			return
		}
		cookies, err := signed.CookieSet().Cookies(sign.CookieAttributes{Domain: "example.com"})
		if err != nil {
			t.Error(err)
			return
		}
		for _, cookie := range cookies {
			http.SetCookie(w, cookie)
		}
		fmt.Fprint(w, r.RemoteAddr)
	})
}

func TestLogin(t *testing.T) {
	cdn := edgetest.New(t, files)
	cdn.Handle("App.example.com:443", login(t, cdn.Signer, cdn.Clock))
	const seven, eight = "https://cdn.example.com/u/7/a.txt", "https://cdn.example.com/u/8/a.txt"
	cdn.Denied(t, seven, verify.ErrMissing)
	cdn.Get(t, "https://app.example.com/login")
	body, err := io.ReadAll(cdn.Allowed(t, seven).Body)
	if err != nil || string(body) != "seven" {
		t.Errorf("body %q, %v", body, err)
	}
	cdn.Denied(t, eight, verify.ErrWrongResource)
	cdn.Clock.Advance(time.Hour)
	cdn.Denied(t, seven, verify.ErrExpired)

	// Another viewer has another jar.
	cdn.NewViewer(netip.MustParseAddr("192.0.2.9")).Denied(t, seven, verify.ErrMissing)
}

func TestViewerAddress(t *testing.T) {
	cdn := edgetest.New(t, files)
	prefix := netip.MustParsePrefix("192.0.2.1/32")
	resource, err := policy.Directory("http://cdn.example.com/u/")
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Custom(resource, policy.Conditions{Expires: cdn.Clock.Now().Add(time.Hour), SourceIP: &prefix})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := cdn.Signer.Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	link, err := signed.URL("http://cdn.example.com/u/7/a.txt")
	if err != nil {
		t.Fatal(err)
	}
	cdn.Update(t, edge.Config{Default: edge.Behavior{Origin: files, ViewerProtocolPolicy: edge.AllowAll}})
	cdn.Allowed(t, link)
	cdn.NewViewer(netip.MustParseAddr("198.51.100.7")).Denied(t, link, verify.ErrWrongIP)
	cdn.NewViewer(netip.MustParseAddr("2001:db8::1")).Denied(t, link, verify.ErrWrongIP)
}

// A recorder is a test that records its failures.
type recorder struct {
	testing.TB
	failed string
}

type stopped struct{}

func (r *recorder) Helper()                           {}
func (r *recorder) Context() context.Context          { return context.Background() }
func (r *recorder) Errorf(format string, args ...any) { r.failed += fmt.Sprintf(format, args...) }
func (r *recorder) Fatal(args ...any)                 { r.failed += fmt.Sprint(args...); panic(stopped{}) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(stopped{})
}

// failureOf runs a test and returns its failures.
func failureOf(t *testing.T, do func(testing.TB)) string {
	r := &recorder{TB: t}
	func() {
		defer func() {
			if p := recover(); p != nil && p != (stopped{}) {
				panic(p)
			}
		}()
		do(r)
	}()
	return r.failed
}

// TestFailuresExplain: if an expectation fails, the test says why.
func TestFailuresExplain(t *testing.T) {
	cdn := edgetest.NewDistribution(t, edge.Config{
		Default: edge.Behavior{Origin: files},
		Behaviors: []edge.Behavior{{PathPattern: "open/*", Origin: http.NotFoundHandler(), Public: true}, {
			PathPattern: "bad/*", Public: true,
			Origin: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }),
		}},
	})
	cdn.Handle("app.example.com", http.NotFoundHandler())
	cdn.Handle("lost.example.com", http.RedirectHandler("https://cdn.example.com/%zz?Signature=SECRET", http.StatusFound))
	const file = "https://cdn.example.com/u/7/a.txt"
	link := cdn.SignedURL(t, file, time.Hour)
	tests := []struct {
		name string
		do   func(testing.TB)
		want []string // empty: no failure
	}{
		{"allowed", func(t testing.TB) { cdn.Allowed(t, link) }, nil},
		{"denied", func(t testing.TB) { cdn.Denied(t, file, verify.ErrMissing) }, nil},
		{"not allowed", func(t testing.TB) { cdn.Allowed(t, file) }, []string{"got 403 Forbidden, want the request to be allowed", "failed  credential", "hint: The request is not signed"}},
		{"changed", func(t testing.TB) { cdn.Allowed(t, link+"&w=1") }, []string{"without its query"}},
		{"not denied", func(t testing.TB) { cdn.Denied(t, link, verify.ErrExpired) }, []string{`got 200 OK, want the credential to be denied: expired`, "policy: anyone may fetch"}},
		{"denied otherwise", func(t testing.TB) { cdn.Denied(t, file, verify.ErrExpired) }, []string{`denied: expired`, "MissingKey"}},
		{"refused before", func(t testing.TB) { cdn.Denied(t, "http://cdn.example.com/a", verify.ErrMissing) }, []string{"over plain HTTP"}},
		{"public", func(t testing.TB) { cdn.Denied(t, "https://cdn.example.com/open/a", verify.ErrMissing) }, []string{"the behavior is public"}},
		{"not the distribution", func(t testing.TB) { cdn.Allowed(t, "https://app.example.com/") }, []string{"passed to Handle"}},
		{"bad request", func(t testing.TB) { cdn.Allowed(t, "https://cdn.example.com/bad/a") }, []string{"the origin refused it: 400 Bad Request\nallowed: the behavior is public; the origin answered 400"}},
		{"no such file", func(t testing.TB) { cdn.Allowed(t, cdn.SignedURL(t, file+".bak", time.Hour)) }, []string{"the origin refused it: 403 Forbidden\nresponse: \"<?xml", "<Code>AccessDenied</Code>", "; the origin answered 403"}},
		{"no URL for a form", func(t testing.TB) { cdn.PostForm(t, "https://cdn.example.com/\x00", nil) }, []string{"cannot be requested"}},
		{"no reason", func(t testing.TB) { cdn.Denied(t, file, nil) }, []string{"needs a reason"}},
		{"bad redirect", func(t testing.TB) { cdn.Allowed(t, "https://lost.example.com/") }, []string{"Location"}},
		{"not signable", func(t testing.TB) { cdn.SignedURL(t, file+"#a", time.Hour) }, []string{"fragment"}},
		{"loopback", func(t testing.TB) { cdn.Denied(t, "https://127.0.0.1/a", verify.ErrMissing) }, nil},
		{"no URL", func(t testing.TB) { cdn.Allowed(t, "https://cdn.example.com/\x00") }, []string{"cannot be requested"}},
		{"no scheme", func(t testing.TB) { cdn.Allowed(t, "cdn.example.com/a") }, []string{"edgetest: "}},
		{"bad configuration", func(t testing.TB) { cdn.Update(t, edge.Config{}) }, []string{"Default.Origin"}},
		{"bad first configuration", func(t testing.TB) { edgetest.New(t, nil) }, []string{"Default.Origin"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			failed := failureOf(t, tt.do)
			if (failed == "") != (len(tt.want) == 0) {
				t.Fatalf("failed with %q", failed)
			}
			for _, want := range tt.want {
				if !strings.Contains(failed, want) {
					t.Errorf("failed with %q, want %q in it", failed, want)
				}
			}
			if strings.Contains(failed, "SECRET") || strings.Contains(failed, "Signature=M") {
				t.Errorf("the failure repeats a credential: %q", failed)
			}
		})
	}
}

// TestHistory: if no response has set signed cookies, the failure lists what the viewer did before.
func TestHistory(t *testing.T) {
	app := http.NewServeMux()
	app.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("theme") != "" {
			http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
		}
		http.Error(w, "wrong password", http.StatusUnauthorized)
	})
	app.Handle("GET /a%2Fb", http.RedirectHandler("/login", http.StatusSeeOther))
	app.HandleFunc("GET /nameless", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(599) })
	app.HandleFunc("GET /gone", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	app.HandleFunc("GET /signed", func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "CloudFront-Policy", Value: "1"})
	})
	const (
		page    = "https://app.example.com/"
		refused = "before: POST https://app.example.com/login answered 401 Unauthorized\n"
	)
	for _, tt := range []struct {
		name, reason string
		do           func(t testing.TB, v *edgetest.Server)
		want         string
	}{
		{"nothing", "a signed URL needs no request before", func(testing.TB, *edgetest.Server) {}, "not sent: no response has set a cookie\n"},
		{"wrong password", "the query and the form are not repeated", func(t testing.TB, v *edgetest.Server) {
			v.PostForm(t, page+"login?token=SECRET", url.Values{"password": {"SECRET"}})
		}, "not sent: no response has set a cookie\n" + refused},
		{"another cookie", "it is no login", func(t testing.TB, v *edgetest.Server) {
			v.PostForm(t, page+"login", url.Values{"theme": {"dark"}})
		}, "not sent: no response has set signed cookies\n" + refused},
		{
			"redirects", "each request is listed", func(t testing.TB, v *edgetest.Server) { v.Get(t, page+"a%2Fb") },
			"a cookie\nbefore: GET https://app.example.com/a%2Fb answered 303 See Other\nbefore: GET https://app.example.com/login answered 405 Method Not Allowed\n",
		},
		{"Client", "a login with JSON uses it", func(t testing.TB, v *edgetest.Server) {
			response, err := v.Client.Post(page+"login", "application/json", strings.NewReader(`{"password": "SECRET"}`))
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		}, refused},
		{"no response", "the application has failed", func(t testing.TB, v *edgetest.Server) {
			if _, err := v.Client.Get(page + "gone"); err == nil {
				t.Error("there is a response")
			}
		}, "before: GET https://app.example.com/gone got no response\n"},
		{"no name", "a status can have none", func(t testing.TB, v *edgetest.Server) { v.Get(t, page+"nameless") }, "before: GET https://app.example.com/nameless answered 599\n"},
		{"many", "the latest five are enough", func(t testing.TB, v *edgetest.Server) {
			v.Get(t, page+"first")
			for range 5 {
				v.PostForm(t, page+"login", nil)
			}
		}, "a cookie\n" + strings.Repeat(refused, 5)},
		{"signed cookies", "the failure says where they are sent instead", func(t testing.TB, v *edgetest.Server) {
			v.Get(t, page+"signed")
		}, "without a Domain: the host of the request is cdn.example.com\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cdn := edgetest.New(t, files)
			cdn.Handle("app.example.com", app)
			tt.do(t, cdn)
			failed := failureOf(t, func(t testing.TB) { cdn.Allowed(t, "https://cdn.example.com/u/7/a.txt") })
			if !strings.HasSuffix(failed, tt.want) || strings.Contains(failed, "SECRET") {
				t.Errorf("%s: failed with %q, want %q at its end", tt.reason, failed, tt.want)
			}
		})
	}
}

// TestPunycode: with letters beyond ASCII, a host would have two names, so it is refused.
func TestPunycode(t *testing.T) {
	const rule = `the host must be ASCII: write it as Punycode, such as "xn--bcher-kva.example"`
	cdn := edgetest.New(t, files)
	func() {
		defer func() {
			if got := recover(); got != "edgetest: "+rule {
				t.Errorf("Handle panics with %v", got)
			}
		}()
		cdn.Handle("bücher.example", http.NotFoundHandler())
	}()
	cdn.Handle("XN--bcher-kva.example", http.HandlerFunc(setter))
	set(t, cdn, "https://xn--BCHER-kva.example/", "session=1; Path=/; Domain=xn--bcher-kva.example")
	if got := cookiesAt(t, cdn.Viewer, "https://xn--bcher-kva.example/"); len(got) != 1 {
		t.Errorf("the viewer has the cookies %v", got)
	}
	if got := failureOf(t, func(t testing.TB) { cdn.PostForm(t, "https://bücher.example/", nil) }); got != "edgetest: "+rule {
		t.Errorf("the viewer failed with %q", got)
	}
}

// TestObserve: the Observe of the test is called too.
func TestObserve(t *testing.T) {
	var seen []string
	cdn := edgetest.NewDistribution(t, edge.Config{
		Default: edge.Behavior{Origin: files},
		Observe: func(_ context.Context, d edge.Decision) {
			seen = append(seen, fmt.Sprint(d.Request.URL.Path, " ", d.Status))
		},
	})
	cdn.Denied(t, "https://cdn.example.com/u/7/a.txt", verify.ErrMissing)
	if diff := cmp.Diff([]string{"/u/7/a.txt 403"}, seen); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
}

// TestOwnConfiguration: the defaults replace nothing that the test has set, and change nothing in
// its configuration.
func TestOwnConfiguration(t *testing.T) {
	other, err := keys.NewSet(map[string]crypto.PublicKey{"K2OTHER": testkeys.OtherP256().Public()})
	if err != nil {
		t.Fatal(err)
	}
	c := edge.Config{
		Default:   edge.Behavior{Origin: files, TrustedKeyGroups: []keys.Set{other}},
		Behaviors: []edge.Behavior{{PathPattern: "u/*", Origin: files}},
		Clock:     func() time.Time { return time.Now().Add(48 * time.Hour) },
	}
	cdn := edgetest.NewDistribution(t, c)
	cdn.Denied(t, cdn.SignedURL(t, "https://cdn.example.com/a.txt", 72*time.Hour), verify.ErrUnknownKey)
	cdn.Denied(t, cdn.SignedURL(t, "https://cdn.example.com/u/7/a.txt", time.Hour), verify.ErrExpired)
	cdn.Allowed(t, cdn.SignedURL(t, "https://cdn.example.com/u/7/a.txt", 72*time.Hour))
	if c.Behaviors[0].TrustedKeyGroups != nil {
		t.Error("the server has changed the configuration of the test")
	}
}

// TestHandledHosts: the case of a host, its port and a dot at its end do not matter.
func TestHandledHosts(t *testing.T) {
	cdn := edgetest.New(t, files)
	cdn.Handle("App.example.com.", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for _, host := range []string{"app.example.com", "app.example.com.", "APP.example.com", "app.example.com:8443"} {
		if response := cdn.Get(t, "https://"+host+"/"); response.StatusCode != http.StatusTeapot {
			t.Errorf("%s: %s", host, response.Status)
		}
	}
}

// TestProtocols: a viewer speaks HTTP/2 with TLS, as browsers do with CloudFront.
func TestProtocols(t *testing.T) {
	cdn := edgetest.New(t, files)
	cdn.Handle("app.example.com", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	for rawURL, want := range map[string]string{"https://app.example.com/": "HTTP/2.0", "http://app.example.com/": "HTTP/1.1"} {
		if got, err := io.ReadAll(cdn.Get(t, rawURL).Body); err != nil || string(got) != want {
			t.Errorf("%s: %s, want %s, %v", rawURL, got, want, err)
		}
	}
}

// TestManyDecisions: the server keeps as many decisions as the comment of Decision says.
func TestManyDecisions(t *testing.T) {
	cdn := edgetest.New(t, files)
	first := cdn.Denied(t, "https://cdn.example.com/a", verify.ErrMissing)
	for i := range 10_000 {
		if i == 9_999 {
			cdn.Decision(t, first)
		}
		r, err := http.NewRequest(http.MethodGet, "https://cdn.example.com/a", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.RequestURI = "/a"
		cdn.Distribution.ServeHTTP(discard{http.Header{}}, r)
	}
	if failed := failureOf(t, func(t testing.TB) { cdn.Decision(t, first) }); !strings.Contains(failed, "no decision is known") {
		t.Errorf("failed with %q", failed)
	}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

func TestAddress(t *testing.T) {
	cdn := edgetest.New(t, files)
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(cdn.AuthorityPEM()) {
		t.Fatal("the authority's certificate cannot be read")
	}
	tomorrow := func() time.Time { return time.Now().Add(23 * time.Hour) }
	connection, err := tls.Dial("tcp", cdn.Address(), &tls.Config{ServerName: "any.example.com", RootCAs: authorities, Time: tomorrow})
	if err != nil {
		t.Fatal(err)
	}
	connection.Close()
	if connection, err := tls.Dial("tcp", edgetest.New(t, files).Address(), &tls.Config{ServerName: "any.example.com", RootCAs: authorities}); err == nil {
		connection.Close()
		t.Error("another server has the same authority")
	}
}

func TestClock(t *testing.T) {
	var c edgetest.Clock
	near := func(want time.Time) {
		t.Helper()
		if d := c.Now().Sub(want); d < 0 || d > time.Minute {
			t.Errorf("the clock shows %v, want %v", c.Now(), want)
		}
	}
	near(time.Now().Add(-time.Second))
	c.Advance(time.Hour)
	near(time.Now().Add(time.Hour - time.Second))
	c.Set(time.Unix(1767290400, 0))
	near(time.Unix(1767290400-1, 0))
}
