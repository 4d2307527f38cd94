// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/needs"
)

// summary is all that check.py writes if nothing differs.
var summary = regexp.MustCompile(`^(\d+) vectors, all as expected \((\d+) not applicable to botocore: .+\)\n$`)

// TestPython: the vectors are not only this library's. botocore makes the same
// policies and URLs, and a verifier in Python decides in the same way.
func TestPython(t *testing.T) {
	output, err := runPython(t, findPython(t), ".")
	found := summary.FindStringSubmatch(output)
	if err != nil || found == nil {
		t.Fatalf("%v:\n%s", err, output)
	}
	total := 0
	for name := range names {
		total += countsOf(t, name).Tests
	}
	if found[1] != strconv.Itoa(total) {
		t.Errorf("%s vectors were read, and there are %d", found[1], total)
	}
	if skipped, err := strconv.Atoi(found[2]); err != nil || skipped > total*3/5 { // what is stricter here than at CloudFront does not apply
		t.Errorf("%s of %d vectors are not applicable (%v)", found[2], total, err)
	}
}

// TestPythonFinds: the script fails where a result is not the expected one.
func TestPythonFinds(t *testing.T) {
	tests := []struct{ name, file, old, replacement, want string }{
		{"signature", "sign", `"signature": "`, `"signature": "AAAA`, "sign: canned: AssertionError: signature"},
		{"policy", "sign", `"policy": "{`, `"policy": " {`, "sign: canned: AssertionError: policy"},
		{"decision", "verify", `"time": 1767200000`, `"time": 1767290400`, "verify: custom folder: AssertionError: url"},
		{"code", "verify", `"code": "InvalidKey"`, `"code": "AccessDenied"`, "verify: unknown key: AssertionError: url"},
	}
	python := findPython(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			copied := t.TempDir()
			if err := os.CopyFS(copied, os.DirFS(".")); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(copied, tt.file+".json")
			damaged := strings.Replace(string(read(t, path)), tt.old, tt.replacement, 1)
			if err := os.WriteFile(path, []byte(damaged), 0o644); err != nil {
				t.Fatal(err)
			}
			output, err := runPython(t, python, copied)
			if err == nil || !strings.Contains(output, tt.want) {
				t.Errorf("%v, want %q:\n%s", err, tt.want, output)
			}
		})
	}
}

func runPython(t *testing.T, python, vectors string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), python, "-B", "check.py", vectors)
	output, err := command.CombinedOutput()
	return string(output), err
}

// findPython returns a Python that has botocore. One on the path may hide Debian's,
// for which the package is.
func findPython(t *testing.T) string {
	t.Helper()
	for _, python := range []string{needs.Command(t, "python3", "python3"), "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import botocore, cryptography").Run() == nil {
			return python
		}
	}
	needs.Missing(t, "botocore", "apt-get install python3-botocore python3-cryptography")
	return ""
}
