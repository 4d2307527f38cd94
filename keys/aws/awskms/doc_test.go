// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"os"
	"strings"
	"testing"
)

// TestPackageCode: the code in the package comment is code of an example.
func TestPackageCode(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for block := range strings.SplitSeq(string(comment), "\n\n") {
		if !strings.HasPrefix(block, "\t") {
			continue
		}
		blocks++
		if !strings.Contains(string(example), block+"\n") {
			t.Errorf("example_test.go does not have the code of doc.go:\n%s", block)
		}
	}
	if blocks != 1 {
		t.Errorf("doc.go has %d blocks of code", blocks)
	}
}
