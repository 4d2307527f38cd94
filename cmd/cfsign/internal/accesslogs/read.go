// SPDX-License-Identifier: Apache-2.0

package accesslogs

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

// Stdin is the argument that stands for standard input.
const Stdin = "-"

// Options configure a [Reader]. The zero value reads files and folders.
type Options struct {
	// Fields are the names of the fields of logs that do not name them, in their order. Nil: the
	// order of CloudFront's real-time logs with all fields, or of its standard logs.
	Fields []string
	// Stdin is what the argument [Stdin] reads. Nil: it is empty.
	Stdin io.Reader
}

// A Reader reads logs. Read may be called once. Progress may be called at the same time.
type Reader struct {
	options Options
	names   []string // of the files that were opened
	summary Summary
	bytes   atomic.Int64
}

// A Summary says what a [Reader] has read, and what it could not read.
type Summary struct {
	// Files is the number of logs that were read, at least in part.
	Files int
	// Bytes is the number of bytes that were read, before decompression.
	Bytes int64
	// Skipped is the number of files that are no logs.
	Skipped int
	// SkippedFiles are the first skipped files.
	SkippedFiles []Problem
	// Damaged is the number of places that could not be read, without what
	// [Batch.Each] finds.
	Damaged int64
	// First is the first damaged place. Nil: there is none.
	First *Problem
}

// A Problem is a file or a line that cannot be read.
type Problem struct {
	// File is the name of the file, as it was found.
	File string
	// Line is the number of the line or the row. Zero: the whole file.
	Line int64
	// Why says what is wrong, without a value of the line.
	Why string
}

// NewReader returns a reader.
func NewReader(o Options) *Reader { return &Reader{options: o} }

// Progress returns the number of bytes that were read so far.
func (r *Reader) Progress() int64 { return r.bytes.Load() }

// Summary returns what was read, after Read.
func (r *Reader) Summary() Summary {
	s := r.summary
	s.Bytes = r.bytes.Load()
	return s
}

// Name returns the name of the file with a number.
func (r *Reader) Name(source int) string { return r.names[source] }

// Read reads files, folders and standard input, in their order, and calls handle with each batch,
// from one goroutine. It stops early, without an error, if ctx ends. It returns an error if an
// argument does not exist. It skips what is no log, and reports it in [Reader.Summary].
func (r *Reader) Read(ctx context.Context, args []string, handle func(*Batch)) error {
	for _, arg := range args {
		if arg == Stdin {
			r.open(ctx, "standard input", r.stdin(ctx), handle)
			continue
		}
		if _, err := os.Stat(arg); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("there is no file or folder %q: check the path, which is relative to the current folder", arg)
			}
			return err
		}
		if err := r.walk(ctx, arg, handle); err != nil {
			return err
		}
	}
	return nil
}

// stdin returns standard input. A pipe can wait for its writer for ever, so reading a pipe ends
// with the context.
func (r *Reader) stdin(ctx context.Context) io.Reader {
	if r.options.Stdin == nil {
		return bytes.NewReader(nil)
	}
	if file, ok := r.options.Stdin.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return file
		}
	}
	return newInterruptible(ctx, r.options.Stdin)
}

// walk reads a file, or all files below a folder.
func (r *Reader) walk(ctx context.Context, root string, handle func(*Batch)) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return filepath.SkipAll
		case err != nil:
			r.skip(path, err)
			return nil
		case entry.IsDir():
			return nil
		case !entry.Type().IsRegular() && path != root:
			r.skip(path, errors.New("it is neither a file nor a folder: name it as an argument if it is a link to a log"))
			return nil
		}
		file, err := os.Open(path)
		if err != nil {
			r.skip(path, err)
			return nil
		}
		defer file.Close()
		r.open(ctx, path, file, handle)
		return nil
	})
}

// skip reports a file that is no log.
func (r *Reader) skip(name string, why error) {
	const most = 20
	r.summary.Skipped++
	if len(r.summary.SkippedFiles) < most {
		r.summary.SkippedFiles = append(r.summary.SkippedFiles, Problem{File: name, Why: why.Error()})
	}
}

