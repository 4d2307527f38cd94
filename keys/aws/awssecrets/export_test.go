// SPDX-License-Identifier: Apache-2.0

package awssecrets

import "time"

// SetClock makes the source ask now for the time. Call it before other goroutines use the
// source.
func (s *Source) SetClock(now func() time.Time) { s.now = now }
