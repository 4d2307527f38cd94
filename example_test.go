// SPDX-License-Identifier: Apache-2.0

package cfsign_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// NewSigner reads the private key. Call it once, when your program starts. For a key in AWS
// KMS or an HSM, call sign.New.
func NewSigner(keyPairID, keyFile string) (*sign.Signer, error) {
	return sign.Load(keyPairID, keyFile, sign.Options{})
}

var reports = policy.MustDirectory("https://cdn.example.com/reports/")

// DownloadLink returns a link to one private report that works for an hour.
func DownloadLink(ctx context.Context, signer *sign.Signer, name string) (string, error) {
	report, err := reports.Child(name) // name is data: it never leads outside the folder
	if err != nil {
		return "", err
	}
	return signer.URL(ctx, report, signer.Now().Add(time.Hour))
}

// NewIssuer returns an issuer that gives users the cookies for their own folder on the CDN.
// userOf returns the user, or "" without a login. Put issuer.Handler(app) behind your login:
// then the pages of app set, renew and remove the cookies. If no page of app follows the login
// or the logout, call issuer.IssueFor or issuer.Clear there.
func NewIssuer(signer *sign.Signer, userOf func(*http.Request) string) (*session.Issuer, error) {
	grants := func(r *http.Request) ([]session.Grant, error) {
		user := userOf(r)
		if user == "" {
			return nil, nil
		}
		folder, err := policy.Under("https://cdn.example.com/users", user) // user is data: never a wildcard
		return []session.Grant{{Resource: folder}}, err
	}
	return session.New(signer, grants, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
}

// A link to one private file, and names that lead nowhere else.
func Example() {
	keyFile := newKeyFile()
	defer os.Remove(keyFile)
	signer, err := NewSigner("K2JCJMDEHXQW5F", keyFile)
	if err != nil {
		log.Fatal(err)
	}
	link, err := DownloadLink(context.Background(), signer, "2026 Q1.pdf")
	if err != nil {
		log.Fatal(err)
	}
	withoutQuery, _, _ := strings.Cut(link, "?")
	fmt.Println(withoutQuery)

	_, err = DownloadLink(context.Background(), signer, "../users/bob/a.jpg")
	fmt.Println(errors.Is(err, policy.ErrSegment))

	_, err = policy.Under("https://cdn.example.com/users", "..")
	fmt.Println(err)
	// Output:
	// https://cdn.example.com/reports/2026%20Q1.pdf
	// true
	// policy: segment 1: "." and ".." lead to another directory, even if percent-encoded or with ; ? # or a space after them: use an ID that cannot have this form
}

// newKeyFile makes a key, and returns the name of its file.
func newKeyFile() string {
	key, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	privateKey, err := keys.MarshalPrivate(key)
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.CreateTemp("", "private_key*.pem")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(privateKey); err != nil {
		log.Fatal(err)
	}
	return file.Name()
}

var files = fstest.MapFS{"users/alice/a.jpg": {}, "users/bob/a.jpg": {}}

// app returns an application with a demo login: the request names the user.
func app(t *testing.T, signer *sign.Signer) http.Handler {
	t.Helper()
	pages := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	issuer, err := NewIssuer(signer, func(r *http.Request) string { return r.FormValue("user") })
	if err != nil {
		t.Fatal(err)
	}
	return issuer.Handler(pages)
}

func TestAliceSeesHerFolderOnly(t *testing.T) {
	cdn := edgetest.New(t, edge.Bucket(files)) // everything in it is private
	cdn.Handle("app.example.com", app(t, cdn.Signer))
	cdn.Get(t, "https://app.example.com/?user=alice")
	cdn.Allowed(t, "https://cdn.example.com/users/alice/a.jpg")
	cdn.Denied(t, "https://cdn.example.com/users/bob/a.jpg", verify.ErrMissing) // browsers send no cookies there
}
