// SPDX-License-Identifier: Apache-2.0

package valkeystore_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valkey-io/valkey-go"

	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/internal/test/valkeyserver"
	"github.com/cfsign/cfsign/sign/valkeystore"
)

// TestREADMEGraph runs the commands that list the packages and modules.
func TestREADMEGraph(t *testing.T) { markdown.CheckConsole(t, "README.md") }

func TestREADMECode(t *testing.T) { markdown.CheckExamples(t, "README.md", "example_test.go") }

// TestFleetPage: the code of docs/fleet.md is compiled here.
func TestFleetPage(t *testing.T) {
	examples, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range markdown.Code(t, "../../docs/fleet.md", "go") {
		if !strings.Contains(string(examples), code) {
			t.Errorf("example_test.go does not have this code:\n%s", code)
		}
	}
}

// TestREADMEPermissions: a Store works with the permissions in the README, and each of them is
// needed.
func TestREADMEPermissions(t *testing.T) {
	rule := readmeRule(t)
	server := valkeyserver.New(t)
	option, err := valkey.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	option.DisableCache = true
	admins := []valkey.Client{newClient(t, server)}
	if err := useAs(t, admins, rule, option, "cfsign:"); err != nil {
		t.Error(err)
	}
	if err := useAs(t, admins, rule, option, "other:"); err == nil {
		t.Error("the user may use other keys")
	}
	needed := 0
	for i, permission := range rule {
		if !strings.HasPrefix(permission, "+") && !strings.HasPrefix(permission, "~") {
			continue
		}
		needed++
		if err := useAs(t, admins, slices.Concat(rule[:i], rule[i+1:]), option, "cfsign:"); err == nil {
			t.Errorf("%s is not needed", permission)
		}
	}
	if needed == 0 {
		t.Errorf("the README has no permissions: %q", rule)
	}

	addresses, admins := startCluster(t)
	option = valkey.ClientOption{InitAddress: addresses, DisableCache: true}
	if err := useAs(t, admins, rule, option, "cfsign:"); err == nil {
		t.Error("a cluster needs no more permissions")
	}
	if err := useAs(t, admins, append(rule, more(t, "+cluster")...), option, "cfsign:"); err != nil {
		t.Error(err)
	}
}

// TestREADMESentinel is TestREADMEPermissions with Sentinel.
func TestREADMESentinel(t *testing.T) {
	port := freePort(t)
	admins := []valkey.Client{newClient(t, valkeyserver.New(t, "--port", port, "--bind", "127.0.0.1"))}
	option := valkey.ClientOption{
		InitAddress:  []string{startSentinel(t, port)},
		Sentinel:     valkey.SentinelOption{MasterSet: "signatures"},
		DisableCache: true,
	}
	if err := useAs(t, admins, readmeRule(t), option, "cfsign:"); err == nil {
		t.Error("Sentinel needs no more permissions")
	}
	if err := useAs(t, admins, append(readmeRule(t), more(t, "+role")...), option, "cfsign:"); err != nil {
		t.Error(err)
	}
}

// startSentinel starts a Sentinel for the server at a port, and returns its address.
func startSentinel(t *testing.T, port string) string {
	t.Helper()
	own, file := freePort(t), filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf("port %s\nbind 127.0.0.1\nsentinel monitor signatures 127.0.0.1 %s 1\n", own, port)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := exec.Command(valkeyserver.Programs(t)[0], file, "--sentinel")
	if err := sentinel.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = sentinel.Process.Kill()
		_ = sentinel.Wait() // It was killed.
	})
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+own)
		if err == nil {
			conn.Close()
			return "127.0.0.1:" + own
		}
		if time.Since(begin) > time.Minute {
			t.Fatal(err)
		}
	}
}

// readmeRule returns the command in the README that makes the user.
func readmeRule(t *testing.T) []string {
	t.Helper()
	_, line, _ := strings.Cut(strings.Join(markdown.Code(t, "README.md", "text"), ""), "ACL ")
	line, _, _ = strings.Cut(line, "\n")
	return append([]string{"ACL"}, strings.Fields(line)...)
}

// more returns the permissions in the text of the README that begin with first.
func more(t *testing.T, first string) []string {
	t.Helper()
	found := regexp.MustCompile("`(" + regexp.QuoteMeta(first) + "[^`]*)`").FindStringSubmatch(page(t))
	if found == nil {
		t.Fatalf("the README does not have the permission %s", first)
	}
	return strings.Fields(found[1])
}

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// useAs makes the user cdn with a rule, and uses a Store as that user.
func useAs(t *testing.T, admins []valkey.Client, rule []string, option valkey.ClientOption, prefix string) error {
	t.Helper()
	for _, admin := range admins {
		do(t, admin, "ACL", "DELUSER", "cdn")
		do(t, admin, rule...)
	}
	option.Username, option.Password = "cdn", "PASSWORD"
	client, err := valkey.NewClient(option)
	if err != nil {
		return err
	}
	defer client.Close()
	claim, save := use(t, newStore(t, client, valkeystore.Options{Prefix: prefix}))
	return errors.Join(claim, save)
}
