// SPDX-License-Identifier: Apache-2.0

package accesslogs_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
)

const (
	named = "#Version: 1.0\n#Fields: date time sc-status cs-uri-stem cs-uri-query\n"
	line  = "2026-01-31\t18:00:00\t403\t/a%2520b\tx=1\n"
)

// compress returns a text in gzip.
func compress(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A result is what a reader found.
type result struct {
	records []string // the line, the status and the path
	damaged []string // the line and why, of batches
	summary accesslogs.Summary
	err     error
}

// read reads arguments.
func read(ctx context.Context, o accesslogs.Options, args ...string) (got result) {
	reader := accesslogs.NewReader(o)
	got.err = reader.Read(ctx, args, func(b *accesslogs.Batch) {
		b.Each(func(r *accesslogs.Record) {
			path, _ := r.Target()
			text, _ := accesslogs.Decode(path)
			got.records = append(got.records, fmt.Sprintf("%d %d %s", r.Line, r.Code(), text))
		}, func(_ int, line int64, why string) {
			got.damaged = append(got.damaged, fmt.Sprintf("%d: %s", line, why))
		})
		b.Release()
	})
	got.summary = reader.Summary()
	return got
}

// TestDetect: the content decides what a file is.
func TestDetect(t *testing.T) {
	realTime := "1767290400.123\t192.0.2.7\t0.1\t403\t9\tGET\thttps\tcdn.example.com\t/r?x=1" + strings.Repeat("\t-", 31) + "\n"
	for _, tt := range []struct {
		why, text string
		fields    []string
		records   []string
		skipped   string // a part of the reason
	}{
		{"version 1", named + line, nil, []string{"3 403 /a%20b"}, ""},
		{"gzip", compress(t, named+line), nil, []string{"3 403 /a%20b"}, ""},
		{"JSON", `{"sc-status":"200","cs-uri-stem":"/a"}` + "\n" + ` { "cs-uri-stem" : "/b" , "x":{"y":[1,"}"]}, "sc-status" : 404 } ` + "\n", nil, []string{"1 200 /a", "2 404 /b"}, ""},
		{"JSON that escapes", `{"sc-status":"200","cs-uri-stem":"\/a\u0026\"b"}`, nil, []string{`1 200 /a&"b`}, ""},
		{"real-time", realTime, nil, []string{"1 403 /r"}, ""},
		{"other fields change in the middle", named + line + "#Fields: cs-uri-stem sc-status\n/b\t200\n", nil, []string{"3 403 /a%20b", "5 200 /b"}, ""},
		{"names in the first line, and again", "sc-status,cs-uri-stem\n200,/a\nsc-status,cs-uri-stem\n201,/b\n", nil, []string{"2 200 /a", "4 201 /b"}, ""},
		{"names as an option", "200 /a\n", []string{"sc-status", "cs-uri-stem"}, []string{"1 200 /a"}, ""},
		{"the option has too few names", "200 /a x\n", []string{"sc-status", "cs-uri-stem"}, nil, "do not have the 2 fields"},
		{"no names and no known order", strings.Repeat("a\t", 30) + "\n", nil, nil, "--fields"},
		{"a text", "Dear reader,\nthis is no log.\n", nil, nil, "no access log"},
		{"an empty file", "", nil, nil, "empty"},
		{"only line breaks", "\n\n", nil, nil, "no access log"},
		{"a log of another server", "#Fields: date time s-ip\n2026-01-31 18:00:00 192.0.2.1\n", nil, nil, "no sc-status"},
		{"other JSON", `{"name":"x"}`, nil, nil, "not an access log"},
		{"a list", `[{"sc-status":200}]`, nil, nil, "no access log"},
		{"Parquet in a pipe", "PAR1....PAR1", nil, nil, "name the file"},
		{"Parquet in gzip", compress(t, "PAR1....PAR1"), nil, nil, "unpack it"},
	} {
		got := read(t.Context(), accesslogs.Options{Stdin: strings.NewReader(tt.text), Fields: tt.fields}, accesslogs.Stdin)
		if diff := cmp.Diff(tt.records, got.records); diff != "" || got.err != nil || len(got.damaged) > 0 || got.summary.Damaged > 0 {
			t.Errorf("%s: %v, %v: %s", tt.why, got.err, got.damaged, diff)
		}
		if skipped := got.summary.SkippedFiles; (len(skipped) > 0) != (tt.skipped != "") || len(skipped) > 0 && !strings.Contains(skipped[0].Why, tt.skipped) {
			t.Errorf("%s: skipped %+v", tt.why, skipped)
		}
	}
}

// TestDamaged: what is damaged is reported, and the rest is read.
func TestDamaged(t *testing.T) {
	long := strings.Repeat("x", 300<<10)
	packed := compress(t, named+strings.Repeat(line, 30_000))
	for _, tt := range []struct {
		why, text string
		records   int
		first     int64 // line
		part      string
	}{
		{"too few fields", named + line + "2026-01-31\t18:00\n" + line, 2, 4, "too few"},
		{"too many fields", named + "2026-01-31\t18:00:00\t403\t/a\t-\tmore\n" + line, 1, 3, "too many"},
		{"no status", named + "2026-01-31\t18:00:00\tx\t/a\t-\n" + line, 1, 3, "status"},
		{"a long line", named + line + long + "\n" + line, 2, 4, "longer"},
		{"a long line at the end", named + line + long, 1, 4, "longer"},
		{"a line of JSON that was cut", `{"sc-status":"200"}` + "\n" + `{"sc-status":"2` + "\n" + `{"sc-status":"201"}`, 2, 2, "no JSON"},
		{"JSON with more after it", `{"sc-status":"200"}` + "\n" + `{"sc-status":"200"}{}`, 1, 2, "no JSON"},
		{"a line before the names", "x\ty\n" + named + line, 1, 1, "before the line"},
		{"a fields line without a status", named + line + "#Fields: date\n" + line, 2, 4, "no sc-status"},
	} {
		got := read(t.Context(), accesslogs.Options{Stdin: strings.NewReader(tt.text)}, accesslogs.Stdin)
		damaged := got.damaged
		if first := got.summary.First; first != nil {
			damaged = append(damaged, fmt.Sprintf("%d: %s", first.Line, first.Why))
		}
		if len(got.records) != tt.records || len(damaged) != 1 || !strings.HasPrefix(damaged[0], fmt.Sprintf("%d: ", tt.first)) || !strings.Contains(damaged[0], tt.part) {
			t.Errorf("%s: %d records, %q", tt.why, len(got.records), damaged)
		}
	}
	t.Run("gzip that was cut", func(t *testing.T) {
		got := read(t.Context(), accesslogs.Options{Stdin: strings.NewReader(packed[:len(packed)/2])}, accesslogs.Stdin)
		if first := got.summary.First; len(got.records) < 1000 || len(got.records) > 29_000 || first == nil || first.Line != int64(len(got.records))+3 || len(got.damaged) > 0 {
			t.Errorf("%d records, %+v, %q", len(got.records), first, got.damaged)
		}
	})
	t.Run("gzip that was changed", func(t *testing.T) {
		got := read(t.Context(), accesslogs.Options{Stdin: strings.NewReader(packed[:len(packed)-6] + "xxxxxx")}, accesslogs.Stdin)
		if got.summary.Damaged != 1 || !strings.Contains(got.summary.First.Why, "checksum") {
			t.Errorf("%+v", got.summary)
		}
	})
	t.Run("a disk that fails", func(t *testing.T) {
		failing := io.MultiReader(strings.NewReader(named+line+"2026-"), failingReader{errors.New("the disk failed")})
		got := read(t.Context(), accesslogs.Options{Stdin: failing}, accesslogs.Stdin)
		if len(got.records) != 1 || got.summary.First == nil || !strings.Contains(got.summary.First.Why, "the disk failed") {
			t.Errorf("%+v", got)
		}
	})
}

// An failingReader is a reader that fails.
type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// TestFolders: folders are read with everything in them, and what is no log is reported.
func TestFolders(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{"2026/01/a.gz": named + line, "2026/b": compress(t, named+line+line), "README.md": "# Logs\n", "c.parquet": "PAR1 damaged PAR1"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t.Context(), accesslogs.Options{}, folder)
	s := got.summary
	if len(got.records) != 3 || s.Files != 3 || s.Skipped != 1 || s.SkippedFiles[0].File != filepath.Join(folder, "README.md") || s.Damaged != 1 || s.First.File != filepath.Join(folder, "c.parquet") {
		t.Errorf("%+v, first %+v", got, s.First)
	}
	if got = read(t.Context(), accesslogs.Options{}, filepath.Join(folder, "none")); got.err == nil || !strings.Contains(got.err.Error(), "there is no file or folder") {
		t.Errorf("a path that does not exist: %v", got.err)
	}
}

// TestInterrupted: Ctrl-C ends the reading of a pipe that waits, and what was read counts.
func TestInterrupted(t *testing.T) {
	reading, writing := io.Pipe()
	defer writing.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		io.WriteString(writing, named+strings.Repeat(line, 20_000)+"2026-01")
		cancel()
	}()
	done := make(chan result, 1)
	go func() { done <- read(ctx, accesslogs.Options{Stdin: reading}, accesslogs.Stdin) }()
	select {
	case got := <-done:
		if got.err != nil || len(got.records) == 0 || got.summary.Files != 1 {
			t.Errorf("%v, %d records, %+v", got.err, len(got.records), got.summary)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("the reader still waits")
	}
}
