// SPDX-License-Identifier: Apache-2.0

package migrate_test

import (
	"errors"
	"net/http"
	"testing"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/proof/peers/migrate"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

const users = "https://cdn.example.com/users"

// literalIDs are IDs that programs with the SDK write as they are. The page lists their
// characters.
var literalIDs = []string{"A@example.com", "a!b", "a$b", "a&b", "a'b", "a(b", "a)b", "a+b", "a,b", "a:b", "a=b"}

// userFolder: the SDK takes any text. Under encodes it, so the URLs of pages must come from
// Child, or the folder from LiteralFolder.
func (c *calls) userFolder() {
	for _, id := range literalIDs {
		literal := users + "/" + id + "/a.jpg"
		theirs, theirErr := c.urls.SignWithPolicy(literal, awssign.NewCannedPolicy(users+"/"+id+"/*", c.end))
		folder, err := policy.Under(users, id)
		if err != nil {
			c.Fatal(err)
		}
		conditions := policy.Conditions{Expires: c.end}
		if _, err := c.signer.CustomURL(c.Context(), literal, folder, conditions); !errors.Is(err, policy.ErrNotCovered) {
			c.Errorf("%s: the folder covers the URL of the old page: %v", id, err)
		}
		child, err := folder.Child("a.jpg")
		if err != nil || !folder.Matches(child) || child == literal {
			c.Errorf("%s: Child: %s, %v", id, child, err)
		}
		same, err := migrate.LiteralFolder(id)
		if err != nil {
			c.Fatal(err)
		}
		ours, err := c.signer.CustomURL(c.Context(), literal, same, conditions)
		c.same(id, theirs, theirErr, ours, err)
		path, _ := same.PathPrefix()
		if _, err := c.signer.Cookies(c.Context(), same, conditions, sign.CookieAttributes{Domain: "example.com", Path: path}); err != nil || path != "/users/"+id+"/" {
			c.Errorf("%s: cookies at %s: %v", id, path, err)
		}
	}
}

// TestUserFolderInAPage: with cookies for the encoded folder, a page with the old URLs gets a
// 403. With grants for both folders, both URLs work.
func TestUserFolderInAPage(t *testing.T) {
	const id = "A@example.com"
	encoded, err := policy.Under(users, id)
	if err != nil {
		t.Fatal(err)
	}
	literal, err := migrate.LiteralFolder(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		reason string
		grants []session.Grant
		old    error
	}{
		{"the policy has another path", []session.Grant{{Resource: encoded}}, verify.ErrMissing},
		{"both folders have cookies", []session.Grant{{Resource: encoded}, {Resource: literal}}, nil},
	} {
		issuer, err := session.New(newSigner(t, 0), func(*http.Request) ([]session.Grant, error) { return tt.grants, nil },
			session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://app.example.com/", nil)
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{}
		if err := issuer.Issue(session.HeaderWriter(header), request); err != nil {
			t.Fatal(err)
		}
		sent := func(path string) (cookies []*http.Cookie) {
			for _, cookie := range (&http.Response{Header: header}).Cookies() {
				if cookie.Path == path && cookie.MaxAge >= 0 {
					cookies = append(cookies, cookie)
				}
			}
			return cookies
		}
		for url, want := range map[string]error{users + "/A%40example.com/a.jpg": nil, users + "/A@example.com/a.jpg": tt.old} {
			path := url[len("https://cdn.example.com") : len(url)-len("a.jpg")]
			if _, err := verifier(t).Verify(verify.Request{URL: url, Cookies: sent(path)}); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v, because %s", url, err, want, tt.reason)
			}
		}
	}
}

// TestLiteralFolderRefuses: no ID is another user's folder, or everyone's.
func TestLiteralFolderRefuses(t *testing.T) {
	for id, reason := range map[string]string{
		"":                "everyone's folder",
		"..":              "the folder above",
		"A@example.com/x": "a folder inside another user's",
		"../bob":          "another user's folder",
		"A%40example.com": "servers decode it",
		"%2e%2e":          "servers decode it",
		"*":               "every user's folder",
		"bob;x":           "servers cut it",
		"bob#x":           "clients cut it",
		"bob?x":           "the query is not a folder",
		`..\bob`:          "a backslash is a slash for some",
		"bob ":            "Windows cuts it",
		"bob\n":           "clients remove it",
		"jürgen":          "clients encode it",
	} {
		if folder, err := migrate.LiteralFolder(id); err == nil {
			t.Errorf("%q: %s, although it is %s", id, folder, reason)
		}
	}
}
