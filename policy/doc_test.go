// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"os"
	"strings"
	"testing"
)

// TestPackageCode: the code in the comments of the packages is code of their examples.
func TestPackageCode(t *testing.T) {
	for comment, examples := range map[string]string{"doc.go": "example_test.go", "awspolicy/awspolicy.go": "awspolicy/example_test.go"} {
		_, code, _ := strings.Cut(read(t, comment), "\n\n\t")
		code, _, ok := strings.Cut("\t"+code, "\n\n")
		if !ok || !strings.Contains(read(t, examples), code+"\n") {
			t.Errorf("%s does not have the code of %s\n%s", examples, comment, code)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
