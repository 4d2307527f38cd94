// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/policy"
)

var update = flag.Bool("update", false, "write the table of docs/ids.md again")

const (
	usersURL = "https://cdn.example.com/users"
	idsPage  = "../docs/ids.md"
	idsHead  = "| Provider | Example | What becomes of it |\n|---|---|---|\n"
)

// An idCase is an ID in a form in which some system gives it out.
type idCase struct {
	ID       string `json:"id"`
	Provider string `json:"provider"`
	Form     string `json:"form"`
	// Under is the segment that Under makes of it, or "" if Under refuses it.
	Under string `json:"under"`
	// Literal is the segment that UnderForLiteralOrigin makes of it, if Under
	// refuses it and UnderForLiteralOrigin does not.
	Literal string `json:"literal,omitempty"`
	Why     string `json:"why"`
	// Source is the title and address of a page that describes the ID, or "example".
	Source string `json:"source"`
}

func readIDs(t *testing.T) []idCase {
	t.Helper()
	data, err := os.ReadFile("testdata/ids.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Count int      `json:"count"`
		Cases []idCase `json:"cases"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&table); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(table.Count, len(table.Cases)); diff != "" {
		t.Errorf("count (-stated +found):\n%s", diff)
	}
	return table.Cases
}

// TestIDs: every ID of the table becomes exactly one segment, or is refused.
func TestIDs(t *testing.T) {
	for _, tt := range readIDs(t) {
		t.Run(tt.ID, func(t *testing.T) {
			r, err := policy.Under(usersURL, tt.Form)
			checkID(t, r, err, tt.Under, tt.Why)
		})
	}
}

// checkID checks the resource that an ID became. An empty segment means that the ID
// is refused.
func checkID(t *testing.T, r policy.Resource, err error, segment, why string) {
	t.Helper()
	if segment == "" {
		if !errors.Is(err, policy.ErrSegment) {
			t.Errorf("got %q and error %v, want ErrSegment: %s", r, err, why)
		}
		return
	}
	if err != nil {
		t.Fatalf("%v, although %s", err, why)
	}
	if diff := cmp.Diff(usersURL+"/"+segment+"/*", r.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", why, diff)
	}
	child, err := r.Child("my file.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if !r.Matches(child) {
		t.Errorf("the resource %q does not cover its child %q", r, child)
	}
}

// TestIDTable: the table is large enough, and every row says why and on what source.
func TestIDTable(t *testing.T) {
	const fewest = 64
	cases := readIDs(t)
	if len(cases) < fewest {
		t.Errorf("%d cases, want at least %d", len(cases), fewest)
	}
	seen := map[string]bool{}
	for _, tt := range cases {
		if tt.ID == "" || seen[tt.ID] {
			t.Errorf("the id %q is empty, or is there twice", tt.ID)
		}
		seen[tt.ID] = true
		if tt.Provider == "" {
			t.Errorf("%s: no provider", tt.ID)
		}
		if tt.Source != "example" && !strings.Contains(tt.Source, ", https://") {
			t.Errorf(`%s: the source %q is neither a title with an address nor "example"`, tt.ID, tt.Source)
		}
		if !strings.HasPrefix(tt.Why, outcome(tt)) {
			t.Errorf("%s: the reason %q does not begin with %q", tt.ID, tt.Why, outcome(tt))
		}
		if tt.Under != "" && tt.Literal != "" {
			t.Errorf("%s: literal is only for what Under refuses", tt.ID)
		}
	}
}

// outcome returns how the reason of a case begins.
func outcome(c idCase) string {
	switch c.Under {
	case "":
		return "refused because "
	case c.Form:
		return "as it is: "
	}
	return "encoded because "
}

// TestIDsPage: the table of the page is the one that is tested.
func TestIDsPage(t *testing.T) {
	var want strings.Builder
	for _, c := range readIDs(t) {
		want.WriteString(pageRow(c))
	}
	page, err := os.ReadFile(idsPage)
	if err != nil {
		t.Fatal(err)
	}
	introduction, rows, ok := strings.Cut(string(page), idsHead)
	if !ok {
		t.Fatalf("%s has no table with the head\n%s", idsPage, idsHead)
	}
	if *update {
		rows = want.String()
		if err := os.WriteFile(idsPage, []byte(introduction+idsHead+rows), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want.String(), rows); diff != "" {
		t.Errorf("the table of %s is out of date: go test -run TestIDsPage ./policy -update (-want +got):\n%s", idsPage, diff)
	}
}

// pageRow returns the row of a case in docs/ids.md.
func pageRow(c idCase) string {
	provider := inText(c.Provider)
	if i := strings.LastIndex(c.Source, ", https://"); i >= 0 {
		provider = "[" + provider + "](" + c.Source[i+len(", "):] + ")"
	}
	becomes := inText(c.Why)
	if c.Under != "" && c.Under != c.Form {
		becomes = inCode(c.Under) + ": " + becomes
	}
	if c.Literal != "" {
		becomes += ". UnderForLiteralOrigin: " + inCode(c.Literal)
	}
	return "| " + provider + " | " + inCode(c.Form) + " | " + becomes + " |\n"
}

// inText escapes what means something in the text of a Markdown table.
func inText(text string) string {
	return strings.NewReplacer("|", `\|`, "_", `\_`, "*", `\*`, "<", "&lt;").Replace(text)
}

// inCode returns text as code in a Markdown table. Control characters are written as
// Go writes them, and an empty text and spaces at its end in quotation marks.
func inCode(text string) string {
	if text == "" || strings.HasSuffix(text, " ") || strings.ContainsFunc(text, unicode.IsControl) {
		text = strconv.Quote(text)
	}
	return "`" + strings.ReplaceAll(text, "|", `\|`) + "`"
}

// TestIDsForLiteralOrigin: an origin that reads names as they stand may have IDs that
// Under refuses. The others become the same segment.
func TestIDsForLiteralOrigin(t *testing.T) {
	found := 0
	for _, tt := range readIDs(t) {
		t.Run(tt.ID, func(t *testing.T) {
			segment := tt.Under
			if tt.Literal != "" {
				found++
				segment = tt.Literal
			}
			r, err := policy.UnderForLiteralOrigin(usersURL, tt.Form)
			checkID(t, r, err, segment, tt.Why)
		})
	}
	if found == 0 {
		t.Error("the table has no ID that only UnderForLiteralOrigin accepts")
	}
}
