// SPDX-License-Identifier: Apache-2.0

package origins_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Owners of files that are not users.
const (
	everyone = "everyone" // the files above the users' folders
	private  = "private"  // a folder next to the users'
	outside  = "outside"  // a file next to the root of the origin
)

// owners are the owners of the files that every origin serves. The odd names are
// users as well.
var owners = map[string]string{
	"secret.txt":                      outside,
	"www/index.html":                  everyone,
	"www/users/index.html":            everyone,
	"www/users/secret.jpg":            everyone,
	"www/private/secret.txt":          private,
	"www/private/index.html":          private,
	"www/users/alice/a.jpg":           "alice",
	"www/users/alice/index.html":      "alice",
	"www/users/alice/photos/1.jpg":    "alice",
	"www/users/bob/secret.jpg":        "bob",
	"www/users/bob/index.html":        "bob",
	"www/users/bob/photos/secret.jpg": "bob",
	"www/users/carol.txt":             "carol.txt",
	"www/users/bob;x/secret.jpg":      "bob;x",
	"www/users/bob?/secret.jpg":       "bob?",
	"www/users/bob+x/secret.jpg":      "bob+x",
	"www/users/%2e%2e/secret.jpg":     "%2e%2e",
	"www/users/Łucja/secret.jpg":      "Łucja",
}

// writeFiles returns a new folder with the files. Servers that run as another user
// can read it.
func writeFiles(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "origins")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, owner := range owners {
		write(t, filepath.Join(folder, name), fmt.Sprintf("owner=%q\n", owner))
	}
	return folder
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

var ownerOf = regexp.MustCompile(`owner="([^"]*)"`)

// foreign returns the owner of a file in body other than the given one, or "".
func foreign(body []byte, owner string) string {
	for _, match := range ownerOf.FindAllSubmatch(body, -1) {
		if found := string(match[1]); found != owner {
			return found
		}
	}
	return ""
}

func TestForeign(t *testing.T) {
	for _, tt := range []struct{ body, owner, want string }{
		{`owner="bob"`, "alice", "bob"},
		{`owner="alice"`, "alice", ""},
		{`owner="alice" owner="private"`, "alice", private},
		{"404", "alice", ""},
	} {
		if got := foreign([]byte(tt.body), tt.owner); got != tt.want {
			t.Errorf("foreign(%q, %q) = %q, want %q", tt.body, tt.owner, got, tt.want)
		}
	}
}
