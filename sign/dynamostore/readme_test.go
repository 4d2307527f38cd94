// SPDX-License-Identifier: Apache-2.0

package dynamostore_test

import (
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
