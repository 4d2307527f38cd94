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

// rights are those of the user whom the authentication in front has put into a
// header. Yours may be in the request's context.
func rights(r *http.Request) ([]session.Grant, error) {
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
	issuer, err := session.New(signer, rights, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
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

// The options say whom the cookies are for; the rights, what they open.
func ExampleNew() {
	_, err := session.New(nil, rights, session.Options{Attributes: sign.CookieAttributes{Domain: "co.uk"}})
	fmt.Println(errors.Is(err, session.ErrOptions), errors.Is(err, sign.ErrDomain))
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

// At login cookies are set in any case.
func ExampleIssuer_Issue() {
	issuer := newIssuer()
	w := httptest.NewRecorder()
	err := issuer.Issue(w, request("alice"))
	fmt.Println(w.Header().Get("Cache-Control"), err)

	err = issuer.Issue(httptest.NewRecorder(), request(".."))
	fmt.Println(errors.Is(err, session.ErrRights), errors.Is(err, policy.ErrSegment))
	// Output:
	// private, no-store <nil>
	// true true
}

// At logout they go, with the attributes with which they were set.
func ExampleIssuer_Clear() {
	issuer := newIssuer()
	w := httptest.NewRecorder()
	if err := issuer.Clear(w, request("")); err != nil {
		log.Fatal(err)
	}
	for _, line := range w.Header()["Set-Cookie"][:2] {
		fmt.Println(line)
	}
	// Output:
	// CloudFront-Policy=; Path=/; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Lax
	// CloudFront-Expires=; Path=/; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Lax
}

// Servers that are not of net/http take the cookies and set them in their own way.
func ExampleIssuer_Renewal() {
	cookies, err := newIssuer().Renewal(request("alice"))
	fmt.Println(len(cookies) > 0, err)

	cookies, err = newIssuer().Renewal(request(""))
	fmt.Println(len(cookies), err)
	// Output:
	// true <nil>
	// 0 <nil>
}

func ExampleIssuer_Cookies() {
	cookies, err := newIssuer().Cookies(request("*"))
	if err != nil {
		log.Fatal(err)
	}
	for _, cookie := range cookies {
		if cookie.Name == "CloudFront-Policy" && cookie.MaxAge >= 0 {
			fmt.Println(cookie.Path)
		}
	}
	// Output: /users/%2A/
}

func ExampleIssuer_Removal() {
	cookies, err := newIssuer().Removal(request(""))
	fmt.Println(len(cookies), cookies[0].MaxAge, err)
	// Output: 6 -1 <nil>
}

// The next handler finds out why there are no cookies.
func ExampleFailure() {
	page := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(errors.Is(session.Failure(r.Context()), session.ErrRights))
	})
	newIssuer().Handler(page).ServeHTTP(httptest.NewRecorder(), request(".."))
	// Output: true
}
