// SPDX-License-Identifier: Apache-2.0

package logmixture

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// table splits a standard log of version 1.
func table(log []byte) (names []string, rows [][]string) {
	for line := range strings.Lines(string(log)) {
		line = strings.TrimSuffix(line, "\n")
		if fields, ok := strings.CutPrefix(line, "#Fields: "); ok {
			names = strings.Fields(fields)
		} else if !strings.HasPrefix(line, "#") {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return names, rows
}

// Gzip compresses a log.
func Gzip(t testing.TB, log []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(log); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// JSON returns a standard log as lines of JSON.
func JSON(t testing.TB, log []byte) []byte {
	t.Helper()
	names, rows := table(log)
	var b bytes.Buffer
	for _, row := range rows {
		object := map[string]string{}
		for i, name := range names {
			object[name] = row[i]
		}
		if err := json.NewEncoder(&b).Encode(object); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// Parquet returns a standard log in Parquet, with the names of columns that CloudFront uses there.
func Parquet(t testing.TB, log []byte) []byte {
	t.Helper()
	names, rows := table(log)
	group := parquet.Group{}
	columns := make([]string, len(names))
	for i, name := range names {
		columns[i] = strings.ToLower(strings.NewReplacer("(", "_", ")", "", "-", "_").Replace(name))
		group[columns[i]] = parquet.Optional(parquet.String())
	}
	sorted := slices.Sorted(slices.Values(columns))
	var b bytes.Buffer
	w := parquet.NewGenericWriter[any](&b, parquet.NewSchema("log", group), parquet.Compression(&parquet.Snappy))
	for _, row := range rows {
		values := make(parquet.Row, len(sorted))
		for i, column := range columns {
			place := slices.Index(sorted, column)
			values[place] = parquet.ByteArrayValue([]byte(row[i])).Level(0, 1, place)
		}
		if _, err := w.WriteRows([]parquet.Row{values}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Columns returns a standard log with other fields, or another order of fields, separated by
// delimiter, and without a line that names them. A field that the log does not have is a hyphen.
// timestamp is the time in seconds, at the end of the second.
func Columns(t testing.TB, log []byte, delimiter string, names []string) []byte {
	t.Helper()
	own, rows := table(log)
	var b strings.Builder
	for _, row := range rows {
		value := func(name string) string {
			if i := slices.Index(own, name); i >= 0 {
				return row[i]
			}
			return "-"
		}
		var values []string
		for _, name := range names {
			if name == "timestamp" {
				at, err := time.Parse("2006-01-02 15:04:05", row[0]+" "+row[1])
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, strconv.FormatInt(at.Unix(), 10)+".999")
				continue
			}
			values = append(values, value(name))
		}
		b.WriteString(strings.Join(values, delimiter) + "\n")
	}
	return []byte(b.String())
}
