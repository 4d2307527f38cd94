// SPDX-License-Identifier: Apache-2.0

// Package journal keeps the latest decisions of a local CloudFront, and shows them on a page.
package journal

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/wire"
)

// A Journal keeps the latest 100 decisions. The zero value is empty and ready to use. It
// is safe for concurrent use.
type Journal struct {
	// Clock returns the time of the distribution. Nil: time.Now.
	Clock func() time.Time

	mu      sync.Mutex
	entries []entry
}

// An entry is a decision as the page shows it. It has nothing of the request but the method and
// the path, because the rest contains credentials.
type entry struct {
	method, path string
	at           time.Time
	cause        cause
	detail       string
}

// Add adds a decision. It is for [edge.Config.Observe].
func (j *Journal) Add(_ context.Context, d edge.Decision) {
	const most = 100
	cause := causeOf(d)
	// URL.Path is decoded, and /users/%2A/ and /users/*/ are two folders.
	path, _, _ := strings.Cut(d.Request.RequestURI, "?")
	e := entry{method: d.Request.Method, path: wire.Redact(path), cause: cause, detail: detailOf(d, cause.Hint)}
	j.mu.Lock()
	defer j.mu.Unlock()
	e.at = j.now()
	j.entries = append(j.entries, e)
	j.entries = j.entries[max(0, len(j.entries)-most):]
}

func (j *Journal) now() time.Time {
	if j.Clock == nil {
		return time.Now()
	}
	return j.Clock()
}

// newestFirst returns a copy of the entries.
func (j *Journal) newestFirst() []entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	entries := slices.Clone(j.entries)
	slices.Reverse(entries)
	return entries
}
