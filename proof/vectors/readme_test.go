// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestREADME: the table of files has the numbers that the files have.
func TestREADME(t *testing.T) {
	readme := string(read(t, "README.md"))
	for name := range names {
		c := countsOf(t, name)
		row := fmt.Sprintf("| [%[1]s.json](%[1]s.json) | %d | %d | %d |", name, c.Tests, c.Valid, c.Invalid)
		if !strings.Contains(readme, row) {
			t.Errorf("the README has no row %q", row)
		}
	}
}

func countsOf(t testing.TB, name string) counts {
	t.Helper()
	var f struct {
		Count counts `json:"count"`
	}
	if err := json.Unmarshal(read(t, name+".json"), &f); err != nil {
		t.Fatal(err)
	}
	return f.Count
}
