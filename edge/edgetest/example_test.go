// SPDX-License-Identifier: Apache-2.0

package edgetest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/playlist"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// t stands for the parameter of a test.
var t = &exampleT{}

// exampleT prints the failures of a test.
type exampleT struct{ testing.TB }

func (*exampleT) Helper()                           {}
func (*exampleT) Context() context.Context          { return context.Background() }
func (*exampleT) Cleanup(func())                    {}
func (*exampleT) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (*exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (*exampleT) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

var photos = edge.Bucket(fstest.MapFS{
	"a.jpg": {Data: []byte("JPEG")}, "thumbnails/a.jpg": {Data: []byte("JPEG")},
	"users/alice/a.jpg": {Data: []byte("JPEG")}, "users/bob/a.jpg": {Data: []byte("JPEG")},
})

// newApp stands for the constructor of your application, which takes the signer. This one believes
// every name, and gives each user the cookies for their folder.
func newApp(signer *sign.Signer) http.Handler {
	grants := func(r *http.Request) ([]session.Grant, error) {
		user, err := r.Cookie("user")
		if err != nil {
			return nil, nil // no login
		}
		folder, err := policy.Under("https://cdn.example.com/users", user.Value)
		return []session.Grant{{Resource: folder}}, err
	}
	issuer, err := session.New(signer, grants, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	app := http.NewServeMux()
	app.Handle("GET /", issuer.Handler(http.NotFoundHandler()))
	app.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "user", Value: r.PostFormValue("user"), Path: "/", Secure: true, HttpOnly: true})
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	app.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "user", Path: "/", MaxAge: -1, Secure: true, HttpOnly: true})
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	return app
}

// A test of an application with a login: its users see their own files, until they log out or the
// cookies expire.
func Example() {
	cdn := edgetest.New(t, photos)
	cdn.Handle("app.example.com", newApp(cdn.Signer)) // your application

	cdn.PostForm(t, "https://app.example.com/login", url.Values{"user": {"alice"}})
	cdn.Allowed(t, "https://cdn.example.com/users/alice/a.jpg")
	cdn.Denied(t, "https://cdn.example.com/users/bob/a.jpg", verify.ErrMissing) // browsers send no cookies there

	cdn.Clock.Advance(2 * time.Hour)
	cdn.Denied(t, "https://cdn.example.com/users/alice/a.jpg", verify.ErrExpired)
	cdn.Get(t, "https://app.example.com/") // each page renews the cookies
	cdn.Allowed(t, "https://cdn.example.com/users/alice/a.jpg")

	cdn.PostForm(t, "https://app.example.com/logout", nil)
	fmt.Println(cdn.Denied(t, "https://cdn.example.com/users/alice/a.jpg", verify.ErrMissing).Status)
	// Output: 403 Forbidden
}

// A link is allowed until it expires.
func ExampleNew() {
	cdn := edgetest.New(t, photos)
	link := cdn.SignedURL(t, "https://cdn.example.com/a.jpg", time.Hour)
	cdn.Allowed(t, link)

	cdn.Clock.Advance(time.Hour)
	cdn.Denied(t, link, verify.ErrExpired)

	fmt.Println(cdn.Get(t, link).Status)
	// Output: 403 Forbidden
}

// A behavior without a key group trusts the server's key.
func ExampleNewDistribution() {
	cdn := edgetest.NewDistribution(t, edge.Config{
		Default:   edge.Behavior{Origin: photos},
		Behaviors: []edge.Behavior{{PathPattern: "thumbnails/*", Origin: photos, Public: true}},
	})
	fmt.Println(cdn.Denied(t, "https://cdn.example.com/a.jpg", verify.ErrMissing).Status)
	fmt.Println(cdn.Allowed(t, "https://cdn.example.com/thumbnails/a.jpg").Status)
	// Output:
	// 403 Forbidden
	// 200 OK
}

// The decision explains that the application forgot to sign the URL.
func ExampleServer_Handle() {
	cdn := edgetest.New(t, photos)
	cdn.Handle("app.example.com", http.RedirectHandler("https://cdn.example.com/a.jpg", http.StatusFound))

	response := cdn.Get(t, "https://app.example.com/photo")
	fmt.Println(response.Status, cdn.Decision(t, response).Report.Summary())
	// Output: 403 Forbidden denied, MissingKey: unsigned or incompletely signed
}

// An origin that needs the server's signer follows after New. Here, it signs the URLs in a
// playlist, for a player without cookies.
func ExampleServer_Update() {
	files := edge.Bucket(fstest.MapFS{
		"film/index.m3u8": {Data: []byte("#EXTM3U\n#EXTINF:4,\n1.ts\n#EXT-X-ENDLIST\n")},
		"film/1.ts":       {Data: []byte("MPEG")},
	})
	cdn := edgetest.New(t, files)
	credentials := func(r *http.Request) (string, sign.SignedPolicy, error) {
		folder, err := policy.Directory("https://cdn.example.com/film/")
		if err != nil {
			return "", sign.SignedPolicy{}, err
		}
		p, err := policy.Custom(folder, policy.Conditions{Expires: cdn.Clock.Now().Add(time.Hour)})
		if err != nil {
			return "", sign.SignedPolicy{}, err
		}
		signed, err := cdn.Signer.Sign(r.Context(), p)
		return "https://cdn.example.com" + r.URL.EscapedPath(), signed, err
	}
	playlists := playlist.Handler(files, credentials, playlist.Options{})
	cdn.Update(t, edge.Config{
		Default:   edge.Behavior{Origin: files},
		Behaviors: []edge.Behavior{{PathPattern: "*.m3u8", Origin: playlists}},
	})

	link := cdn.SignedURL(t, "https://cdn.example.com/film/index.m3u8", time.Hour)
	body, err := io.ReadAll(cdn.Allowed(t, link).Body)
	if err != nil {
		t.Fatal(err)
	}
	segment := strings.Split(string(body), "\n")[2]
	fmt.Println(cdn.Allowed(t, "https://cdn.example.com/film/"+segment).Status)
	// Output: 200 OK
}

// A login is a form.
func ExampleViewer_PostForm() {
	cdn := edgetest.New(t, photos)
	cdn.Handle("app.example.com", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.PostFormValue("user"))
	}))
	response := cdn.PostForm(t, "https://app.example.com/login", url.Values{"user": {"alice"}})
	fmt.Println(response.Status)
	// Output:
	// POST alice
	// 200 OK
}

// Another viewer has another address and its own cookies.
func ExampleServer_NewViewer() {
	cdn := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Public: true, Origin: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Header.Get("X-Forwarded-For"))
	})}})
	cdn.NewViewer(netip.MustParseAddr("198.51.100.7")).Allowed(t, "https://cdn.example.com/")
	// Output: 198.51.100.7
}
