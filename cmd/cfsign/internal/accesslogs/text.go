// SPDX-License-Identifier: Apache-2.0

package accesslogs

import (
	"bytes"
	"context"
	"io"
)

// A textReader cuts a log of lines into batches.
type textReader struct {
	reader *Reader
	source int
	in     *watched
	layout *layout
	json   bool
	line   int64 // of the next byte
	handle func(*Batch)
}

// read reads until the input ends. Its error is about the input.
func (t *textReader) read(ctx context.Context) error {
	buffer := blocks.Get().(*[]byte)
	filled, skipping := 0, false
	for {
		n, err := io.ReadFull(t.in, (*buffer)[filled:])
		filled += n
		ended := err != nil
		if ended {
			err = t.in.failure()
		}
		interrupted := ctx.Err() != nil
		if skipping {
			rest := bytes.IndexByte((*buffer)[:filled], '\n') + 1
			skipping = rest == 0
			if skipping {
				rest = filled
			} else {
				t.line++
			}
			filled = copy(*buffer, (*buffer)[rest:filled])
			if skipping && !ended && !interrupted {
				continue
			}
		}
		whole := bytes.LastIndexByte((*buffer)[:filled], '\n') + 1
		if ended {
			whole = filled
		}
		if whole == 0 && filled == len(*buffer) {
			t.reader.damaged(t.source, t.line, "it is longer than any line of CloudFront")
			skipping, filled = true, 0
			continue
		}
		next := blocks.Get().(*[]byte)
		rest := copy(*next, (*buffer)[whole:filled])
		t.send(buffer, (*buffer)[:whole], err != nil)
		buffer, filled = next, rest
		switch {
		case interrupted:
			blocks.Put(buffer)
			return nil
		case ended:
			blocks.Put(buffer)
			return err
		}
	}
}

// send hands over whole lines: one batch for each part between lines that name the fields.
func (t *textReader) send(buffer *[]byte, data []byte, cut bool) {
	if cut { // the last line is not whole
		data = data[:bytes.LastIndexByte(data, '\n')+1]
	}
	for !t.json {
		at := directiveAt(data)
		if at < 0 {
			break
		}
		own := blocks.Get().(*[]byte)
		t.emit(own, (*own)[:copy(*own, data[:at])])
		line, rest := cutLine(data[at:])
		if l, err := directive(line); err == nil {
			t.layout = l
		} else {
			t.reader.damaged(t.source, t.line, err.Error())
		}
		data = rest
		t.line++
	}
	t.emit(buffer, data)
}

// directiveAt returns where a #Fields line begins, or -1.
func directiveAt(data []byte) int {
	if bytes.HasPrefix(data, fieldsDirective) {
		return 0
	}
	at := bytes.Index(data, []byte("\n#Fields:"))
	if at < 0 {
		return -1
	}
	return at + 1
}

func (t *textReader) emit(buffer *[]byte, data []byte) {
	lines := int64(bytes.Count(data, []byte("\n")))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		lines++
	}
	if !t.json && t.layout != nil && t.layout.delimiter == 0 {
		if line := firstValues(data); line != nil {
			t.layout.findDelimiter(line)
		}
	}
	if !t.json && t.layout == nil {
		if firstValues(data) != nil {
			t.reader.damaged(t.source, t.line, "it comes before the line that names the fields")
		}
		data = nil
	}
	if len(data) == 0 {
		blocks.Put(buffer)
		t.line += lines
		return
	}
	b := &Batch{source: t.source, line: t.line, data: data, buffer: buffer}
	if !t.json {
		b.layout = t.layout
	}
	t.line += lines
	t.handle(b)
}

// firstValues returns the first line that is neither empty nor a directive.
func firstValues(data []byte) []byte {
	for len(data) > 0 {
		var line []byte
		line, data = cutLine(data)
		if len(line) > 0 && line[0] != '#' {
			return line
		}
	}
	return nil
}
