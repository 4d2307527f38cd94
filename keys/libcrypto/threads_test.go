// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto_test

import (
	"crypto"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// TestThreads signs 5,000 times at once. Go ends a process that has 10,000 threads, so the
// signatures must share a few. Go does not end the threads that it no longer needs, so their
// number afterwards is the largest one.
func TestThreads(t *testing.T) {
	k, digest := newKey(t, testkeys.RSA()), make([]byte, 32)
	threads := pprof.Lookup("threadcreate")
	before := threads.Count()
	begin := make(chan struct{})
	var done sync.WaitGroup
	for range 5000 {
		done.Go(func() {
			<-begin
			if _, err := k.Sign(nil, digest, crypto.SHA256); err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	done.Wait()
	after, most := threads.Count(), 2*runtime.GOMAXPROCS(0)+20 // Go has some of its own.
	t.Logf("%d threads before, and %d after", before, after)
	if after-before > most {
		t.Errorf("%d new threads, want at most %d", after-before, most)
	}
}
