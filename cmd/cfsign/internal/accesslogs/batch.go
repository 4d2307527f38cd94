// SPDX-License-Identifier: Apache-2.0

package accesslogs

import (
	"bytes"
	"sync"
)

// A Batch is a part of a log that is still to be parsed, so several goroutines can parse batches
// at the same time. Call Release when its records are no longer needed.
type Batch struct {
	source int
	line   int64   // of the first line or row
	layout *layout // nil: the lines are JSON
	data   []byte  // whole lines; nil: rows
	rows   [][numFields][]byte
	buffer *[]byte // holds data, and returns to the pool
}

// blockSize is the size of a batch of text. No line is longer: CloudFront accepts URLs of 8,192
// bytes and headers of 20,480, and the log encodes each byte as three at most.
const blockSize = 256 << 10

var blocks = sync.Pool{New: func() any { b := make([]byte, blockSize); return &b }}

// Release returns the memory of the batch. Its records are then invalid.
func (b *Batch) Release() {
	if b.buffer != nil {
		blocks.Put(b.buffer)
	}
	*b = Batch{}
}

// Each parses the batch. It calls record for each record, and damaged for each line that cannot be
// read, with the number of the line and what is wrong. The record is valid until record returns.
// Each returns the number of lines with values.
func (b *Batch) Each(record func(*Record), damaged func(source int, line int64, why string)) (lines int64) {
	r := &Record{Source: b.source}
	if b.data == nil {
		return b.eachRow(r, record, damaged)
	}
	r.Line = b.line - 1
	for rest := b.data; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		r.Line++
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		lines++
		switch why := b.parse(line, r); {
		case why == "":
			record(r)
		case heading(line) != nil: // of the next file in a stream of several
			lines--
		default:
			damaged(r.Source, r.Line, why)
		}
	}
	return lines
}

func (b *Batch) parse(line []byte, r *Record) string {
	if b.layout == nil {
		return parseJSON(line, r)
	}
	return b.layout.parse(line, r)
}

func (b *Batch) eachRow(r *Record, record func(*Record), damaged func(int, int64, string)) int64 {
	for i := range b.rows {
		r.values, r.Line = b.rows[i], b.line+int64(i)
		if why := r.check(); why != "" {
			damaged(r.Source, r.Line, why)
			continue
		}
		record(r)
	}
	return int64(len(b.rows))
}

// cutLine returns the first line, without its end, and the rest.
func cutLine(text []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(text, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}
