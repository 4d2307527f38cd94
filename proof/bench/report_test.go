// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// madeUp are results with a contestant that is missing, one that is faster, goals that
// are met, missed and not measured, and a cell with one sample only.
func madeUp() results {
	r := results{
		machine:  machine{cpu: "Example CPU", cores: 2, os: "Example OS", goVer: "1.26.0"},
		versions: map[string]string{"openssl": "3.0.19", "AWS SDK for Go, feature/cloudfront/sign": "1.9.16", "node": "20.20.2"},
		missing:  map[contestant]*missingError{botocore: {what: "botocore", install: installBotocore}},
		rounds:   3, time: 200 * time.Millisecond,
		samples: map[cell][]sample{},
	}
	add := func(a algorithm, work row, c contestant, allocs float64, times ...float64) {
		for round, nanoseconds := range times {
			r.samples[cell{a, work, c}] = append(r.samples[cell{a, work, c}],
				sample{round: round, nanoseconds: nanoseconds, memory: c == ours || c == awsGo, allocs: allocs, bytes: 100 * allocs})
		}
	}
	add(rsa2048, rowKey, ours, 2, 1.2e6, 1.25e6, 1.3e6)
	add(rsa2048, rowKey, openssl, 0, 0.3e6) // once, as under -quick
	add(rsa2048, rowThousand, awsGo, 31, 1.3e6, 1.2e6, 1.25e6)
	add(rsa2048, rowNext, ours, 1, 500, 510, 490)
	add(p256, rowKey, ours, 55, 25e3, 26e3, 27e3)
	add(p256, rowCanned, ours, 57, 26e3, 27e3, 40e3)
	add(p256, rowCanned, awsGo, 88, 38e3, 39e3, 40e3)
	add(p256, rowCanned, awsJS, 0, 900e3, 950e3, 1000e3)
	add(p256, rowOverhead, ours, 2, 1000, 1000, 1000)
	add(p256, rowOverhead, awsGo, 29, 9000, 9500, 10000)
	add(p256, rowThousand, ours, 1.1, 480, 500, 520)
	return r
}

func TestMarkdown(t *testing.T) {
	const golden = "testdata/report.md"
	got := madeUp().markdown(true)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("run with -update if it is meant (-want +got):\n%s", diff)
	}
}

// TestChart: the chart is XML in which the names and figures are text.
func TestChart(t *testing.T) {
	picture, err := madeUp().chart()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	inText := false
	for decoder := xml.NewDecoder(strings.NewReader(string(picture))); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inText = token.Name.Local == "text"
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				texts = append(texts, string(token))
			}
		}
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{"RSA 2048", "P-256", "cfsign", "AWS SDK for Go", "canned URL", "950 µs", "1 ms"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in the chart", want)
		}
	}
	if strings.Contains(all, "botocore") {
		t.Error("the key names a contestant without a bar")
	}
}

func TestChartOfNothing(t *testing.T) {
	if _, err := (results{}).chart(); err != nil {
		t.Error(err)
	}
}

func TestGoals(t *testing.T) {
	got := map[string]bool{}
	for _, g := range goals() {
		if figure, ok := g.figure(madeUp()); ok {
			got[g.title] = g.met(figure.median)
		}
	}
	want := map[string]bool{
		"what the library adds to the key: AWS SDK for Go ÷ cfsign, P-256":                    false,
		"a canned URL: AWS SDK for Go ÷ cfsign, P-256":                                        true,
		"a canned URL ÷ the bare operation, P-256":                                            true,
		"a URL by the AWS SDK for Go ÷ one more URL of a policy that cfsign signed, RSA 2048": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
