// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"runtime"
	"time"
)

// A sample is what was measured in one round.
type sample struct {
	round       int
	nanoseconds float64 // per operation
	// memory says whether allocations were counted, which only those of this
	// process can be.
	memory        bool
	allocs, bytes float64 // per operation
}

// A job measures one cell, or more where one program prints several figures.
type job struct {
	cells []cell
	// slow is for programs that take whole seconds: they run in every fifth round.
	slow bool
	// output does the work once and returns what it makes. Nil: there is nothing
	// to check.
	output func(context.Context) (output, error)
	// measure works for about a time, and returns a sample for each cell.
	measure func(context.Context, time.Duration) ([]sample, error)
}

// inProcess returns the measure of a job whose operation is a function. Each call
// of it counts as so many operations.
func inProcess(operations int, operate func() error) func(context.Context, time.Duration) ([]sample, error) {
	return func(_ context.Context, limit time.Duration) ([]sample, error) {
		// The garbage of the contestant before is not this one's.
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		calls, elapsed, err := repeat(limit, operate)
		runtime.ReadMemStats(&after)
		if err != nil {
			return nil, err
		}
		count := float64(calls) * float64(operations)
		return []sample{{
			nanoseconds: float64(elapsed) / count,
			memory:      true,
			allocs:      float64(after.Mallocs-before.Mallocs) / count,
			bytes:       float64(after.TotalAlloc-before.TotalAlloc) / count,
		}}, nil
	}
}

// repeat calls operate until the time is over, and at least once.
func repeat(limit time.Duration, operate func() error) (calls int, elapsed time.Duration, err error) {
	start := time.Now()
	for batch := 1; elapsed < limit || calls == 0; {
		for range batch {
			if err := operate(); err != nil {
				return 0, 0, err
			}
		}
		calls += batch
		elapsed = time.Since(start)
		// Large enough batches that reading the clock costs nothing, small
		// enough that the time is kept.
		if elapsed*time.Duration(batch)/time.Duration(calls) < limit/50 {
			batch *= 2
		}
	}
	return calls, elapsed, nil
}
