// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// BenchmarkURLStdin signs 100,000 URLs from standard input with one policy. It reports
// the heap of the process at the end, for 1,000 and for 100,000 URLs: a stream does not
// need more memory for more URLs.
func BenchmarkURLStdin(b *testing.B) {
	key := filepath.Join(b.TempDir(), "key.pem")
	if err := os.WriteFile(key, testkeys.RSAPEM(), 0o600); err != nil {
		b.Fatal(err)
	}
	args := []string{
		"url", "--url", "-", "--policy-resource", "https://cdn.example.com/videos/*",
		"--key-pair-id", rsaID, "--private-key", "file://" + key, "--date-less-than", "+2h",
	}
	for _, n := range []int{1_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				if code := run(b.Context(), args, &segments{left: n}, io.Discard, io.Discard); code != exitOK {
					b.Fatal(code)
				}
			}
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			b.ReportMetric(float64(memory.HeapSys)/1e6, "MB-heap")
		})
	}
}

// segments is a stream of URLs that are generated on reading.
type segments struct{ left int }

// Read fills p with whole lines.
func (s *segments) Read(p []byte) (int, error) {
	n := 0
	for s.left > 0 {
		line := "https://cdn.example.com/videos/7/segment-" + strconv.Itoa(s.left) + ".ts\n"
		if n+len(line) > len(p) {
			return n, nil
		}
		n += copy(p[n:], line)
		s.left--
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
