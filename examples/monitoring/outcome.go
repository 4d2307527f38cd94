// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"
	"errors"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// outcome returns a short name for an error, for labels.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	for _, known := range []struct {
		err  error
		name string
	}{
		{context.Canceled, "canceled"}, // the viewer has gone
		{context.DeadlineExceeded, "timeout"},
		{keys.ErrAccessDenied, "access_denied"},
		{keys.ErrThrottled, "throttled"},
		{keys.ErrUnavailable, "unavailable"},
		{keys.ErrDisabled, "disabled"},
		{keys.ErrPendingDeletion, "pending_deletion"},
	} {
		if errors.Is(err, known.err) {
			return known.name
		}
	}
	return "other"
}

// counts names the counters of a cache.
func counts(s sign.CacheStats) map[string]uint64 {
	return map[string]uint64{
		"hit": s.Hits, "miss": s.Misses, "wait": s.Waits,
		"refresh": s.Refreshes, "error": s.Errors, "eviction": s.Evictions,
		"store_hit": s.StoreHits, "store_error": s.StoreErrors,
	}
}
