// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"testing"
	"time"
)

var sink []byte

func TestInProcess(t *testing.T) {
	samples, err := inProcess(10, func() error {
		sink = make([]byte, 4096)
		return nil
	})(t.Context(), 5*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	s := samples[0]
	if s.nanoseconds <= 0 || !s.memory {
		t.Errorf("got %+v", s)
	}
	// A tenth of an allocation of 4,096 bytes, and what the runtime does meanwhile.
	if s.allocs < 0.1 || s.allocs > 0.2 || s.bytes < 409.6 || s.bytes > 500 {
		t.Errorf("got %v allocations and %v bytes", s.allocs, s.bytes)
	}
}

// TestRepeat: an operation that takes longer than the limit is done once.
func TestRepeat(t *testing.T) {
	calls, elapsed, err := repeat(time.Nanosecond, func() error {
		time.Sleep(time.Millisecond)
		return nil
	})
	if err != nil || calls != 1 || elapsed < time.Millisecond {
		t.Errorf("got %d calls in %v, %v", calls, elapsed, err)
	}
	failure := errors.New("no")
	if _, _, err := repeat(time.Second, func() error { return failure }); !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
}
