// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func TestHas(t *testing.T) {
	bill := &cdx.BOM{Components: &[]cdx.Component{{Name: "example.com/a", Version: "v1.0.0"}, {Name: "std", Version: "go1.26.0"}}}
	for _, test := range []struct {
		why, built string
		complete   bool
	}{
		{"all are there, one twice", "example.com/a v1.0.0\nexample.com/a v1.0.0\n", true},
		{"another version", "example.com/a v1.0.1\n", false},
		{"a module is missing", "example.com/a v1.0.0\nexample.com/b v1.0.0\n", false},
	} {
		if err := has(bill, strings.NewReader(test.built)); (err == nil) != test.complete {
			t.Errorf("%s: got %v", test.why, err)
		}
	}
}
