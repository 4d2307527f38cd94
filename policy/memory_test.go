// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"testing"
	"unsafe"

	"github.com/cfsign/cfsign/policy"
)

// TestNothingKeepsTheCallersMemory: a resource may be kept for long, and its URL may be a
// small part of a large buffer.
func TestNothingKeepsTheCallersMemory(t *testing.T) {
	const file = host + "/users/alice/a.jpg"
	exact, err := policy.URL(file)
	if err != nil {
		t.Fatal(err)
	}
	pattern, err := policy.PatternFromConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	anyHost, err := policy.PatternAnyHostFromConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	canned, err := policy.Canned(file, future)
	if err != nil {
		t.Fatal(err)
	}
	document := []byte(`{"Statement":[{"Resource":"` + file + `","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}`)
	parsed, err := policy.Parse(document)
	if err != nil {
		t.Fatal(err)
	}
	mismatch := notCovered(t, canned.Resource().Check(file+"?x=1"))
	for name, kept := range map[string]string{
		"URL": exact.String(), "PatternFromConfig": pattern.String(), "PatternAnyHostFromConfig": anyHost.String(),
		"Canned": canned.Resource().String(), "Check": notCovered(t, exact.Check(host+"/b")).Resource, "Check of a query": mismatch.URL,
	} {
		if isPartOf(kept, file) || isPartOf(kept, exact.String()) && name != "URL" {
			t.Errorf("%s keeps the memory that it was given", name)
		}
	}
	if isPartOf(parsed.Resource().String(), unsafe.String(&document[0], len(document))) {
		t.Error("Parse keeps the memory that it was given")
	}
}

// isPartOf reports whether s is in the memory of whole.
func isPartOf(s, whole string) bool {
	start, end := uintptr(unsafe.Pointer(unsafe.StringData(whole))), uintptr(len(whole))
	at := uintptr(unsafe.Pointer(unsafe.StringData(s)))
	return len(s) > 0 && at >= start && at < start+end
}
