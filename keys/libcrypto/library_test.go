// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto_test

import (
	"crypto/fips140"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/keys/libcrypto"
)

// inDefaultProvider skips the test in a process that may not use the default provider.
func inDefaultProvider(t *testing.T) {
	t.Helper()
	if fips140.Enforced() {
		t.Skip("GODEBUG=fips140=only rules out the default provider")
	}
}

func TestLibraryOtherFiles(t *testing.T) {
	inDefaultProvider(t)
	folder := t.TempDir()
	text, pipe := filepath.Join(folder, "libcrypto.so.3"), filepath.Join(folder, "pipe")
	if err := os.WriteFile(text, []byte("INPUT(libcrypto.so.1.1)"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ path, want, reason string }{
		{filepath.Join(folder, "none.so"), "apt install libssl3", "the library is not installed"},
		{"libcrypto.so.3", "absolute", "dlopen would search LD_LIBRARY_PATH"},
		{"./libcrypto.so.3", "absolute", "the current folder may belong to somebody else"},
		{folder, "not a file", "a folder"},
		{pipe, "not a file", "opening it would wait for a writer"},
		{text, "cannot be loaded", "a script for the linker"},
		{"/dev/null", "not a file", "a device"},
		{text + "/x", "not a directory", "an error of the system"},
	} {
		checkRefused(t, tt.path, tt.want, tt.reason)
	}
}

// checkRefused expects that New refuses a library.
func checkRefused(t *testing.T, path, want, reason string) {
	t.Helper()
	k, err := libcrypto.New(p256(), libcrypto.Options{Library: path})
	if !errors.Is(err, libcrypto.ErrLibrary) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, %v, want %q: %s", path, k, err, want, reason)
	}
	_, err = libcrypto.New(p256(), libcrypto.Options{Library: path, FIPS: true})
	if err == nil || errors.Is(err, libcrypto.ErrLibrary) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s with FIPS: got %v, want %q, and no ErrLibrary: a program would fall back", path, err, want)
	}
}

// TestLibraryOfOthers compiles libraries that have the functions with which OpenSSL and its
// forks name their version.
func TestLibraryOfOthers(t *testing.T) {
	inDefaultProvider(t)
	compiler := needs.Command(t, "gcc", "gcc")
	const name, major = `const char *OpenSSL_version(int kind) { return kind ? "" : "%"; }`, `unsigned OPENSSL_version_major(void) { return %; }`
	with := func(code, value string) string { return strings.ReplaceAll(code, "%", value) }
	for _, tt := range []struct{ name, code, want string }{
		{"1.1", with(name, "OpenSSL 1.1.1w  11 Sep 2023"), "is OpenSSL 1.1.1w  11 Sep 2023"},
		{"4", with(name, "OpenSSL 4.0.0 14 Apr 2026") + with(major, "4"), "is OpenSSL 4.0.0"},
		{"LibreSSL", with(name, "LibreSSL 4.1.0"), "is LibreSSL 4.1.0"},
		{"BoringSSL", with(name, "BoringSSL") + with(major, "3"), "is BoringSSL"},
		{"AWS-LC", with(name, "AWS-LC 1.60.0") + with(major, "3"), "is AWS-LC"},
		{"another", "int answer = 42;", "is a library of another kind"},
		{"incomplete", with(name, "OpenSSL 3.9.9") + with(major, "3"), "does not have the function OPENSSL_init_crypto"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			source, library := filepath.Join(t.TempDir(), "l.c"), filepath.Join(t.TempDir(), "libcrypto.so.3")
			if err := os.WriteFile(source, []byte(tt.code), 0o600); err != nil {
				t.Fatal(err)
			}
			if output, err := exec.CommandContext(t.Context(), compiler, "-shared", "-fPIC", "-o", library, source).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			checkRefused(t, library, tt.want, "its functions are others")
		})
	}
}

func TestWellKnown(t *testing.T) {
	for _, path := range libcrypto.WellKnown() {
		if !filepath.IsAbs(path) || path != filepath.Clean(path) {
			t.Errorf("%s is not absolute", path)
		}
	}
}

// process runs one test of this package in a process with other environment variables, and
// returns what it prints.
func process(t *testing.T, test string, environment ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$", "-test.v")
	command.Env = append(os.Environ(), append(environment, "CFSIGN_PROCESS=yes")...)
	command.Dir = t.TempDir()
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return string(output)
}

// inProcess reports whether [process] runs this test.
func inProcess() bool { return os.Getenv("CFSIGN_PROCESS") != "" }

// TestEnvironment: neither another library in LD_LIBRARY_PATH and in the current folder nor
// OPENSSL_CONF changes what signs.
func TestEnvironment(t *testing.T) {
	o := needLibrary(t)
	inDefaultProvider(t)
	k, err := libcrypto.New(p256(), o)
	if err != nil {
		t.Fatal(err)
	}
	if inProcess() {
		t.Logf("signed with <%v>", k)
		return
	}
	folder := t.TempDir()
	config := filepath.Join(folder, "openssl.cnf")
	files := map[string]string{
		config: "openssl_conf = a\n[a]\nalg_section = b\nproviders = c\n[b]\ndefault_properties = fips=yes\n[c]\nnone = d\n[d]\nactivate = 1\nmodule = /nowhere/none.so\n",
	}
	for _, path := range libcrypto.WellKnown() {
		files[filepath.Join(folder, filepath.Base(path))] = "not a library"
	}
	for path, content := range files {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := process(t, t.Name(), "OPENSSL_CONF="+config, "LD_LIBRARY_PATH="+folder, "LD_BIND_NOW=1")
	if want := "signed with <" + k.String() + ">"; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestFIPSOnly: in a process with GODEBUG=fips140=only, the default provider does not sign.
func TestFIPSOnly(t *testing.T) {
	if !inProcess() {
		process(t, t.Name(), "GODEBUG=fips140=only")
		return
	}
	for name, key := range kinds() {
		_, err := libcrypto.New(key, libcrypto.Options{})
		if !errors.Is(err, libcrypto.ErrLibrary) || !strings.Contains(err.Error(), "set Options.FIPS") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	needFIPS(t)
	for name, key := range kinds() {
		k := newKey(t, key)
		if !strings.Contains(k.String(), "FIPS provider 3.") {
			t.Errorf("%s: %v signs", name, k)
		}
	}
}

// missingFIPS is the error for a FIPS provider that is not there.
var missingFIPS = regexp.MustCompile(`^libcrypto: OpenSSL 3\.\S+ .* does not load its FIPS provider \(OpenSSL says ".+"\): .*openssl fipsinstall`)

// TestFIPS: either the FIPS provider signs, or New says how to install it.
func TestFIPS(t *testing.T) {
	needLibrary(t)
	for name, key := range kinds() {
		k, err := libcrypto.New(key, libcrypto.Options{FIPS: true})
		if err != nil {
			if !missingFIPS.MatchString(err.Error()) || errors.Is(err, libcrypto.ErrLibrary) {
				t.Errorf("%s: got %v", name, err)
			}
			continue
		}
		checkFIPS(t, k)
	}
}
