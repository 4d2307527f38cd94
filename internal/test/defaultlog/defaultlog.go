// SPDX-License-Identifier: Apache-2.0

// Package defaultlog shows tests what was written to slog.Default.
package defaultlog

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// A Log holds lines without their times. It is safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

// Capture replaces slog.Default until the test ends, so the test must not be parallel.
func Capture(t testing.TB) *Log {
	t.Helper()
	before, log := slog.Default(), &Log{}
	slog.SetDefault(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{ReplaceAttr: withoutTime})))
	t.Cleanup(func() { slog.SetDefault(before) })
	return log
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// Write writes to the log.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// Take returns the lines since the last call.
func (l *Log) Take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}
