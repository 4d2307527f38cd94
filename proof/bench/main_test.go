// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// recorded is what two rounds print, shortened. In the second one the machine was slower.
const recorded = `goos: linux
cpu: Example
version-node: 20.0.0
BenchmarkCannedURL/cfsign/RSA-2     100   1000000 ns/op   1000 B/op   5 allocs/op
BenchmarkCannedURL/aws-sdk-js/RSA-2 100   3000000 ns/op
BenchmarkCannedURL/cfsign/P256-2    100     40000 ns/op   4000 B/op  58 allocs/op
BenchmarkNextURL/cfsign/P256        100       900 ns/op    448 B/op   1 allocs/op
BenchmarkAppendURL/cfsign/RSA-2     100       400 ns/op      0 B/op   0 allocs/op
BenchmarkCannedURL/aws-sdk-go/RSA-2 100   1200000 ns/op   3791 B/op  31 allocs/op
BenchmarkCannedURL/cfsign/RSA-2     100   2000000 ns/op   1000 B/op   5 allocs/op
BenchmarkCannedURL/aws-sdk-js/RSA-2 100   8000000 ns/op
PASS
`

func TestReport(t *testing.T) {
	r, err := parseResults([]byte(recorded))
	if err != nil {
		t.Fatal(err)
	}
	report := r.report(options{rounds: 2})
	for want, why := range map[string]string{
		"| a canned URL | 1.50 ms | – | 1.20 ms | 5.50 ms | – | – |":          "medians of RSA",
		"| a canned URL | 40.0 µs | – | – | – | – | – |":                      "P-256",
		"| one more URL under a signed policy | 900 ns | – | – | – | – | – |": "a name without the number of cores",
		"| a canned URL | 5, 1000 B | 31, 3791 B | 58, 4000 B | – |":          "memory",
		"| a canned URL | – | – | 3.50× | – | – |":                            "a ratio is one of each round, 3 and 4, not 5.5 ÷ 1.5",
		"into a buffer | 3000× | – |":                                         "a ratio of two kinds of work",
		"Example; linux/; node 20.0.0.":                                       "machine and versions",
		"| the private key alone":                                             "",
	} {
		if got := strings.Contains(report, want); got != (why != "") {
			t.Errorf("%s: %q is in the report: %v\n%s", why, want, got, report)
		}
	}
}

func TestChart(t *testing.T) {
	r, err := parseResults([]byte(recorded))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"results.svg", "results-narrow.svg"} {
		t.Run(name, func(t *testing.T) { checkChart(t, charts[name].draw(r)) })
	}
}

func checkChart(t *testing.T, chart []byte) {
	t.Helper()
	for decoder := xml.NewDecoder(bytes.NewReader(chart)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"5.50 ms", "900 ns", "AWS SDK for JavaScript", "NaN"} {
		if got := bytes.Contains(chart, []byte(want)); got != (want != "NaN") {
			t.Errorf("%q is in the chart: %v", want, got)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, args := range [][]string{{"-rounds", "0"}, {"-time", "-1s"}, {"x"}, {"-x"}, {"-redraw"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
	if _, err := parseResults([]byte("PASS\n")); err == nil {
		t.Error("an output without benchmarks is accepted")
	}
}

// TestCommittedCharts: the charts and the text for readers who do not see them have the figures of
// RESULTS.md. To make them so: go run ./proof/bench -redraw -out proof/bench
func TestCommittedCharts(t *testing.T) {
	report, err := os.ReadFile(reportFile)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := write(folder, string(report)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{reportFile, "results.svg", "results-narrow.svg"} {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestParseReport: what a report says can be read again.
func TestParseReport(t *testing.T) {
	r, err := parseResults([]byte(recorded))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parseReport(r.report(options{rounds: 2}))
	if err != nil {
		t.Fatal(err)
	}
	got := map[cell]float64{}
	for c := range parsed.figures {
		got[c] = parsed.seconds(c)[0]
	}
	want := map[cell]float64{
		{"CannedURL", "cfsign", "RSA"}: 1.5e-3, {"CannedURL", "aws-sdk-go", "RSA"}: 1.2e-3, {"CannedURL", "aws-sdk-js", "RSA"}: 5.5e-3,
		{"AppendURL", "cfsign", "RSA"}: 400e-9, {"CannedURL", "cfsign", "P256"}: 40e-6, {"NextURL", "cfsign", "P256"}: 900e-9,
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for report, reason := range map[string]string{
		"": "no table",
		"\n## RSA 2048\n\n| | cfsign |\n|---|---|\n| a stunt | 1 ms |\n":        "a row that is no work",
		"\n## RSA 2048\n\n| | openssh |\n|---|---|\n| cookies | 1 ms |\n":       "a column that is no signer",
		"\n## RSA 2048\n\n| | cfsign |\n|---|---|\n| cookies | 1 minute |\n":    "no time",
		"\n## RSA 2048\n\n| | cfsign |\n|---|---|\n| cookies | 1 ms | 2 ms |\n": "more cells than columns",
	} {
		if _, err := parseReport(report); err == nil {
			t.Errorf("%s: the report is accepted", reason)
		}
	}
}
