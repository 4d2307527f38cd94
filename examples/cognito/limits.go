// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

const (
	longestBody = 1 << 10 // no route reads one
	longestPath = 2 << 10 // of a file, decoded
)

// checkSize refuses bodies.
func checkSize(r *http.Request) error {
	if r.ContentLength > longestBody || r.ContentLength < 0 {
		// The server would read it to the end to use the connection again.
		return refuse(http.StatusRequestEntityTooLarge, "no route takes a body: leave it out").with("Connection", "close")
	}
	return nil
}

// A throttle counts how often users ask for folders that are closed to them. Who does so too
// often has to wait, before the database is asked again; the own folder stays open. It counts
// users and not addresses, since behind a load balancer all have the same one.
type throttle struct {
	clock func() time.Time
	users *lru.Cache[string, *rate.Limiter]
}

const (
	mostRefusals     = 30              // at once
	refusalEvery     = 2 * time.Second // from then on
	throttledUsers   = 10_000
	throttledSeconds = "60"
)

func newThrottle(clock func() time.Time) *throttle {
	users, err := lru.New[string, *rate.Limiter](throttledUsers)
	if err != nil {
		panic(err) // the size is a constant
	}
	return &throttle{clock: clock, users: users}
}

// check refuses a user who was refused too often.
func (t *throttle) check(user string) error {
	if limiter, ok := t.users.Get(user); ok && limiter.TokensAt(t.clock()) < 1 {
		return refuse(http.StatusTooManyRequests, "you asked for too many folders that are closed to you: wait a minute").with("Retry-After", throttledSeconds)
	}
	return nil
}

// count counts a refusal.
func (t *throttle) count(user string) {
	limiter := rate.NewLimiter(rate.Every(refusalEvery), mostRefusals)
	if former, ok, _ := t.users.PeekOrAdd(user, limiter); ok {
		limiter = former
	}
	limiter.AllowN(t.clock(), 1)
}
