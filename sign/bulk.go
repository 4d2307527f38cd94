// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// BulkOptions change what [Signer.URLs] does by default.
type BulkOptions struct {
	// Workers is how many URLs are signed at once. Zero: as many as the
	// process may use cores, which suits keys in memory. A remote key can do
	// more at once, up to its quota.
	Workers int
	// Progress, if not nil, is called after each URL with the number of those
	// that are done, one call at a time and in order. It slows down what it
	// takes.
	Progress func(done int)
}

// A BulkError says which URL could not be signed.
type BulkError struct {
	// Index is that of the URL in the list.
	Index int
	// Err is the reason.
	Err error
}

// Error names the URL by its index and says why.
func (e *BulkError) Error() string { return fmt.Sprintf("sign: URL %d: %v", e.Index, e.Err) }

// Unwrap returns e.Err.
func (e *BulkError) Unwrap() error { return e.Err }

// URLs signs many URLs, each with a canned policy of its own until expires, and returns
// them in the same order. Where one policy covers all of them, [Signer.Sign] and
// [SignedPolicy.URL] cost one key operation instead.
//
// If one cannot be signed, or ctx ends, nothing more is begun and nothing is
// returned but the error: a [*BulkError] for the URL that failed first, or that of ctx.
// A panic of the key or of Progress becomes one of URLs.
func (s *Signer) URLs(ctx context.Context, rawURLs []string, expires time.Time, o BulkOptions) ([]string, error) {
	if ctx == nil {
		return nil, errNoContext
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b := bulk{signer: s, rawURLs: rawURLs, expires: expires, signed: make([]string, len(rawURLs)), progress: o.Progress, stop: cancel}
	var workers sync.WaitGroup
	for range min(o.Workers, len(rawURLs)) {
		workers.Go(func() { b.work(ctx) })
	}
	workers.Wait()
	switch {
	case b.panicked != nil:
		panic(b.panicked) // where the caller can recover from it
	case b.failed != nil:
		return nil, b.failed
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case b.done != len(rawURLs):
		return nil, fmt.Errorf("sign: %d of %d URLs are signed: the key or Progress has ended its goroutine", b.done, len(rawURLs))
	}
	return b.signed, nil
}

// A bulk is the state that the workers share.
type bulk struct {
	signer   *Signer
	rawURLs  []string
	expires  time.Time
	signed   []string
	next     atomic.Int64
	stop     context.CancelFunc
	progress func(int)

	mu       sync.Mutex
	done     int
	failed   *BulkError
	panicked any
}

// work signs one URL after the other until none is left.
func (b *bulk) work(ctx context.Context) {
	defer b.recover()
	for ctx.Err() == nil {
		i := int(b.next.Add(1)) - 1
		if i >= len(b.rawURLs) {
			return
		}
		signed, err := b.signer.URL(ctx, b.rawURLs[i], b.expires)
		if err != nil {
			b.fail(ctx, i, err)
			return
		}
		b.signed[i] = signed
		b.count()
	}
}

// fail keeps the first error, and stops the others.
func (b *bulk) fail(ctx context.Context, i int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ctx.Err() != nil {
		return // it may have ended because of another, or of the caller
	}
	b.failed = &BulkError{Index: i, Err: err}
	b.stop()
}

// recover keeps a panic of the key or of Progress for the caller: nobody could recover
// from it in a goroutine of ours.
func (b *bulk) recover() {
	p := recover()
	if p == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.panicked = p
	b.stop()
}

func (b *bulk) count() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	if b.progress != nil {
		b.progress(b.done)
	}
}
