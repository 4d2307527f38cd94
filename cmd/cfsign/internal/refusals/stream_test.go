// SPDX-License-Identifier: Apache-2.0

package refusals_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/logmixture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
	"github.com/cfsign/cfsign/keys"
)

// A repeated reader reads a text again and again.
type repeated struct {
	text []byte
	left int // how often
	rest []byte
}

func (r *repeated) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.rest, r.left = r.text, r.left-1
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// BenchmarkRun reads the mixture ten times, but with only one refused request of five: one of 20
// requests is then refused.
func BenchmarkRun(b *testing.B) {
	const times = 10
	sent := logmixture.Send(b, 12_000)
	var log []byte
	lines, refused := int64(0), 0
	for line := range bytes.Lines(sent.Log) {
		if bytes.HasPrefix(line, []byte("#")) {
			log = append(log, line...)
			continue
		}
		if string(bytes.Split(line, []byte("\t"))[8]) == "403" {
			if refused++; refused%5 != 0 {
				continue
			}
		}
		log = append(log, line...)
		lines++
	}
	for _, bb := range []struct {
		name string
		log  []byte
		keys keys.Set
	}{
		{"text", log, keys.Set{}},
		{"gzip", logmixture.Gzip(b, log), keys.Set{}},
		{"gzip-keys", logmixture.Gzip(b, log), sent.Keys},
		{"json", logmixture.JSON(b, log), keys.Set{}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reader := accesslogs.NewReader(accesslogs.Options{Stdin: &repeated{text: bb.log, left: times}})
				got, err := refusals.Run(b.Context(), reader, []string{accesslogs.Stdin}, refusals.Options{Keys: bb.keys})
				if err != nil || got.Requests != lines*times {
					b.Fatal(err, got)
				}
			}
			b.ReportMetric(float64(lines*times*int64(b.N))/b.Elapsed().Seconds(), "lines/s")
		})
	}
	b.Run("parquet", func(b *testing.B) {
		log := logmixture.Parquet(b, log)
		for b.Loop() {
			if got := run(b, log, refusals.Options{}); got.Requests != lines {
				b.Fatal(got)
			}
		}
		b.ReportMetric(float64(lines*int64(b.N))/b.Elapsed().Seconds(), "lines/s")
	})
}

// A hostile reader writes a log in which every request has an ID, a policy, a path and a cookie of
// its own, until it has written so many bytes.
type hostile struct {
	left int64
	n    int
	line bytes.Buffer
}

func (h *hostile) Read(p []byte) (int, error) {
	if h.line.Len() == 0 {
		if h.left <= 0 {
			return 0, io.EOF
		}
		h.next()
		h.left -= int64(h.line.Len())
	}
	return h.line.Read(p)
}

func (h *hostile) next() {
	if h.n == 0 {
		h.line.WriteString("#Fields: date time sc-status x-host-header cs-protocol cs-uri-stem cs-uri-query cs(Cookie) x-edge-detailed-result-type\n")
	}
	for range 100 {
		h.n++
		status := []int{200, 403}[h.n%2]
		query := fmt.Sprintf("Policy=eyJ%dAAAA&Signature=%0300d&Key-Pair-Id=K%dX", h.n, h.n, h.n)
		if h.n%3 == 0 {
			query = fmt.Sprintf("%d=%0*d", h.n, h.n%5000, h.n)
		}
		fmt.Fprintf(&h.line, "2026-01-0%d\t12:00:%02d\t%d\tcdn.example.com\thttps\t/%d/%%1B[31m\t%s\ta=%d;%%20CloudFront-Key-Pair-Id=K%dY\tError\n",
			h.n%9+1, h.n%60, status, h.n, query, h.n, h.n)
	}
}

// TestFlatMemory reads a hostile log that is as long as CFSIGN_LOG_MEGABYTES says, and checks that
// the memory does not grow with it.
func TestFlatMemory(t *testing.T) {
	megabytes := 20
	if text := os.Getenv("CFSIGN_LOG_MEGABYTES"); text != "" {
		var err error
		if megabytes, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	done, most := make(chan struct{}), make(chan uint64)
	go func() { most <- watchHeap(done) }()
	log := &hostile{left: int64(megabytes) * 1e6}
	reader := accesslogs.NewReader(accesslogs.Options{Stdin: log})
	got, err := refusals.Run(t.Context(), reader, []string{accesslogs.Stdin}, refusals.Options{})
	close(done)
	if err != nil || got.Requests != int64(log.n) || got.Damaged != 0 {
		t.Fatalf("%d requests, want %d: %v, %+v", got.Requests, log.n, err, got.FirstDamaged)
	}
	if len(got.Keys) > 1200 || !got.OtherKeys {
		t.Errorf("%d keys, and others: %t", len(got.Keys), got.OtherKeys)
	}
	const limit = 200 // MB
	heap := <-most / 1e6
	t.Logf("%d MB of log, %d lines: at most %d MB of heap", megabytes, log.n, heap)
	if heap > limit {
		t.Errorf("%d MB of heap, want at most %d", heap, limit)
	}
}

// watchHeap returns the largest heap until done is closed.
func watchHeap(done chan struct{}) (most uint64) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		most = max(most, memory.HeapInuse)
		select {
		case <-done:
			return most
		case <-ticker.C:
		}
	}
}
