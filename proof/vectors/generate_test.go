// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"crypto/fips140"
	"encoding/base64"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files instead of comparing them")

// TestFiles: the files are what the cases of internal/test/vectors make of them.
func TestFiles(t *testing.T) {
	if fips140.Enforced() {
		t.Skip("the files have signatures over SHA-1")
	}
	files := map[string]any{"urls": urlFile(t), "documents": documentFile(t), "matches": matchFile(t), "sign": signFile(t), "verify": verifyFile(t)}
	for name, file := range files {
		want, err := encode(file)
		if err != nil {
			t.Fatal(err)
		}
		path := name + ".json"
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(string(want), string(read(t, path))); diff != "" {
			t.Errorf("%s: run go test -run TestFiles -update (-want +got):\n%.2000s", path, diff)
		}
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// toBase64 goes another way than the library to the same alphabet.
func toBase64(b []byte) string {
	return strings.NewReplacer("+", "-", "=", "_", "/", "~").Replace(base64.StdEncoding.EncodeToString(b))
}
