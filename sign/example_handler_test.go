// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// attributes must be the same at login and at logout, or the cookies stay.
var attributes = sign.CookieAttributes{Domain: "example.com"}

// login gives the authenticated user an hour's access to a folder of the CDN.
// It sets all the cookies or none.
func login(signer *sign.Signer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		cookies, err := userCookies(r, signer)
		if err != nil {
			log.Print("signing cookies: ", err) // The error contains no credential.
			http.Error(w, "try again later", http.StatusInternalServerError)
			return
		}
		for _, cookie := range cookies {
			http.SetCookie(w, cookie)
		}
		w.Header().Set("Cache-Control", "private, no-store")
	}
}

func userCookies(r *http.Request, signer *sign.Signer) ([]*http.Cookie, error) {
	userID, _, _ := r.BasicAuth() // your authentication
	folder, err := policy.Under("https://cdn.example.com/users", userID)
	if err != nil {
		return nil, err
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: time.Now().Add(time.Hour)})
	if err != nil {
		return nil, err
	}
	signed, err := signer.Sign(r.Context(), p)
	if err != nil {
		return nil, err
	}
	return signed.CookieSet().Cookies(attributes)
}

// logout removes the cookies that login set.
func logout(w http.ResponseWriter, _ *http.Request) {
	cookies, err := sign.ClearCookies(attributes)
	if err != nil {
		http.Error(w, "try again later", http.StatusInternalServerError)
		return
	}
	for _, cookie := range cookies {
		http.SetCookie(w, cookie)
	}
}

// A server sets the cookies at login and clears them at logout.
func Example_handler() {
	key, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", login(signer))
	mux.HandleFunc("POST /logout", logout)

	for _, path := range []string{"/login", "/logout"} {
		request := httptest.NewRequest(http.MethodPost, path, nil)
		request.SetBasicAuth("alice", "secret")
		response := httptest.NewRecorder()
		mux.ServeHTTP(response, request)
		fmt.Println(path, response.Code, len(response.Result().Cookies()), "cookies")
	}
	// Output:
	// /login 200 4 cookies
	// /logout 200 5 cookies
}
