// SPDX-License-Identifier: Apache-2.0

package sign

import "sync/atomic"

// CacheStats are counts since the cache was created. They are plain numbers for
// expvar.Func, OpenTelemetry's observable counters, or a log line.
type CacheStats struct {
	// Hits counts the calls that found a policy in the cache.
	Hits uint64 `json:"hits"`
	// Misses counts the key operations that a caller waited for.
	Misses uint64 `json:"misses"`
	// Waits counts the calls that shared an operation which another caller began.
	Waits uint64 `json:"waits"`
	// Refreshes counts the key operations in the background.
	Refreshes uint64 `json:"refreshes"`
	// Errors counts the key operations that failed, in the background or not, and the
	// requests with an invalid resource, URL or condition.
	Errors uint64 `json:"errors"`
	// StoreHits counts the policies that the Store had, so that no key was used.
	StoreHits uint64 `json:"storeHits"`
	// StoreErrors counts the failures of the Store, and the wrong signatures in it.
	StoreErrors uint64 `json:"storeErrors"`
	// Evictions counts the policies that the cache dropped because it was full.
	Evictions uint64 `json:"evictions"`
	// Size is how many policies the cache holds now.
	Size int `json:"size"`
}

// counters are the values behind CacheStats.
type counters struct {
	hits, misses, waits, refreshes, errors, storeHits, storeErrors, evictions atomic.Uint64
}

// Stats returns the counts. It reads them one after the other, so one can lag behind
// another while the cache is in use.
func (c *Cache) Stats() CacheStats {
	return CacheStats{
		Hits: c.counters.hits.Load(), Misses: c.counters.misses.Load(), Waits: c.counters.waits.Load(), Refreshes: c.counters.refreshes.Load(),
		Errors: c.counters.errors.Load(), StoreHits: c.counters.storeHits.Load(), StoreErrors: c.counters.storeErrors.Load(),
		Evictions: c.counters.evictions.Load(), Size: c.entries.Len(),
	}
}
