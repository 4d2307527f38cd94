// SPDX-License-Identifier: Apache-2.0

package refusals

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
	"github.com/cfsign/cfsign/keys"
)

// Options configure [Run]. The zero value decides without keys about all requests.
type Options struct {
	// Keys are the public keys that signatures are verified with. Zero: signatures are not
	// verified.
	Keys keys.Set
	// Since and Until limit the requests by the time at which they ended. Until is not included.
	// Zero: no limit. With a limit, requests without a time are left out.
	Since, Until time.Time
	// Workers is how many goroutines decide. Zero: as many as there are processors.
	Workers int
	// Progress is called from time to time with the number of lines that were read. Nil: it is not
	// called.
	Progress func(lines int64)
}

// Run reads logs and returns what it finds. If ctx ends, it returns what was found so far, and
// [Report.Interrupted] is set. It returns an error of [accesslogs.Reader.Read].
func Run(ctx context.Context, reader *accesslogs.Reader, args []string, o Options) (*Report, error) {
	workers := o.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var (
		batches = make(chan *accesslogs.Batch, workers)
		tallies = make([]*tally, workers)
		lines   atomic.Int64
		group   sync.WaitGroup
	)
	for i := range workers {
		tallies[i] = newTally(o.Keys)
		group.Go(func() {
			w := worker{options: o, judge: newJudge(o.Keys), tally: tallies[i]}
			for b := range batches {
				lines.Add(w.take(b))
			}
		})
	}
	err := reader.Read(ctx, args, func(b *accesslogs.Batch) {
		batches <- b
		if o.Progress != nil {
			o.Progress(lines.Load())
		}
	})
	close(batches)
	group.Wait()
	if err != nil {
		return nil, err
	}
	all := newTally(o.Keys)
	for _, t := range tallies {
		all.merge(t)
	}
	report := newReport(all, reader, o)
	report.Interrupted = ctx.Err() != nil
	return report, nil
}

// A worker is one goroutine that decides.
type worker struct {
	options Options
	judge   *judge
	tally   *tally
}

// take decides about a batch, and returns the number of its lines.
func (w *worker) take(b *accesslogs.Batch) int64 {
	lines := b.Each(w.record, w.tally.damage)
	b.Release()
	w.tally.lines += lines
	return lines
}

// record decides about a record.
func (w *worker) record(r *accesslogs.Record) {
	at, _ := r.Finished()
	if !w.includes(at) {
		return
	}
	c := credentialOf(r)
	if r.Code() != http.StatusForbidden {
		w.tally.count(r, c, nil, at, w.judge.expires)
		return
	}
	v := w.judge.decide(r, c)
	w.tally.count(r, c, &v, at, w.judge.expires)
}

// includes reports whether the time is within the limits.
func (w *worker) includes(at time.Time) bool {
	since, until := w.options.Since, w.options.Until
	return (since.IsZero() || !at.Before(since)) && (until.IsZero() || !at.IsZero() && at.Before(until))
}
