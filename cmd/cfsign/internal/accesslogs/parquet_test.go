// SPDX-License-Identifier: Apache-2.0

package accesslogs_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
)

// A parquetRow is a row as CloudFront may write it: with numbers, and without a value.
type parquetRow struct {
	Status int64   `parquet:"sc_status"`
	Path   *string `parquet:"cs_uri_stem,optional,dict"`
	Date   string  `parquet:"date,delta"`
	Other  float64 `parquet:"time_to_first_byte"`
}

// parquetFile returns a file with rows.
func parquetFile(t testing.TB, rows int, options ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&b, options...)
	for i := range rows {
		path := "/" + strings.Repeat("a", i%7)
		row := parquetRow{Status: 200 + int64(i%2)*203, Path: &path, Date: "2026-01-31"}
		if i%5 == 0 {
			row.Path = nil
		}
		if _, err := w.Write([]parquetRow{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readFile writes data into a file, and reads it.
func readFile(t testing.TB, data []byte) result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return read(t.Context(), accesslogs.Options{}, path)
}

// TestParquet: every type of column, encoding and compression is read.
func TestParquet(t *testing.T) {
	for name, options := range map[string][]parquet.WriterOption{
		"no compression": nil,
		"snappy":         {parquet.Compression(&parquet.Snappy)},
		"gzip":           {parquet.Compression(&parquet.Gzip)},
		"zstd":           {parquet.Compression(&parquet.Zstd), parquet.DataPageVersion(2)},
		"small pages":    {parquet.PageBufferSize(100), parquet.MaxRowsPerRowGroup(100)},
	} {
		got := readFile(t, parquetFile(t, 1000, options...))
		if len(got.records) != 1000 || got.records[0] != "1 200 " || got.records[3] != "4 403 /aaa" || got.records[999] != "1000 403 /aaaaa" || got.summary.Damaged > 0 {
			t.Errorf("%s: %d records, %.4q, %+v", name, len(got.records), got.records, got.summary.First)
		}
	}
}

// TestHostileParquet: a size that a file claims does not decide how much memory is reserved.
func TestHostileParquet(t *testing.T) {
	good := parquetFile(t, 1000)
	footer := bytes.Clone(good)
	binary.LittleEndian.PutUint32(footer[len(footer)-8:], 1<<31-1)
	for _, tt := range []struct {
		why  string
		data []byte
	}{
		{"a page of 1 GB after decompression", withFirstPage(t, good, func(h *format.PageHeader) { h.UncompressedPageSize = 1 << 30 })},
		{"a page of 1 GB in the file", withFirstPage(t, good, func(h *format.PageHeader) { h.CompressedPageSize = 1 << 30 })},
		{"a page with a billion values", withFirstPage(t, good, func(h *format.PageHeader) {
			h.DictionaryPageHeader.V.NumValues, h.DataPageHeaderV2.V.NumValues, h.DataPageHeader.V.NumValues = 1<<30, 1<<30, 1<<30
		})},
		{"a table of contents of 2 GB", footer},
		{"only the magic numbers", []byte("PAR1PAR1")},
		{"cut", good[:len(good)/2]},
	} {
		got := readFile(t, tt.data)
		if len(got.records) > 0 || got.summary.Damaged != 1 || strings.Contains(tt.why, "a page") && !strings.Contains(got.summary.First.Why, "a page would have") {
			t.Errorf("%s: %d records, %+v, %+v", tt.why, len(got.records), got.summary, got.summary.First)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for at := 4; at < len(good)-8; at += 1 + len(good)/400 { // some hit the header of a page
		for _, value := range []byte{0, 0x7f, 0xff} {
			changed := bytes.Clone(good)
			changed[at] = value
			readFile(t, changed) // it must neither panic nor reserve much
		}
	}
	runtime.ReadMemStats(&after)
	const most = 4 << 30
	if reserved := after.TotalAlloc - before.TotalAlloc; reserved > most {
		t.Errorf("%d MB were reserved for %d damaged files", reserved>>20, 1200)
	}
}

// withFirstPage returns the file with another header of its first page. What comes after the page
// is moved, but the check of the first page comes before.
func withFirstPage(t *testing.T, file []byte, change func(*format.PageHeader)) []byte {
	t.Helper()
	protocol := &thrift.CompactProtocol{}
	const magic = 4
	reader := protocol.NewReaderFromBytes(file[magic:])
	var header format.PageHeader
	if err := thrift.NewDecoder(reader).Decode(&header); err != nil {
		t.Fatal(err)
	}
	change(&header)
	changed, err := thrift.Marshal(protocol, header)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(file[:magic], changed, file[magic+reader.BytesRead():])
}

// FuzzParquet: no file panics, or has records with an invalid status.
func FuzzParquet(f *testing.F) {
	f.Add(parquetFile(f, 3))
	f.Add(parquetFile(f, 3, parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(2)))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := readFile(t, append([]byte("PAR1"), data...))
		if n := got.summary.Files + got.summary.Skipped; n != 1 || got.err != nil {
			t.Errorf("%d files, %v", n, got.err)
		}
	})
}
