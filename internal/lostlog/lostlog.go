// SPDX-License-Identifier: Apache-2.0

// Package lostlog writes errors that no caller and no hook gets to slog.Default.
package lostlog

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// A Log writes at most one line a second, so that many requests that fail for one reason do not
// fill the disk. The zero Log is ready to use. It is safe for concurrent use, and must not be copied.
type Log struct {
	mu       sync.Mutex
	next     time.Time
	unlogged int
}

// Write writes a line at level. If the last line is less than a second old, it only counts, and the
// next line says how many there were.
func (l *Log) Write(ctx context.Context, level slog.Level, message string, attribute slog.Attr) {
	unlogged, ok := l.begin()
	if !ok {
		return
	}
	attributes := []slog.Attr{attribute}
	if unlogged > 0 {
		attributes = append(attributes, slog.Int("unlogged", unlogged))
	}
	slog.LogAttrs(ctx, level, message, attributes...)
}

// begin reports whether a line can be written, and how many were not. The caller writes it without the
// lock, so a slow log holds up one request and not all that fail.
func (l *Log) begin() (unlogged int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Before(l.next) {
		l.unlogged++
		return 0, false
	}
	unlogged = l.unlogged
	l.next, l.unlogged = now.Add(time.Second), 0
	return unlogged, true
}
