// SPDX-License-Identifier: Apache-2.0

package migrate_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestVersions: the pages name the versions that the tests run.
func TestVersions(t *testing.T) {
	goModule := func(path string) string {
		output, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(strings.TrimSpace(string(output)), "v")
	}
	data, err := os.ReadFile(filepath.Join("..", "js", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var npm struct{ Dependencies map[string]string }
	if err := json.Unmarshal(data, &npm); err != nil {
		t.Fatal(err)
	}
	sdk := goModule("github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign")
	js, cloudfrontSign := npm.Dependencies["@aws-sdk/cloudfront-signer"], npm.Dependencies["aws-cloudfront-sign"]
	for file, wanted := range map[string][]string{
		"migrate.md":    {"| v" + sdk + " |", "| " + js + " |", "| " + cloudfrontSign + " |"},
		"comparison.md": {"| Go " + sdk + " |", "| JS " + js + " |", "| aws-cloudfront-sign " + cloudfrontSign + " |", "| kumo " + goModule("github.com/sivchari/kumo") + " |"},
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range wanted {
			if !strings.Contains(string(text), cell) {
				t.Errorf("%s does not have the cell %q: check the page against the version that the tests run", file, cell)
			}
		}
	}
}
