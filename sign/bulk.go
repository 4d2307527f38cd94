// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// BulkOptions configure [Signer.URLs] and [Cache.URLs]. The zero value is ready to use.
type BulkOptions struct {
	// Workers is how many URLs are signed at once. You can raise it for a remote key, up
	// to the key's quota. Zero: GOMAXPROCS, which suits keys in memory.
	Workers int
	// Progress is called after each URL with the number of URLs that are done. Calls come
	// in order and one at a time, so a slow Progress slows down URLs. Nil: no hook.
	Progress func(done int)
}

// A BulkError says which URL could not be signed.
type BulkError struct {
	// Index is the index of the URL in the list.
	Index int
	// Err is the reason.
	Err error
}

// Error returns the index of the URL and the reason.
func (e *BulkError) Error() string { return fmt.Sprintf("sign: URL %d: %v", e.Index, e.Err) }

// Unwrap returns e.Err.
func (e *BulkError) Unwrap() error { return e.Err }

// URLs signs many URLs until expires, each with its own canned policy, and returns them
// in the same order. If one policy can cover all of the URLs, use
// [Signer.SignResource] and [SignedPolicy.URL] instead: they need one key operation for all.
//
// URLs returns all signed URLs or an error. After the first error, it starts no more key
// operations. The error is a [*BulkError] for the URL that failed, or wraps the error of
// ctx. If the key or Progress panics, URLs returns the panic as an error, because your code
// cannot recover a panic of another goroutine.
func (s *Signer) URLs(ctx context.Context, rawURLs []string, expires time.Time, o BulkOptions) ([]string, error) {
	return signAll(ctx, rawURLs, o, func(ctx context.Context, rawURL string) (string, error) { return s.URL(ctx, rawURL, expires) })
}

// URLs returns many URLs in the same order, each as [Cache.URL] returns it. The rest is as
// with [Signer.URLs]: all signed URLs or an error. If a user needs many files of one folder,
// use [Cache.SignResource] for the folder and [SignedPolicy.AppendURL] for each file instead:
// they need one key operation for all.
func (c *Cache) URLs(ctx context.Context, rawURLs []string, o BulkOptions) ([]string, error) {
	return signAll(ctx, rawURLs, o, c.URL)
}

// signAll returns what sign returns for each of the URLs.
func signAll(ctx context.Context, rawURLs []string, o BulkOptions, sign func(context.Context, string) (string, error)) ([]string, error) {
	if ctx == nil {
		return nil, errNoContext
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	b := bulk{signURL: sign, rawURLs: rawURLs, signed: make([]string, len(rawURLs)), progress: o.Progress}
	var next atomic.Int64
	work := func() {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(rawURLs) {
				return
			}
			if err := b.sign(ctx, i); err != nil {
				cancel(&BulkError{Index: i, Err: err}) // Only the first call counts.
			}
		}
	}
	var workers sync.WaitGroup
	for range min(o.Workers, len(rawURLs)) {
		workers.Go(work)
	}
	workers.Wait()
	if failed := (*BulkError)(nil); errors.As(context.Cause(ctx), &failed) {
		return nil, failed
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	if i := slices.Index(b.signed, ""); i >= 0 { // A worker has ended before its turn was over.
		return nil, &BulkError{Index: i, Err: errors.New("sign: the key or Progress called runtime.Goexit")}
	}
	return b.signed, nil
}

// A bulk is what the workers share.
type bulk struct {
	signURL func(context.Context, string) (string, error)
	rawURLs []string
	signed  []string // Each worker writes to other elements.

	mu       sync.Mutex
	done     int
	progress func(int)
}

// sign signs one URL.
func (b *bulk) sign(ctx context.Context, i int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("sign: the key or Progress panicked: %v", p)
		}
	}()
	b.signed[i], err = b.signURL(ctx, b.rawURLs[i])
	if err == nil {
		b.count()
	}
	return err
}

func (b *bulk) count() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	if b.progress != nil {
		b.progress(b.done)
	}
}
