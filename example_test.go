// SPDX-License-Identifier: Apache-2.0

package cfsign_test

import (
	"context"
	"crypto"
	"fmt"
	"log"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// loginCookies returns the cookies that give a user access to the folder of
// their own, for an hour.
func loginCookies(ctx context.Context, signer *sign.Signer, userID string) ([]*http.Cookie, error) {
	folder, err := policy.Under("https://cdn.example.com/users", userID) // data: never a wildcard
	if err != nil {
		return nil, err
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: time.Now().Add(time.Hour)})
	if err != nil {
		return nil, err
	}
	signed, err := signer.Sign(ctx, p) // one key operation, for any number of files
	if err != nil {
		return nil, err
	}
	return signed.CookieSet().Cookies(sign.CookieAttributes{Domain: "example.com"})
}

// newSigner returns a signer for a private key in PEM, in whatever form it
// survived its way here.
func newSigner(keyPairID string, privateKey []byte) (*sign.Signer, error) {
	key, err := keys.ParsePrivate(privateKey)
	if err != nil {
		return nil, err
	}
	users, err := policy.Directory("https://cdn.example.com/users/")
	if err != nil {
		return nil, err
	}
	within := sign.Bounds{Resources: []policy.Resource{users}, Lifetime: 24 * time.Hour}
	return sign.New(keyPairID, key, sign.Options{Within: within})
}

// At login, a user gets cookies for the folder of their own on the CDN.
func Example() {
	signer, err := newSigner("K2JCJMDEHXQW5F", newKeyPEM())
	if err != nil {
		log.Fatal(err)
	}
	cookies, err := loginCookies(context.Background(), signer, "alice")
	if err != nil {
		log.Fatal(err)
	}
	for _, cookie := range cookies {
		fmt.Println(cookie.Name, cookie.Domain, cookie.Path)
	}

	_, err = loginCookies(context.Background(), signer, "..")
	fmt.Println(err)
	// Output:
	// CloudFront-Policy example.com /
	// CloudFront-Signature example.com /
	// CloudFront-Key-Pair-Id example.com /
	// CloudFront-Hash-Algorithm example.com /
	// policy: segment 1: "." and ".." lead to another directory, also percent-encoded or with ; ? # or a space after them: use an ID that cannot have this form
}

// newKeyPEM stands for the place where the private key is kept.
func newKeyPEM() []byte {
	var key crypto.Signer
	key, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	privateKey, err := keys.MarshalPrivate(key)
	if err != nil {
		log.Fatal(err)
	}
	return privateKey
}

var files = fstest.MapFS{"users/alice/a.jpg": {}, "users/bob/a.jpg": {}}

// app gives the cookies of a user to whoever names one.
func app(signer *sign.Signer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookies, err := loginCookies(r.Context(), signer, r.FormValue("user"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, cookie := range cookies {
			http.SetCookie(w, cookie)
		}
	})
}

func TestAliceSeesHerFolderOnly(t *testing.T) {
	cdn := edgetest.New(t, edge.Bucket(files)) // everything in it is private
	cdn.Handle("app.example.com", app(cdn.Signer))
	cdn.Get(t, "https://app.example.com/login?user=alice")
	cdn.Allowed(t, "https://cdn.example.com/users/alice/a.jpg")
	cdn.Denied(t, "https://cdn.example.com/users/bob/a.jpg", verify.ErrWrongResource)
}
