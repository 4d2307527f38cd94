// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"testing"

	"github.com/cfsign/cfsign/policy"
)

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
