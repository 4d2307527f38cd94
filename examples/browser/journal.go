// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"
	"sync"

	"github.com/cfsign/cfsign/edge"
)

// An entry is a decision as the page shows it.
type entry struct {
	Method  string `json:"method"`
	Path    string `json:"path"`
	Allowed bool   `json:"allowed"`
	Reason  string `json:"reason"`
}

// A journal keeps the latest decisions.
type journal struct {
	mu      sync.Mutex
	entries []entry
}

func (j *journal) add(_ context.Context, d edge.Decision) {
	const most = 60
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry{Method: d.Request.Method, Path: d.Request.URL.Path, Allowed: d.Allowed, Reason: d.Reason})
	j.entries = j.entries[max(0, len(j.entries)-most):]
}

// latest returns the decisions, the newest first.
func (j *journal) latest() []entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	latest := append([]entry{}, j.entries...)
	slices.Reverse(latest)
	return latest
}
