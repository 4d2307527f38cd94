// SPDX-License-Identifier: Apache-2.0

package accesslogs

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// The largest parts of a Parquet file. The library reserves what a file says that it needs, and
// writers stay far below: a page usually has 1 MiB.
const (
	largestFooter  = 16 << 20 // bytes
	largestPage    = 64 << 20 // bytes, before and after decompression
	mostPageValues = 16 << 20
	mostColumns    = 1000
)

// readParquet reads a file in Parquet. It needs a file, because Parquet has its table of contents
// at the end.
func (r *Reader) readParquet(ctx context.Context, source int, in io.Reader, handle func(*Batch)) (err error) {
	file, ok := in.(*os.File)
	if !ok {
		return &skippedError{errors.New("it is Parquet, which cannot be read from a pipe: name the file")}
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil { // of a damaged file, in the library
			err = errors.New("it is not valid Parquet")
		}
	}()
	if err := checkFooter(file, info.Size()); err != nil {
		return err
	}
	opened, err := parquet.OpenFile(file, info.Size(), &parquet.FileConfig{SkipPageIndex: true, SkipBloomFilters: true})
	if err != nil {
		return err
	}
	p := &parquetReader{source: source, file: file, size: info.Size(), line: 1, handle: handle, count: r.bytes.Add}
	if err := p.findColumns(opened.Schema()); err != nil {
		return &skippedError{err}
	}
	for i, group := range opened.RowGroups() {
		if err := p.checkPages(opened.Metadata().RowGroups[i]); err != nil {
			return err
		}
		if err := p.read(ctx, group); err != nil {
			return &placedError{p.line, err}
		}
	}
	return nil
}

// checkFooter checks the size of the table of contents.
func checkFooter(file io.ReaderAt, size int64) error {
	var end [8]byte // the size, and PAR1
	if _, err := file.ReadAt(end[:], size-int64(len(end))); err != nil {
		return errors.New("it is too short for Parquet")
	}
	if footer := int64(binary.LittleEndian.Uint32(end[:])); footer > largestFooter || footer > size {
		return fmt.Errorf("its table of contents would have %d bytes", footer)
	}
	return nil
}

// A parquetReader reads one file.
type parquetReader struct {
	source int
	file   io.ReaderAt
	size   int64
	fields []Field // of each column; numFields: a column that is skipped
	line   int64   // the next row
	handle func(*Batch)
	count  func(int64) int64 // of bytes
}

// findColumns finds the fields among the columns.
func (p *parquetReader) findColumns(schema *parquet.Schema) error {
	columns := schema.Columns()
	if len(columns) > mostColumns {
		return fmt.Errorf("it has %d columns, and no access log of CloudFront has", len(columns))
	}
	hasStatus := false
	for _, path := range columns {
		field, ok := fieldNamed(path[0])
		if !ok || len(path) > 1 {
			field = numFields
		}
		p.fields = append(p.fields, field)
		hasStatus = hasStatus || field == Status
	}
	if !hasStatus {
		return errNoStatus
	}
	return nil
}

// checkPages checks the sizes in the headers of all pages, before the library believes them.
func (p *parquetReader) checkPages(group format.RowGroup) error {
	for _, chunk := range group.Columns {
		data := chunk.MetaData
		start, size := data.DataPageOffset, data.TotalCompressedSize
		if data.DictionaryPageOffset > 0 {
			start = min(start, data.DictionaryPageOffset)
		}
		if start < 0 || size < 0 || start > p.size || size > p.size-start {
			return errors.New("a column lies outside of the file")
		}
		p.count(size)
		for at := start; at < start+size; {
			n, err := p.checkPage(at, start+size)
			if err != nil {
				return err
			}
			at += n
		}
	}
	return nil
}

// checkPage checks the header of the page at an offset. It returns the size of the page with the
// header.
func (p *parquetReader) checkPage(at, end int64) (int64, error) {
	const longestHeader = 64 << 10 // with the smallest and the largest value of the page
	data := make([]byte, min(longestHeader, end-at))
	if _, err := p.file.ReadAt(data, at); err != nil {
		return 0, err
	}
	reader := (&thrift.CompactProtocol{}).NewReaderFromBytes(data)
	var header format.PageHeader
	if err := thrift.NewDecoder(reader).Decode(&header); err != nil {
		return 0, errors.New("the header of a page cannot be read")
	}
	values := max(header.DataPageHeader.V.NumValues, header.DataPageHeaderV2.V.NumValues, header.DictionaryPageHeader.V.NumValues)
	compressed, uncompressed := header.CompressedPageSize, header.UncompressedPageSize
	if compressed < 0 || compressed > largestPage || uncompressed < 0 || uncompressed > largestPage || values > mostPageValues {
		return 0, fmt.Errorf("a page would have %d bytes and %d values", uncompressed, values)
	}
	return int64(reader.BytesRead()) + int64(compressed), nil
}

// read reads one group of rows.
func (p *parquetReader) read(ctx context.Context, group parquet.RowGroup) error {
	rows := group.Rows()
	defer rows.Close()
	const atOnce = 256
	buffer := make([]parquet.Row, atOnce)
	for ctx.Err() == nil {
		n, err := rows.ReadRows(buffer)
		if n > 0 {
			b := &Batch{source: p.source, line: p.line}
			for _, row := range buffer[:n] {
				b.rows = append(b.rows, p.values(row))
			}
			p.line += int64(n)
			p.handle(b)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}

// values returns a copy of the values of a row. A value that is longer than any of CloudFront
// becomes empty.
func (p *parquetReader) values(row parquet.Row) (values [numFields][]byte) {
	for _, value := range row {
		field := p.fields[value.Column()]
		if field == numFields {
			continue
		}
		const longest = 64 << 10
		values[field] = []byte{}
		if !value.IsNull() && (value.Kind() != parquet.ByteArray || len(value.ByteArray()) <= longest) {
			values[field] = []byte(value.String())
		}
	}
	return values
}
