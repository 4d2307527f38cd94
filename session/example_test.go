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

// grants returns what the user may fetch whom the authentication in front has put into a
// header. Yours may be in the request's context.
func grants(r *http.Request) ([]session.Grant, error) {
	user := r.Header.Get("X-Demo-User")
	if user == "" {
		return nil, nil
	}
	folder, err := policy.Under("https://cdn.example.com/users", user)
	if err != nil {
		return nil, err
	}
	return []session.Grant{{Resource: folder}}, nil
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
	issuer, err := session.New(signer, grants, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	return issuer
}

func request(user string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://app.example.com/", nil)
	r.Header.Set("X-Demo-User", user)
	return r
}

// New checks the options.
func ExampleNew() {
	_, err := session.New(nil, grants, session.Options{Attributes: sign.CookieAttributes{Domain: "co.uk"}})
	fmt.Println(errors.Is(err, session.ErrOptions), errors.Is(err, sign.ErrCookie))
	// Output: true true
}

// The middleware goes behind the authentication, in front of everything else.
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

// At login, Issue sets the cookies whatever the viewer has.
func ExampleIssuer_Issue() {
	issuer := newIssuer()
	w := httptest.NewRecorder()
	err := issuer.Issue(w, request("alice"))
	fmt.Println(w.Header().Get("Cache-Control"), err)

	err = issuer.Issue(httptest.NewRecorder(), request(".."))
	fmt.Println(errors.Is(err, session.ErrGrants), errors.Is(err, policy.ErrSegment))

	err = issuer.Issue(httptest.NewRecorder(), request("")) // nobody is logged in yet
	fmt.Println(errors.Is(err, session.ErrNoGrants))
	// Output:
	// private, no-store <nil>
	// true true
	// true
}

// A login handler knows the user before the request does.
func ExampleIssuer_IssueFor() {
	issuer := newIssuer()
	login := func(w http.ResponseWriter, r *http.Request) {
		user := r.FormValue("user") // after the password was checked
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

// Frameworks with authentication of their own call Renew where the user is known.
func ExampleIssuer_Renew() {
	issuer := newIssuer()
	w := httptest.NewRecorder()
	err := issuer.Renew(w, request("alice"))
	fmt.Println(len(w.Result().Cookies()), err)

	w = httptest.NewRecorder()
	err = issuer.Renew(w, request("")) // nobody is logged in
	fmt.Println(len(w.Result().Cookies()), err)
	// Output:
	// 5 <nil>
	// 0 <nil>
}

// HeaderWriter is for servers that are not of net/http: with Fiber, write
// session.HeaderWriter(&c.Response().Header).
func ExampleHeaderWriter() {
	header := http.Header{} // of a Lambda function's response
	err := newIssuer().Renew(session.HeaderWriter(header), request("alice"))
	fmt.Println(len(header["Set-Cookie"]), header.Get("Cache-Control"), err)
	// Output: 5 private, no-store <nil>
}

// The next handler finds out why there are no cookies.
func ExampleFailure() {
	page := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(errors.Is(session.Failure(r.Context()), session.ErrGrants))
	})
	newIssuer().Handler(page).ServeHTTP(httptest.NewRecorder(), request(".."))
	// Output: true
}
