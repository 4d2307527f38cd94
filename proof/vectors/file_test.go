// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
)

// A file is one of the published files.
type file[T test] struct {
	Schema      string              `json:"$schema"`
	Title       string              `json:"title"`
	License     string              `json:"license"`
	Evidence    string              `json:"evidence"`
	Count       counts              `json:"count"`
	Flags       map[string]flagNote `json:"flags"`
	Causes      map[string]string   `json:"causes,omitempty"`
	Keys        map[string]key      `json:"keys,omitempty"`
	TrustedKeys map[string]string   `json:"trusted_keys,omitempty"`
	Tests       []T                 `json:"tests"`
}

type counts struct {
	Tests   int `json:"tests"`
	Valid   int `json:"valid"`
	Invalid int `json:"invalid"`
}

// A test is what all kinds of tests have.
type test interface{ common() head }

type head struct {
	ID      string   `json:"id"`
	Comment string   `json:"comment"`
	Source  string   `json:"source,omitempty"`
	Flags   []string `json:"flags"`
	Result  string   `json:"result"`
	Cause   string   `json:"cause,omitempty"`
}

func (h head) common() head { return h }

const (
	valid   = "valid"
	invalid = "invalid"

	evidence = "CloudFront's public documentation, advisories and issue threads, as of November 2026. Nothing was compared with a live distribution."
)

// result is invalid if there is a sentinel by whose name something is refused.
func result(refused string) string {
	if refused == "" {
		return valid
	}
	return invalid
}

// newFile counts the tests and takes the explanations that they need.
func newFile[T test](name, title string, tests []T) file[T] {
	f := file[T]{
		Schema: "schemas/" + name + ".schema.json", Title: title, License: "CC0-1.0", Evidence: evidence,
		Flags: map[string]flagNote{}, Causes: map[string]string{}, Tests: tests,
	}
	for _, t := range tests {
		h := t.common()
		f.Count.Tests++
		if h.Result == valid {
			f.Count.Valid++
		} else {
			f.Count.Invalid++
		}
		for _, name := range h.Flags {
			f.Flags[name] = flags[name]
		}
		if h.Cause != "" {
			f.Causes[h.Cause] = causes[h.Cause]
		}
	}
	return f
}

// encode writes v in the one form that files have: indented, in ASCII, so that no
// tool in between changes a character that matters.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	var ascii bytes.Buffer
	for _, r := range b.String() {
		if r < 0x7f {
			ascii.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&ascii, `\u%04x`, unit)
		}
	}
	return ascii.Bytes(), nil
}
