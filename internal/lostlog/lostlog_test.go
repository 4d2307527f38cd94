// SPDX-License-Identifier: Apache-2.0

package lostlog_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/lostlog"
	"github.com/cfsign/cfsign/internal/test/defaultlog"
)

// TestWrite: there is one line a second, and no error is uncounted.
func TestWrite(t *testing.T) {
	out := defaultlog.Capture(t)
	synctest.Test(t, func(t *testing.T) {
		var log lostlog.Log
		write := func(times int) {
			for range times {
				log.Write(t.Context(), slog.LevelError, "lost", slog.String("error", "down"))
			}
		}
		write(1000)
		time.Sleep(time.Second - 1)
		write(1)
		time.Sleep(1 * time.Nanosecond)
		write(2)
		time.Sleep(time.Hour)
		write(1)
		time.Sleep(time.Second)
		write(1)
	})
	const want = `level=ERROR msg=lost error=down
level=ERROR msg=lost error=down unlogged=1000
level=ERROR msg=lost error=down unlogged=1
level=ERROR msg=lost error=down
`
	if diff := cmp.Diff(want, out.Take()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSlowLog: while a log hangs, another error is counted at once.
func TestSlowLog(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	synctest.Test(t, func(t *testing.T) {
		hung := make(chan struct{})
		slog.SetDefault(slog.New(slog.NewTextHandler(writer(func() { <-hung }), nil)))
		var log lostlog.Log
		go log.Write(t.Context(), slog.LevelError, "lost", slog.String("error", "down"))
		synctest.Wait()
		log.Write(t.Context(), slog.LevelError, "lost", slog.String("error", "down"))
		close(hung)
	})
}

// A writer calls itself for each line.
type writer func()

func (w writer) Write(p []byte) (int, error) {
	w()
	return len(p), nil
}
