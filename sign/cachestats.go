// SPDX-License-Identifier: Apache-2.0

package sign

import "sync/atomic"

// CacheStats are counts since the cache was made. They are plain numbers for
// expvar.Func, OpenTelemetry's observable counters, or a log line.
type CacheStats struct {
	// Hits were answered with a policy that was there.
	Hits uint64 `json:"hits"`
	// Misses are the key operations for which a caller waited.
	Misses uint64 `json:"misses"`
	// Waits were answered by an operation that another caller had begun.
	Waits uint64 `json:"waits"`
	// Refreshes are the key operations in the background.
	Refreshes uint64 `json:"refreshes"`
	// Errors are the key operations that failed, in the background or not,
	// and rights of which no policy can be made.
	Errors uint64 `json:"errors"`
	// Evictions are the policies that made room for others.
	Evictions uint64 `json:"evictions"`
	// Size is how many policies are kept now.
	Size int `json:"size"`
}

// counters are what CacheStats reads.
type counters struct {
	hits, misses, waits, refreshes, errors, evictions atomic.Uint64
}

// Stats returns the counts. They are read one after the other, so that one may lag
// behind another while the cache is used.
func (c *Cache) Stats() CacheStats {
	return CacheStats{
		Hits: c.counters.hits.Load(), Misses: c.counters.misses.Load(), Waits: c.counters.waits.Load(), Refreshes: c.counters.refreshes.Load(),
		Errors: c.counters.errors.Load(), Evictions: c.counters.evictions.Load(), Size: c.entries.Len(),
	}
}
