// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// examplePEM is a private key. It is public: never use it for anything.
const examplePEM = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdZX10cDmSo/ojaxp
9qL4Q1TyrNslN9dFbEEK6itpneqhRANCAASn9qojk7SIdjEBmfD4/8FvuOT8GNaS
o1HyuIi66O7+3O0tgka1N81lZN78HzbFNtBYUYAUtDGzOe6+qjOGtb3q
-----END PRIVATE KEY-----
`

// exampleSigner returns a signer whose clock stands still.
func exampleSigner() *sign.Signer {
	key, err := keys.ParsePrivate([]byte(examplePEM))
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{
		Clock: func() time.Time { return time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		log.Fatal(err)
	}
	return signer
}

var newYear = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

// Sign a URL, and cookies for a user's folder.
func Example() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	keyFile := filepath.Join(folder, "private_key.pem")
	if err := os.WriteFile(keyFile, []byte(examplePEM), 0o600); err != nil {
		log.Print(err)
		return
	}
	if err := giveAccess(context.Background(), keyFile); err != nil {
		log.Print(err)
		return
	}
	// Output:
	// https://cdn.example.com/users/7/report.pdf
	// 4 cookies
}

func giveAccess(ctx context.Context, keyFile string) error {
	users, err := policy.Directory("https://cdn.example.com/users/")
	if err != nil {
		return err
	}
	bounds := sign.Bounds{Resources: []policy.Resource{users}, Lifetime: 24 * time.Hour}

	folder, err := policy.Under("https://cdn.example.com/users", "7")
	if err != nil {
		return err
	}

	signer, err := sign.Load("K2JCJMDEHXQW5F", keyFile, sign.Options{Within: bounds})
	if err != nil {
		return err
	}
	link, err := signer.URL(ctx, "https://cdn.example.com/users/7/report.pdf", signer.Now().Add(time.Hour))
	if err != nil {
		return err
	}
	signed, err := signer.SignResource(ctx, folder, policy.Conditions{Expires: signer.Now().Add(time.Hour)})
	if err != nil {
		return err
	}
	cookies, err := signed.CookieSet().Cookies(sign.CookieAttributes{Domain: "example.com"})
	if err != nil {
		return err
	}

	file, _, _ := strings.Cut(link, "?") // The rest gives access.
	fmt.Println(file)
	fmt.Println(len(cookies), "cookies")
	return nil
}

func ExampleNew() {
	key, err := keys.ParsePrivate([]byte(examplePEM))
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signer)
	// Output: sign.Signer(K2JCJMDEHXQW5F)
}

// A key in a file, without another call.
func ExampleLoad() {
	signer, err := sign.Load("K2JCJMDEHXQW5F", "private_key.pem", sign.Options{})
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Println("there is no such file")
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signer.KeyPairID())
	// Output:
	// there is no such file
}

func ExampleSigner_URL() {
	signedURL, err := exampleSigner().URL(context.Background(), "https://cdn.example.com/a.jpg?width=640", newYear)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signedURL)
	// Output: https://cdn.example.com/a.jpg?width=640&Expires=1798761600&Signature=MEUCIQD35BVY8uHzmACKaFEprAgmokPR7S1csHlHHNPnSFqdSwIgK6HsZF-zkirlDuCWx51zGl~itSWYya~QQbqOza~vSaI_&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256
}

// A signer with bounds only signs what the application serves.
func ExampleBounds() {
	key, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	users, err := policy.Directory("https://cdn.example.com/users/")
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{
		Within: sign.Bounds{Resources: []policy.Resource{users}, Lifetime: 24 * time.Hour},
	})
	if err != nil {
		log.Fatal(err)
	}
	fromForm := "https://cdn.example.com/private/accounts.csv"
	_, err = signer.URL(context.Background(), fromForm, time.Now().Add(time.Hour))
	fmt.Println(errors.Is(err, sign.ErrBounds))
	// Output: true
}

// Sign once, and use the result for every URL that the policy covers.
func ExampleSigner_Sign() {
	folder, err := policy.Under("https://cdn.example.com/users", "alice")
	if err != nil {
		log.Fatal(err)
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: newYear})
	if err != nil {
		log.Fatal(err)
	}
	signed, err := exampleSigner().Sign(context.Background(), p)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signed) // without the part that gives access
	// Output: signed with K2JCJMDEHXQW5F until 2027-01-01T00:00:00Z: https://cdn.example.com/users/alice/* (signature withheld)
}

// Sign a folder once, for the office and from midnight on.
func ExampleSigner_SignResource() {
	folder, err := policy.Directory("https://cdn.example.com/videos/")
	if err != nil {
		log.Fatal(err)
	}
	signed, err := exampleSigner().SignResource(context.Background(), folder, policy.Conditions{
		NotBefore: newYear,
		Expires:   newYear.Add(24 * time.Hour),
		SourceIP:  new(netip.MustParsePrefix("192.0.2.0/24")),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signed)
	// Output: signed with K2JCJMDEHXQW5F until 2027-01-02T00:00:00Z: https://cdn.example.com/videos/* (signature withheld)
}

// A download that works for one address only.
func ExampleSigner_CustomURL() {
	const report = "https://cdn.example.com/report.pdf"
	file, err := policy.URL(report)
	if err != nil {
		log.Fatal(err)
	}
	viewer := netip.MustParseAddr("192.0.2.10") // as CloudFront sees it
	signedURL, err := exampleSigner().CustomURL(context.Background(), report, file, policy.Conditions{
		Expires:  newYear,
		SourceIP: new(netip.PrefixFrom(viewer, 32)),
	})
	if err != nil {
		log.Fatal(err)
	}
	u, err := url.Parse(signedURL)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(u.Path, slices.Sorted(maps.Keys(u.Query())))
	// Output: /report.pdf [Hash-Algorithm Key-Pair-Id Policy Signature]
}

// At login, the handler sets the cookies for all videos.
func ExampleSigner_Cookies() {
	videos, err := policy.Directory("https://cdn.example.com/videos/")
	if err != nil {
		log.Fatal(err)
	}
	cookies, err := exampleSigner().Cookies(context.Background(), videos, policy.Conditions{Expires: newYear}, sign.CookieAttributes{
		Domain: "example.com",
		Path:   "/videos/",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, cookie := range cookies {
		fmt.Println(cookie.Name, cookie.Domain, cookie.Path, cookie.Secure)
	}
	// Output:
	// CloudFront-Policy example.com /videos/ true
	// CloudFront-Signature example.com /videos/ true
	// CloudFront-Key-Pair-Id example.com /videos/ true
	// CloudFront-Hash-Algorithm example.com /videos/ true
}

func ExampleSignedPolicy_URL() {
	signed := signedFolder()
	for _, name := range []string{"alice/1.jpg", "alice/2.jpg?width=640", "bob/1.jpg"} {
		signedURL, err := signed.URL("https://cdn.example.com/users/" + name)
		if errors.Is(err, policy.ErrNotCovered) {
			fmt.Println(name, "is not covered")
			continue
		}
		u, err := url.Parse(signedURL)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(u.Path, len(signedURL), "bytes")
	}
	// Output:
	// /users/alice/1.jpg 373 bytes
	// /users/alice/2.jpg 383 bytes
	// bob/1.jpg is not covered
}

// Write a list of links, without a string for each of them.
func ExampleSignedPolicy_AppendURL() {
	signed := signedFolder()
	var page []byte
	for i := range 500 {
		var err error
		page, err = signed.AppendURL(page, fmt.Sprintf("https://cdn.example.com/users/alice/%d.jpg", i))
		if err != nil {
			log.Fatal(err)
		}
		page = append(page, '\n')
	}
	fmt.Println(bytes.Count(page, []byte("Signature=")), "links")
	// Output: 500 links
}

// At login, the handler sets the cookies for the user's folder on the CDN.
func ExampleCookieSet_Cookies() {
	cookies, err := signedFolder().CookieSet().Cookies(sign.CookieAttributes{
		Domain: "example.com", // app.example.com sets them, cdn.example.com gets them
		Path:   "/users/alice/",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, cookie := range cookies {
		fmt.Println(cookie.Name, cookie.Domain, cookie.Path, cookie.Secure, cookie.HttpOnly)
	}
	// Output:
	// CloudFront-Policy example.com /users/alice/ true true
	// CloudFront-Signature example.com /users/alice/ true true
	// CloudFront-Key-Pair-Id example.com /users/alice/ true true
	// CloudFront-Hash-Algorithm example.com /users/alice/ true true
}

// Cookies refuses what a browser would drop, or send to others.
func ExampleCookieSet_Cookies_refused() {
	set := signedFolder().CookieSet()
	for _, attributes := range []sign.CookieAttributes{
		{Domain: "co.uk"},
		{Domain: "app.example.com"},
		{Path: "/users/alice/*"},
	} {
		_, err := set.Cookies(attributes)
		fmt.Println(err)
	}
	// Output:
	// sign: cookie attribute Domain: "co.uk" is a public suffix, so its hosts belong to many owners and browsers drop such cookies: write a domain of your own, or leave Domain empty
	// sign: cookie attribute Domain: "app.example.com" does not cover the policy's host "cdn.example.com": write that host or a domain above it
	// sign: cookie attribute Path: browsers have no wildcards here and take * literally: write /images/ to cover all below it
}

// A program with an interface of its own can give its own advice.
func ExampleCookieError() {
	_, err := signedFolder().CookieSet().Cookies(sign.CookieAttributes{Domain: "app.example.com"})
	var refused *sign.CookieError
	if errors.As(err, &refused) && refused.Attribute == "Domain" {
		fmt.Printf("--domain: %s: try --domain example.com\n", refused.Problem)
	}
	// Output: --domain: "app.example.com" does not cover the policy's host "cdn.example.com": try --domain example.com
}

// Check does the same checks for frameworks that have their own type for cookies.
func ExampleCookieSet_Check() {
	set := signedFolder().CookieSet()
	fmt.Println(set.Check(sign.CookieAttributes{Domain: "example.com", Path: "/users/alice/"}))
	fmt.Println(errors.Is(set.Check(sign.CookieAttributes{Path: "/users/bob/"}), sign.ErrCookie))
	// Output:
	// <nil>
	// true
}

// All returns names and values for clients and frameworks that have their own type for
// cookies.
func ExampleCookieSet_All() {
	request, err := http.NewRequest(http.MethodGet, "https://cdn.example.com/users/alice/1.jpg", nil)
	if err != nil {
		log.Fatal(err)
	}
	for name, value := range signedFolder().CookieSet().All() {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	fmt.Println(len(request.Cookies()), "cookies")
	// Output: 4 cookies
}

// At logout, use the same attributes as at login.
func ExampleClearCookies() {
	cookies, err := sign.ClearCookies(sign.CookieAttributes{Domain: "example.com", Path: "/users/alice/"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cookies[0])
	// Output: CloudFront-Policy=; Path=/users/alice/; Domain=example.com; Max-Age=0; Secure
}

// signedFolder returns the signed policy for Alice's folder.
func signedFolder() sign.SignedPolicy {
	folder, err := policy.Under("https://cdn.example.com/users", "alice")
	if err != nil {
		log.Fatal(err)
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: newYear})
	if err != nil {
		log.Fatal(err)
	}
	signed, err := exampleSigner().Sign(context.Background(), p)
	if err != nil {
		log.Fatal(err)
	}
	return signed
}
