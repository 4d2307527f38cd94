// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// TestREADMEStorePolicy: the policy of a rotation allows the operations of the API.
func TestREADMEStorePolicy(t *testing.T) {
	var want, got []string
	for method := range reflect.TypeFor[awssecrets.StoreAPI]().Methods() {
		want = append(want, "secretsmanager:"+method.Name)
	}
	for _, block := range markdown.Code(t, "README.md", "json") {
		if strings.Contains(block, "secretsmanager:PutSecretValue") {
			got = append(got, regexp.MustCompile(`secretsmanager:[A-Z]\w+`).FindAllString(block, -1)...)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
}
