// SPDX-License-Identifier: Apache-2.0

package proxies_test

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge/edgetest"
)

const (
	appURL = "https://app.example.com/"
	// mostPages is the largest number of pages that a visitor opens to get all cookies.
	mostPages = 30
)

// A visitor is a browser that visits the application, behind a front, and the distribution.
type visitor struct {
	*testing.T
	viewer *edgetest.Viewer
	front  runningFront
	app    *application
}

func newVisitor(t *testing.T, cdn *edgetest.Server, app *application, f runningFront) *visitor {
	t.Helper()
	viewer := cdn.NewViewer(netip.MustParseAddr("192.0.2.1"))
	viewer.Client.Transport = &network{files: viewer.Client.Transport, pages: &http.Transport{
		DialContext: func(ctx context.Context, protocol, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, protocol, f.address)
		},
	}}
	viewer.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(viewer.Client.CloseIdleConnections)
	return &visitor{t, viewer, f, app}
}

// A network leads to the front and to the distribution. TLS ends before the front.
type network struct{ pages, files http.RoundTripper }

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "app.example.com" {
		return n.files.RoundTrip(r)
	}
	r = r.Clone(r.Context())
	r.URL.Scheme = "http"
	return n.pages.RoundTrip(r)
}

// CloseIdleConnections is for http.Client.
func (n *network) CloseIdleConnections() {
	for _, transport := range []http.RoundTripper{n.pages, n.files} {
		transport.(interface{ CloseIdleConnections() }).CloseIdleConnections()
	}
}

// post sends a form of the application and returns the Set-Cookie lines of the response.
func (v *visitor) post(path string, form url.Values) []string {
	v.Helper()
	response, err := v.viewer.Client.PostForm(appURL+path, form)
	if err != nil {
		v.Fatal(err)
	}
	defer response.Body.Close()
	v.check(response)
	return response.Header["Set-Cookie"]
}

// open opens a page of the application and reports whether the response sets cookies.
func (v *visitor) open() bool {
	v.Helper()
	response := v.viewer.Get(v, appURL)
	v.check(response)
	return len(response.Header["Set-Cookie"]) > 0
}

// check ends the test at the first error, such as a proxy's 502.
func (v *visitor) check(response *http.Response) {
	v.Helper()
	if response.StatusCode >= http.StatusBadRequest {
		v.Fatalf("%s %s: %s; the application's response header had %d bytes\n%s", response.Request.Method, response.Request.URL.Path, response.Status, v.app.headers.take(), v.front.output)
	}
}

// openAll opens pages until a response sets no cookies, and returns the number of pages that
// did.
func (v *visitor) openAll() int {
	v.Helper()
	for n := range mostPages {
		if !v.open() {
			return n
		}
	}
	v.Fatalf("the %dth page still sets cookies", mostPages)
	return 0
}

// expect checks that the given folders are open and the others are not.
func (v *visitor) expect(when string, open ...string) {
	v.Helper()
	want, got := map[string]int{}, map[string]int{}
	for _, set := range []string{"a", "b"} {
		for _, folder := range folders(set, most) {
			want[folder] = http.StatusForbidden
			if slices.Contains(open, folder) {
				want[folder] = http.StatusOK
			}
			got[folder] = v.viewer.Get(v, urlOf(folder)).StatusCode
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		v.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

// expectClosed checks that none of the folders is open.
func (v *visitor) expectClosed(when string, folders []string) {
	v.Helper()
	want, got := map[string]int{}, map[string]int{}
	for _, folder := range folders {
		want[folder], got[folder] = http.StatusForbidden, v.viewer.Get(v, urlOf(folder)).StatusCode
	}
	if diff := cmp.Diff(want, got); diff != "" {
		v.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

// expectNoCookies checks that the browser has no cookies.
func (v *visitor) expectNoCookies() {
	v.Helper()
	if diff := cmp.Diff([]string(nil), v.cookies()); diff != "" {
		v.Errorf("cookies are left (-want +got):\n%s", diff)
	}
}

// cookies returns the names of all cookies that the browser has.
func (v *visitor) cookies() []string {
	v.Helper()
	names := map[string]bool{}
	addresses := []string{appURL}
	for _, set := range []string{"a", "b"} {
		for _, folder := range folders(set, most) {
			addresses = append(addresses, urlOf(folder))
		}
	}
	for _, address := range addresses {
		parsed, err := url.Parse(address)
		if err != nil {
			v.Fatal(err)
		}
		for _, cookie := range v.viewer.Client.Jar.Cookies(parsed) {
			names[cookie.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// become makes the application take the visitor for another user, as if the user's data
// changed.
func (v *visitor) become(user string) {
	v.Helper()
	app, err := url.Parse(appURL)
	if err != nil {
		v.Fatal(err)
	}
	v.viewer.Client.Jar.SetCookies(app, []*http.Cookie{{Name: loginCookie, Value: user, Path: "/", Secure: true}})
}
