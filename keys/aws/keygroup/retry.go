// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"fmt"
	"time"
)

// mostConflicts is how often a request is repeated because somebody else was faster.
const mostConflicts = 10

// retry repeats a change that somebody else was faster than.
func (r *Rotator) retry(ctx context.Context, what string, change func() error) error {
	var err error
	for i := range mostConflicts {
		if err = change(); !isConflict(err) {
			return err
		}
		if err := pause(ctx, time.Duration(i)*100*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("keygroup: %s: %w (%v)", what, ErrConflict, err)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("keygroup: %w", ctx.Err())
	case <-timer.C:
		return nil
	}
}