// damaged reports a place that cannot be read.
func (r *Reader) damaged(source int, line int64, why string) {
	r.summary.Damaged++
	if r.summary.First == nil {
		r.summary.First = &Problem{r.names[source], line, why}
	}
}

// open reads one file.
func (r *Reader) open(ctx context.Context, name string, file io.Reader, handle func(*Batch)) {
	source := len(r.names)
	r.names = append(r.names, name)
	in := &watched{r: &counted{file, &r.bytes}}
	start := bufio.NewReaderSize(in, blockSize)
	magic, _ := start.Peek(len("PAR1"))
	var err error
	switch {
	case string(magic) == "PAR1":
		err = r.readParquet(ctx, source, file, handle)
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		var unpacked *gzip.Reader
		if unpacked, err = gzip.NewReader(start); err == nil {
			in = &watched{r: unpacked}
			err = r.readText(ctx, source, in, bufio.NewReaderSize(in, blockSize), handle)
		}
	default:
		err = r.readText(ctx, source, in, start, handle)
	}
	var skipped *skippedError
	switch {
	case errors.As(err, &skipped):
		r.skip(name, skipped.why)
	case err != nil:
		r.summary.Files++
		r.damaged(source, r.lastLine(err), "the file is damaged or cut: "+err.Error())
	default:
		r.summary.Files++
	}
}

// A skippedError means that a file is no log.
type skippedError struct{ why error }

// Error returns the reason.
func (e *skippedError) Error() string { return e.why.Error() }

// A placedError is an error at a line.
type placedError struct {
	line int64
	err  error
}

// Error returns the text of the error.
func (e *placedError) Error() string { return e.err.Error() }

// Unwrap returns the error.
func (e *placedError) Unwrap() error { return e.err }

func (r *Reader) lastLine(err error) int64 {
	var placed *placedError
	if errors.As(err, &placed) {
		return placed.line
	}
	return 0
}

// readText reads a log of lines. in shows the errors of start.
func (r *Reader) readText(ctx context.Context, source int, in *watched, start *bufio.Reader, handle func(*Batch)) error {
	head, _ := start.Peek(blockSize)
	if bom := []byte("\xef\xbb\xbf"); bytes.HasPrefix(head, bom) {
		_, _ = start.Discard(len(bom))
		head = head[len(bom):]
	}
	t := &textReader{reader: r, source: source, in: &watched{r: start, below: in}, line: 1, handle: handle}
	if err := t.detect(head, r.options.Fields); err != nil {
		if failure := in.failure(); failure != nil && len(head) == 0 {
			return failure
		}
		return &skippedError{err}
	}
	if err := t.read(ctx); err != nil {
		return &placedError{t.line, err}
	}
	return nil
}

// detect finds out which log begins with head.
func (t *textReader) detect(head []byte, names []string) error {
	line := firstValues(head)
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return errors.New("it is Parquet inside of gzip: unpack it first")
	case directiveAt(head) >= 0:
		named, _ := cutLine(head[directiveAt(head):])
		_, err := directive(named)
		return err
	case line == nil && len(head) == 0:
		return errors.New("it is empty")
	case line == nil:
		return errNoLog
	case bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("{")):
		t.json = true
		var first Record
		if why := parseJSON(line, &first); why != "" {
			return errors.New("it is JSON, but not an access log of CloudFront: " + why)
		}
		return nil
	}
	if t.layout = heading(line); t.layout != nil {
		return nil
	}
	var err error
	t.layout, err = headless(line, names)
	return err
}

// A counted reader counts the bytes that it reads.
type counted struct {
	r io.Reader
	n *atomic.Int64
}

// Read counts.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// A watched reader remembers its error, because others hide it behind io.ErrUnexpectedEOF.
type watched struct {
	r     io.Reader
	below *watched // nil: there is none
	err   error
}

// Read keeps the error.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil {
		w.err = err
	}
	return n, err
}

// failure returns the error that was not the end of the input, or nil.
func (w *watched) failure() error {
	if w.below != nil {
		if err := w.below.failure(); err != nil {
			return err
		}
	}
	if w.err == nil || errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}
