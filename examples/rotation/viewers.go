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
			v.count(ctx, 0)
			return
		}
		if late {
			const reserve = 200 * time.Millisecond // for a slow machine
			pause(ctx, time.Until(expires)-reserve)
		}
		v.follow(ctx, link)
		pause(ctx, 20*time.Millisecond)
	}
}

func (v *viewers) follow(ctx context.Context, link string) {
	status, err := v.site.get(ctx, link)
	if err != nil {
		status = 0
	}
	v.count(ctx, status)
}

// count counts an answer, unless there is none because the viewers are stopped.
func (v *viewers) count(ctx context.Context, status int) {
	if ctx.Err() != nil {
		return
	}
	v.requests.Add(1)
	if status != http.StatusOK {
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
