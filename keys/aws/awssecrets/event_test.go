// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// TestEventTexts: what people and logs see of an event.
func TestEventTexts(t *testing.T) {
	for _, tt := range []struct {
		event                awssecrets.Event
		text, record, reason string
	}{
		{awssecrets.Event{KeyPairID: "K2"}, "awssecrets: the pair K2 was accepted", "[keyPairID=K2]", "taken"},
		{awssecrets.Event{KeyPairID: "K1", Err: errors.New("awssecrets: throttled")}, "awssecrets: throttled", "[keyPairID=K1 error=awssecrets: throttled]", "failed"},
	} {
		got := []string{fmt.Sprint(tt.event), fmt.Sprintf("%+v", &tt.event), slog.AnyValue(tt.event).Resolve().String()}
		if diff := cmp.Diff([]string{tt.text, tt.text, tt.record}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}
