// SPDX-License-Identifier: Apache-2.0

package proxies_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// quoted are the configurations that the cookbook quotes, by the language of the block.
var quoted = map[string]string{
	"nginx":   nginxCookbook.file,
	"haproxy": haproxyCookbook.file,
	"caddy":   caddy.file,
	"apache":  apacheCookbook.file,
}

// TestCookbook: each paragraph of configuration in the cookbook is in a file that the other
// tests use.
func TestCookbook(t *testing.T) {
	cookbook, err := os.ReadFile("../../docs/cookbook.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, block := range regexp.MustCompile("(?s)```(\\w+)\n(.*?)```").FindAllStringSubmatch(string(cookbook), -1) {
		file, ok := quoted[block[1]]
		if !ok {
			continue
		}
		found++
		text, err := configurations.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for paragraph := range strings.SplitSeq(block[2], "\n\n") {
			if !strings.Contains(withoutIndent(string(text)), withoutIndent(paragraph)) {
				t.Errorf("testdata/%s does not have this part of the cookbook:\n%s", file, paragraph)
			}
		}
	}
	if found != len(quoted) {
		t.Errorf("the cookbook has %d blocks of configuration, want %d", found, len(quoted))
	}
}

var indent = regexp.MustCompile(`(?m)^[ \t]+`)

func withoutIndent(text string) string {
	return indent.ReplaceAllString(strings.TrimSpace(text), "") + "\n"
}
