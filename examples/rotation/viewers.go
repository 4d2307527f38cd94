// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// viewers get links and follow them, half of them at once and the others as late as
// they can.
type viewers struct {
	site              *site
	requests, refused atomic.Int64

	cancel context.CancelFunc
	all    sync.WaitGroup
}

func startViewers(ctx context.Context, s *site) *viewers {
	const howMany = 16
	v := &viewers{site: s}
	ctx, v.cancel = context.WithCancel(ctx)
	for i := range howMany {
		v.all.Go(func() { v.view(ctx, i%2 == 0) })
	}
	return v
}

// stop ends the viewers and waits for them.
func (v *viewers) stop() {
	v.cancel()
	v.all.Wait()
}

// view is the life of one viewer.
func (v *viewers) view(ctx context.Context, late bool) {
	for ctx.Err() == nil {
		link, expires, err := v.site.link(ctx)
		if err != nil {
			v.fail(ctx)
			return
		}
		if late {
			const reserve = 200 * time.Millisecond
			pause(ctx, time.Until(expires)-reserve)
		}
		v.follow(ctx, link, expires)
		pause(ctx, 20*time.Millisecond)
	}
}

// follow fetches the file, and counts the answer. There is none if the viewers are
// stopped, and one that came too late says nothing.
func (v *viewers) follow(ctx context.Context, link string, expires time.Time) {
	status, err := v.site.get(ctx, link)
	if ctx.Err() != nil || !time.Now().Before(expires) {
		return
	}
	v.requests.Add(1)
	if err != nil || status != http.StatusOK {
		v.refused.Add(1)
	}
}

// fail counts a link that was not to be had.
func (v *viewers) fail(ctx context.Context) {
	if ctx.Err() == nil {
		v.refused.Add(1)
	}
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
