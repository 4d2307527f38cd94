// SPDX-License-Identifier: Apache-2.0

package awstest

import (
	"sync"
	"time"
)

// A clock is another clock, plus a jump for each time it is read. The zero clock is time.Now. It is
// safe for concurrent use.
type clock struct {
	mu          sync.Mutex
	base        func() time.Time // nil: time.Now
	jump, ahead time.Duration    // of the base
}

func (c *clock) set(base func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base = base
}

func (c *clock) hasten(jump time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jump = jump
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	c.ahead += c.jump
	base, ahead := c.base, c.ahead
	c.mu.Unlock()
	if base == nil {
		base = time.Now
	}
	return base().Add(ahead)
}
