// SPDX-License-Identifier: Apache-2.0

package valkeystore_test

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

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
	_, line, _ := strings.Cut(strings.Join(markdown.Code(t, "README.md", "text"), ""), "ACL ")
	line, _, _ = strings.Cut(line, "\n")
	rule := append([]string{"ACL"}, strings.Fields(line)...)
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
	more := regexp.MustCompile("`(\\+cluster[^`]*)`").FindStringSubmatch(page(t))
	if err := useAs(t, admins, append(rule, strings.Fields(more[1])...), option, "cfsign:"); err != nil {
		t.Error(err)
	}
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
