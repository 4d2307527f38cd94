// SPDX-License-Identifier: Apache-2.0

package keygroup_test

import (
	"testing"

	"github.com/cfsign/cfsign/internal/test/iampolicy"
	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// TestREADMECode: an example that runs has the code.
func TestREADMECode(t *testing.T) {
	markdown.CheckExamples(t, "README.md", "../awssecrets/example_test.go")
}

// TestREADMEPolicies: the policy allows the operations of the API, and no other.
func TestREADMEPolicies(t *testing.T) {
	iampolicy.Check(t, "README.md", iampolicy.Operations[keygroup.API]("cloudfront"))
}
