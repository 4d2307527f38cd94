// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

// TestREADMEStorePolicy: the policy of a rotation allows the operations of the API.
func TestREADMEStorePolicy(t *testing.T) {
	var want, got []string
	for method := range reflect.TypeFor[awskms.StoreAPI]().Methods() {
		want = append(want, "kms:"+method.Name)
	}
	for _, block := range markdown.Code(t, "README.md", "json") {
		if strings.Contains(block, "kms:CreateKey") {
			got = append(got, regexp.MustCompile(`kms:[A-Z]\w+`).FindAllString(block, -1)...)
		}
	}
	want = append(want, "kms:TagResource") // for StoreOptions.Tags
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
}
