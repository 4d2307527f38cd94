// SPDX-License-Identifier: Apache-2.0

package wiring_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/sessiontest"
)

// TestPrograms: a program says where it listens, and a login works as doc.go shows it.
// These two differ in how they serve.
func TestPrograms(t *testing.T) {
	for _, name := range []string{"nethttp-scs", "fiber-session"} {
		t.Run(name, func(t *testing.T) {
			program := build(t, name)
			page := start(t, program, "-listen", "127.0.0.1:0", "-share", "bob:alice")
			browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			response, err := browser.PostForm(page+"/login", url.Values{"user": {"alice"}})
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if n := sessiontest.SignedCookies(response); n != 8 || response.StatusCode != http.StatusSeeOther {
				t.Errorf("%d cookies, status %d, want 8 for two folders, and 303", n, response.StatusCode)
			}
		})
	}
}

// TestAddressInUse: a program that cannot listen does not say that it does, and says which flag
// helps.
func TestAddressInUse(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	command := exec.CommandContext(t.Context(), build(t, "nethttp-scs"), "-listen", listener.Addr().String())
	output, err := command.CombinedOutput()
	const advice = "-listen 127.0.0.1:0 for any free port"
	if err == nil || strings.Contains(string(output), "listening on") || !strings.Contains(string(output), advice) {
		t.Errorf("%v, output %q, want one that says %q", err, output, advice)
	}
}

func build(t *testing.T, name string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./"+name).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return program
}

// start runs a program until the end of the test, and returns the URL that it prints.
func start(t *testing.T, program string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	command := exec.CommandContext(ctx, program, args...)
	command.Env = append(os.Environ(), "CLOUDFRONT_PRIVATE_KEY_FILE=")
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		command.Wait()
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "listening on "); ok {
			return address
		}
	}
	t.Fatal("the program has ended")
	return ""
}
