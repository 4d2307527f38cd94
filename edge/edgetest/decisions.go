// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"sync"

	"github.com/cfsign/cfsign/edge"
)

// decisions are the latest ones, by the ID of their request.
type decisions struct {
	mu    sync.Mutex
	all   map[string]edge.Decision
	order []string
}

func (l *decisions) add(d edge.Decision) {
	const most = 10_000
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[string]edge.Decision{}
	}
	if len(l.order) == most {
		delete(l.all, l.order[0])
		l.order = l.order[1:]
	}
	l.all[d.RequestID] = d
	l.order = append(l.order, d.RequestID)
}

func (l *decisions) get(requestID string) (edge.Decision, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d, ok := l.all[requestID]
	return d, ok
}
