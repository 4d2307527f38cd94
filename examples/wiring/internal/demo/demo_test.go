// SPDX-License-Identifier: Apache-2.0

package demo_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// TestSignerIsBounded: whatever the application asks for.
func TestSignerIsBounded(t *testing.T) {
	t.Setenv("CLOUDFRONT_PRIVATE_KEY_FILE", "")
	signer, err := demo.NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		folder   string
		lifetime time.Duration
		want     error
		reason   string
	}{
		{"https://cdn.example.com/users/alice/", time.Hour, nil, "a user's folder"},
		{"https://cdn.example.com/users/alice/", 3 * time.Hour, sign.ErrBounds, "it lasts too long"},
		{"https://cdn.example.com/", time.Hour, sign.ErrBounds, "it is more than the users' folders"},
	} {
		folder, err := policy.Directory(tt.folder)
		if err != nil {
			t.Fatal(err)
		}
		p, err := policy.Custom(folder, policy.Conditions{Expires: time.Now().Add(tt.lifetime)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signer.Sign(t.Context(), p); !errors.Is(err, tt.want) {
			t.Errorf("%s for %s: %v, want %v: %s", tt.folder, tt.lifetime, err, tt.want, tt.reason)
		}
	}
}

func TestFolders(t *testing.T) {
	var folders demo.Folders
	folders.Share("bob", "alice")
	folders.Share("carol", "alice")
	folders.Unshare("carol", "alice")
	folders.Unshare("nobody", "nobody")
	const users = "https://cdn.example.com/users/"
	for _, tt := range []struct {
		user   string
		want   []string
		fails  bool
		reason string
	}{
		{"alice", []string{users + "alice/*", users + "bob/*"}, false, "her own, and the one that is shared"},
		{"bob", []string{users + "bob/*"}, false, "to share is to give, not to get"},
		{"", nil, false, "no user has no folder"},
		{"..", nil, true, "it is no folder"},
		{"*", []string{users + "%2A/*"}, false, "a wildcard in a name is a character"},
	} {
		grants, err := folders.Of(tt.user)
		var got []string
		for _, g := range grants {
			got = append(got, g.Resource.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || (err != nil) != tt.fails {
			t.Errorf("%q: %v, but %s (-want +got):\n%s", tt.user, err, tt.reason, diff)
		}
	}
}

// TestPage: the page names the folder that is signed, and no browser takes it for HTML.
func TestPage(t *testing.T) {
	for _, tt := range []struct{ user, want, reason string }{
		{"alice", `logged in as "alice": your files are in https://cdn.example.com/users/alice/`, "a plain name"},
		{"*", `logged in as "*": your files are in https://cdn.example.com/users/%2A/`, "not the folders of all users"},
		{"<b>", `logged in as "<b>": your files are in https://cdn.example.com/users/%3Cb%3E/`, "a tag"},
		{"", "you are not logged in", "no user has no files"},
		{"..", `logged in as "..", who has no folder: policy: segment 1: `, "a login that the application accepted"},
	} {
		page := demo.Page(tt.user)
		if kind := http.DetectContentType([]byte(page)); !strings.HasPrefix(page, tt.want) || kind != "text/plain; charset=utf-8" {
			t.Errorf("%s: %s, %q, want %q", tt.reason, kind, page, tt.want)
		}
	}
}
