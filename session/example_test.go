// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// userOf returns the user that the authentication has left in a header. Yours may leave it
// in the request's context.
func userOf(r *http.Request) string { return r.Header.Get("X-Demo-User") }

// authenticate, logIn and logOut stand for your authentication.
func authenticate(next http.Handler) http.Handler { return next }

func logIn(http.ResponseWriter, *http.Request) ([]session.Grant, error) {
	folder, err := policy.Under("https://cdn.example.com/users", "alice")
	return []session.Grant{{Resource: folder}}, err
}

func logOut(http.ResponseWriter, *http.Request) error { return nil }

// answer stands for your error page.
func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, "try again later", http.StatusServiceUnavailable)
	}
}

func newIssuer() *session.Issuer {
	key, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	issuer, err := session.New(signer, func(r *http.Request) ([]session.Grant, error) {
		user := userOf(r) // from your authentication
		if user == "" {
			return nil, nil // not logged in
		}
		folder, err := policy.Under("https://cdn.example.com/users", user)
		return []session.Grant{{Resource: folder}}, err
	}, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	return issuer
}

// Example is an application: a login, a page with the middleware, and a logout.
func Example() {
	issuer, mux, app := newIssuer(), http.NewServeMux(), http.NotFoundHandler()
	mux.Handle("/", authenticate(issuer.Handler(app))) // every page
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		grants, err := logIn(w, r)
		if err == nil {
			err = issuer.IssueFor(w, r, grants...)
		}
		answer(w, err)
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		answer(w, errors.Join(logOut(w, r), issuer.Clear(w, r)))
	})

	for _, path := range []string{"/login", "/logout"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "https://app.example.com"+path, nil))
		fmt.Println(path, w.Code, len(w.Result().Cookies()) != 0)
	}
	// Output:
	// /login 200 true
	// /logout 200 true
}

func request(user string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://app.example.com/", nil)
	r.Header.Set("X-Demo-User", user)
	return r
}

// New returns an error if an option is invalid. The error of package sign says why.
func ExampleNew() {
	grants := func(*http.Request) ([]session.Grant, error) { return nil, nil }
	_, err := session.New(nil, grants, session.Options{Attributes: sign.CookieAttributes{Domain: "co.uk"}})
	fmt.Println(errors.Is(err, session.ErrOptions), errors.Is(err, sign.ErrCookie))
	// Output: true true
}

// Put the middleware behind your authentication and around all pages.
func ExampleIssuer_Handler() {
	issuer := newIssuer()
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := session.Failure(r.Context()); err != nil {
			http.Error(w, "your files cannot be shown at the moment", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "your files")
	})
	w := httptest.NewRecorder()
	issuer.Handler(page).ServeHTTP(w, request("alice"))
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge >= 0 {
			fmt.Println(cookie.Name, cookie.Path)
		}
	}
	// Output:
	// CloudFront-Policy /users/alice/
	// CloudFront-Signature /users/alice/
	// CloudFront-Key-Pair-Id /users/alice/
	// CloudFront-Hash-Algorithm /users/alice/
	// __Host-cfsign /
}

// At login, Issue sets the cookies, whatever cookies the viewer has.
func ExampleIssuer_Issue() {
	issuer := newIssuer()
	w := httptest.NewRecorder()
	err := issuer.Issue(w, request("alice"))
	fmt.Println(w.Header().Get("Cache-Control"), err)

	err = issuer.Issue(httptest.NewRecorder(), request(".."))
	fmt.Println(errors.Is(err, session.ErrGrants), errors.Is(err, policy.ErrSegment))

	err = issuer.Issue(httptest.NewRecorder(), request("")) // not logged in yet
	fmt.Println(errors.Is(err, session.ErrNoGrants))
	// Output:
	// private, no-store <nil>
	// true true
	// true
}

// At login, your handler knows the user, and the request does not have it yet.
func ExampleIssuer_IssueFor() {
	issuer := newIssuer()
	login := func(w http.ResponseWriter, r *http.Request) {
		user := r.FormValue("user") // after you have checked the password
		folder, err := policy.Under("https://cdn.example.com/users", user)
		if err == nil {
			err = issuer.IssueFor(w, r, session.Grant{Resource: folder})
		}
		if err != nil {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "https://app.example.com/login?user=alice", nil)
	w := httptest.NewRecorder()
	login(w, r)
	fmt.Println(w.Code, len(w.Result().Cookies()))
	// Output: 200 5
}

// At logout, Clear removes the cookies.
func ExampleIssuer_Clear() {
	issuer := newIssuer()
	w := httptest.NewRecorder()
	if err := issuer.Clear(w, request("alice")); err != nil {
		log.Fatal(err)
	}
	for _, line := range w.Header()["Set-Cookie"][:2] {
		fmt.Println(line)
	}
	// Output:
	// CloudFront-Signature=; Path=/users/alice/; Domain=example.com; Max-Age=0; Secure
	// CloudFront-Policy=; Path=/users/alice/; Domain=example.com; Max-Age=0; Secure
}

// If a framework has its own authentication, call Renew where you know the user.
func ExampleIssuer_Renew() {
	issuer := newIssuer()
	w := httptest.NewRecorder()
	err := issuer.Renew(w, request("alice"))
	fmt.Println(len(w.Result().Cookies()), err)

	w = httptest.NewRecorder()
	err = issuer.Renew(w, request("")) // not logged in
	fmt.Println(len(w.Result().Cookies()), err)
	// Output:
	// 5 <nil>
	// 0 <nil>
}

// Use HeaderWriter with servers other than net/http's. With Fiber, write
// session.HeaderWriter(&c.Response().Header).
func ExampleHeaderWriter() {
	header := http.Header{} // the header of a response of a Lambda function
	err := newIssuer().Renew(session.HeaderWriter(header), request("alice"))
	fmt.Println(len(header["Set-Cookie"]), header.Get("Cache-Control"), err)
	// Output: 5 private, no-store <nil>
}

// Failure tells the next handler why there are no cookies.
func ExampleFailure() {
	page := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(errors.Is(session.Failure(r.Context()), session.ErrGrants))
	})
	newIssuer().Handler(page).ServeHTTP(httptest.NewRecorder(), request(".."))
	// Output: true
}
