// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/cfsign/cfsign/internal/lostlog"
)

// CacheOptions configure a [Cache]. The zero value is ready to use.
type CacheOptions struct {
	// Window is how long equal requests share one signed policy, in whole seconds. A
	// policy is valid for the promised lifetime and up to a window and a second more.
	//
	// A window does not begin at your first call. Windows begin at fixed times, which are
	// the same in every process and differ for each resource or URL. So the URLs of a page
	// that [Cache.URL] has signed change one after another. To change all of them at once,
	// sign their folder with [Cache.SignResource], and use [SignedPolicy.URL] for each.
	//
	// Zero: the lifetime.
	Window time.Duration
	// Size is how many signed policies the cache keeps. A full cache drops the policy
	// that was not used for the longest time. A resource or URL in use needs up to two
	// policies: one for this window, and one for the next. Set Size to twice the number of
	// resources and URLs that are in use. A policy takes about a kilobyte of memory. Each
	// byte of the URL or resource beyond the first hundred adds one byte for URL, and two
	// and a half for SignResource. Zero: 10,000.
	Size int
	// Timeout is how long one operation of the key may take. The operation goes on if
	// its callers give up. The cache cannot stop a key that takes no context, but
	// callers wait no longer than the timeout and an eighth more, including the wait for
	// their turn; with a Store, StoreTimeout is added. Zero: 30 seconds.
	Timeout time.Duration
	// Operations is how many key operations run at once for callers. Others wait for
	// their turn, first come, first served. Waiting takes no goroutine except the
	// caller's own; with a Store, each policy takes one while it asks there. An operation
	// that hangs keeps its place until the key answers. After [Signer.Rotate], the new key
	// has its own places. Up to four refreshes in the background can run in addition.
	// Zero: 64.
	Operations int
	// Store shares signatures with the caches of other processes: each policy then costs
	// one key operation for all of them, and all of them return the same URLs and cookies.
	// It is for keys whose operations are slow, paid or limited, as in KMS. All processes
	// must use the same lifetime and window. Nil: each process signs for itself.
	Store Store
	// StoreTimeout is how long a policy can wait for the Store, or for a process that is
	// signing it. Then the cache signs without the Store. So if the Store is slow or down,
	// a call takes no longer than the key plus StoreTimeout. A claim ends after half of
	// StoreTimeout: if the key takes longer, or a process ends before it has saved its
	// signature, another process signs. Use two milliseconds or more, and not more than
	// Timeout. Zero: 500 milliseconds, or Timeout if that is less.
	StoreTimeout time.Duration
	// StoreError is called if the Store fails. The cache then signs without the Store for a
	// second. It is also called if a signature in the Store is wrong: this error wraps
	// [ErrSignature], and the cache replaces the signature. No caller gets these errors.
	// Several goroutines may call StoreError at once. It must be quick, and it must not
	// panic. Nil: the errors are written to slog.Default of log/slog.
	StoreError func(error)
}

// withDefaults returns the options with a value for each that is zero. A Store stays nil.
func (o CacheOptions) withDefaults(lifetime time.Duration) CacheOptions {
	o.Window = cmp.Or(o.Window, lifetime)
	o.Size = cmp.Or(o.Size, 10_000)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	if o.StoreError == nil {
		var lost lostlog.Log
		o.StoreError = func(err error) {
			lost.Write(context.Background(), slog.LevelError, "sign: the store of a cache failed", slog.String("error", err.Error()))
		}
	}
	o.Operations = cmp.Or(o.Operations, 64)
	o.StoreTimeout = cmp.Or(o.StoreTimeout, min(500*time.Millisecond, o.Timeout))
	return o
}

// patience returns how long a caller waits. By then, a key that takes a context has ended, and so
// has a Store.
func (o CacheOptions) patience() time.Duration {
	wait := o.Timeout + o.Timeout/8
	if o.Store != nil {
		wait += o.StoreTimeout
	}
	return wait
}

// check returns an error for invalid options. longest is the signer's bound.
func (o CacheOptions) check(lifetime, longest time.Duration) error {
	if !isSeconds(lifetime) || !isSeconds(o.Window) {
		return refuse(ErrLifetime, "a lifetime of %v and a window of %v: use one second or more for both, in whole seconds", lifetime, o.Window)
	}
	if o.Size < 0 || o.Timeout < 0 || o.Operations < 0 {
		return refuse(ErrLifetime, "a size of %d, a timeout of %v and %d operations: none of them may be negative", o.Size, o.Timeout, o.Operations)
	}
	if o.Store != nil && (o.StoreTimeout < 2*time.Millisecond || o.StoreTimeout > o.Timeout) {
		return refuse(ErrLifetime, "a StoreTimeout of %v: use two milliseconds or more, and not more than the timeout of the key, which is %v", o.StoreTimeout, o.Timeout)
	}
	if valid := lifetime + o.Window + time.Second; longest != 0 && valid > longest {
		return refuse(ErrBounds, "a policy of the cache can be valid for %v, and Options.Within.Lifetime of the signer is %v: raise that, or choose a shorter lifetime or window", valid, longest)
	}
	return nil
}
