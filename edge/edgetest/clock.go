// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"sync/atomic"
	"time"
)

// A Clock runs on, and can be moved. The zero Clock shows the current time. It is
// safe for concurrent use.
type Clock struct {
	offset atomic.Int64 // nanoseconds
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

// Advance moves the clock by d, or back if d is negative.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// Set moves the clock to t, from where it runs on.
func (c *Clock) Set(t time.Time) { c.offset.Store(int64(time.Until(t))) }
