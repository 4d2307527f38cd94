// SPDX-License-Identifier: Apache-2.0

package dynamostore_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/iampolicy"
	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/sign/dynamostore"
)

// TestREADMEGraph runs the commands that list the packages and modules.
func TestREADMEGraph(t *testing.T) { markdown.CheckConsole(t, "README.md") }

func TestREADMECode(t *testing.T) { markdown.CheckExamples(t, "README.md", "example_test.go") }

// TestREADMEPolicy: the policy allows the operations of the API, and no other.
func TestREADMEPolicy(t *testing.T) {
	iampolicy.Check(t, "README.md", iampolicy.Operations[dynamostore.API]("dynamodb"))
}

// TestREADMECosts: the costs of the fleet follow from the prices, and its signatures are the ones
// in docs/fleet.md.
func TestREADMECosts(t *testing.T) {
	readme, fleet := read(t, "README.md"), read(t, "../../docs/fleet.md")
	price := func(form string) float64 { return number(t, find(t, readme, form)[1]) / 1e6 }
	write, p256, rsa := price(`\[\$([\d.]+)\]`), price(`\$(\d+) with\s+ECC_NIST_P256`), price(`\$(\d+) with\s+RSA_2048`)
	for row, inFleet := range map[string]string{"without a store": "without a store, no quota", "with this table": "with a store"} {
		cells := find(t, readme, `\| `+row+` \| ([\d,]+) \| ([\d,]+) \| \$(\d+) \| \$(\d+) \|`)
		if want := find(t, fleet, `\| `+inFleet+` \| ([\d,]+) \|`)[1]; cells[1] != want {
			t.Errorf("%s: %s signatures, but docs/fleet.md has %s", row, cells[1], want)
		}
		signatures, writes := number(t, cells[1]), number(t, cells[2])*write
		for i, price := range []float64{p256, rsa} {
			if want := fmt.Sprintf("%.0f", signatures*price+writes); cells[3+i] != want {
				t.Errorf("%s: $%s, want $%s", row, cells[3+i], want)
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func find(t *testing.T, text, form string) []string {
	t.Helper()
	found := regexp.MustCompile(form).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("the page does not have %s", form)
	}
	return found
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestREADMETable: the three forms of the table have the attributes that an item has.
func TestREADMETable(t *testing.T) {
	s := newService(t)
	store := newStore(t, s, dynamostore.Options{})
	if _, _, err := store.Claim(t.Context(), name, time.Minute); err != nil {
		t.Fatal(err)
	}
	item := s.dynamoDB.Items(table)[name]
	if item["name"]["S"] == "" || item["expires"]["N"] == "" {
		t.Fatalf("got %v", item)
	}
	for language, want := range map[string][]string{
		"sh":   {"AttributeName=name,AttributeType=S", "AttributeName=name,KeyType=HASH", "Enabled=true,AttributeName=expires"},
		"yaml": {"AttributeName: name, AttributeType: S", "AttributeName: name, KeyType: HASH", "AttributeName: expires, Enabled: true"},
		"hcl":  {`hash_key     = "name"`, `type = "S"`, `attribute_name = "expires"`},
	} {
		code := strings.Join(markdown.Code(t, "README.md", language), "")
		for _, text := range append(want, "cfsign", "PAY_PER_REQUEST") {
			if !strings.Contains(code, text) {
				t.Errorf("the %s of the README does not have %q", language, text)
			}
		}
	}
}
