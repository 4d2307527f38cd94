// SPDX-License-Identifier: Apache-2.0

package wiring_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCopies: the test that users copy is the same for each application with a login form, and
// it is short.
func TestCopies(t *testing.T) {
	first := testToCopy(t, "nethttp-scs")
	const most = 40
	_, body, _ := strings.Cut(first, "\n)\n")
	if lines := strings.Count(body, "\n"); lines > most {
		t.Errorf("%d lines, want at most %d", lines, most)
	}
	if strings.Contains(first, "internal/test") || strings.Count(first, "examples/") != 1 {
		t.Error("a user cannot import what the test imports")
	}
	for _, folder := range []string{"nethttp-jwt", "gorilla-sessions", "chi-jwtauth", "gin-sessions", "gin-jwt", "echo-jwt", "fiber-session"} {
		got := testToCopy(t, folder)
		if folder == "fiber-session" { // not an http.Handler
			got = strings.Replace(got, "\t\"github.com/gofiber/fiber/v3/middleware/adaptor\"\n\n", "", 1)
			got = strings.Replace(got, "adaptor.FiberApp(app)", "app", 1)
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("%s (-nethttp-scs +got):\n%s", folder, diff)
		}
	}
}

func testToCopy(t *testing.T, folder string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "cookies_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
