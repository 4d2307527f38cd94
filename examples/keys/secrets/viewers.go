// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/sign"
)

// An answer is what a viewer gets.
type answer struct {
	status int
	body   string
	reason string // why it was denied
}

func get(ctx context.Context, rawURL string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, strings.TrimSpace(string(body)), response.Header.Get(edge.ExplanationHeader)}, err
}

// viewers fetch a file all the time, each time with a URL that is signed for them.
type viewers struct {
	stop func()
	wait sync.WaitGroup

	mu     sync.Mutex
	byID   map[string]int // answers with the file, by the key that signed
	failed error          // the first one
}

// startViewers lets some begin.
func startViewers(ctx context.Context, signer *sign.Signer, file string, now func() time.Time) *viewers {
	ctx, stop := context.WithCancel(ctx)
	v := &viewers{stop: stop, byID: map[string]int{}}
	const some = 4
	for range some {
		v.wait.Go(func() {
			for ctx.Err() == nil {
				v.visit(context.WithoutCancel(ctx), signer, file, now)
			}
		})
	}
	return v
}

func (v *viewers) visit(ctx context.Context, signer *sign.Signer, file string, now func() time.Time) {
	link, err := signer.URL(ctx, file, now().Add(lifetime))
	if err != nil {
		v.add("", err)
		return
	}
	a, err := get(ctx, link)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("a viewer got %d: %s", a.status, a.reason)
	}
	_, id, _ := strings.Cut(link, "Key-Pair-Id=")
	id, _, _ = strings.Cut(id, "&")
	v.add(id, err)
}

func (v *viewers) add(id string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.byID[id]++
	if v.failed == nil {
		v.failed = err
	}
}

// waitFor waits until the file was fetched some times with URLs of a key.
func (v *viewers) waitFor(ctx context.Context, id string) error {
	const times, pause = 20, time.Millisecond
	for ctx.Err() == nil {
		v.mu.Lock()
		done, err := v.byID[id] >= times, v.failed
		v.mu.Unlock()
		if done || err != nil {
			return err
		}
		time.Sleep(pause)
	}
	return ctx.Err()
}

// end lets them finish, and returns the first thing that went wrong.
func (v *viewers) end() error {
	v.stop()
	v.wait.Wait()
	return v.failed
}
