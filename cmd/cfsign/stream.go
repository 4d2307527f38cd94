// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

const (
	// longestLine, in bytes, is longer than any URL that CloudFront accepts.
	longestLine = 16 << 10

	// outputBuffer, in bytes, holds about 100 signed URLs, so that there are few writes.
	outputBuffer = 64 << 10

	// batchSize is the number of URLs in memory.
	batchSize = 256
)

// A stream signs one URL per line, in order. Its memory is limited to one batch.
type stream struct {
	in        *bufio.Reader
	out       *bufio.Writer
	appendURL appendURL
	workers   int // the number of concurrent signatures
	progress  *progress

	lines  int // the number of lines read
	batch  []string
	signed [batchSize]signedLine // for the lines of the batch
}

// An appendURL signs rawURL and appends the result to dst.
type appendURL func(dst []byte, rawURL string) ([]byte, error)

// A signedLine is a signed URL, in a buffer that the next batch uses again, or an error.
type signedLine struct {
	text []byte
	err  error
}

func newStream(cmd *cobra.Command, appendURL appendURL, workers int) *stream {
	return &stream{
		in:        bufio.NewReaderSize(cmd.InOrStdin(), longestLine),
		out:       bufio.NewWriterSize(cmd.OutOrStdout(), outputBuffer),
		appendURL: appendURL,
		workers:   workers,
		progress:  newStreamProgress(cmd),
	}
}

// run signs until the input ends or a URL cannot be signed. It writes everything that was
// signed before an error.
func (s *stream) run() error {
	defer s.progress.end()
	for {
		readErr := s.read()
		if err := s.sign(); err != nil {
			return errors.Join(s.out.Flush(), err)
		}
		// A caller can write one URL and wait for the answer.
		if err := s.out.Flush(); err != nil {
			return err
		}
		s.progress.show("%d signed", s.lines)
		switch {
		case errors.Is(readErr, io.EOF) && s.lines == 0:
			return fmt.Errorf("--%s: standard input is empty: write one URL per line", flagURL)
		case errors.Is(readErr, io.EOF):
			return nil
		case readErr != nil:
			return readErr
		}
	}
}

// read fills the batch with the lines that have arrived, but at least one.
func (s *stream) read() error {
	s.batch = s.batch[:0]
	for len(s.batch) == 0 || len(s.batch) < batchSize && s.in.Buffered() > 0 {
		line, err := s.in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return inLine(s.lines+1, errors.New("it is too long: CloudFront accepts URLs up to 8,192 bytes"))
		}
		if len(line) > 0 {
			s.lines++
			s.batch = append(s.batch, strings.TrimRight(string(line), "\r\n"))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sign signs and writes the batch, up to the first URL that cannot be signed.
func (s *stream) sign() error {
	first := s.lines - len(s.batch) + 1
	s.each(func(i int) {
		line := &s.signed[i]
		line.text, line.err = s.appendURL(line.text[:0], s.batch[i])
	})
	for i, rawURL := range s.batch {
		line := &s.signed[i]
		switch {
		case rawURL == "":
			return inLine(first+i, errors.New("it is empty: write one URL per line"))
		case line.err != nil:
			return inLine(first+i, line.err)
		}
		s.out.Write(line.text)
		if err := s.out.WriteByte('\n'); err != nil { // a bufio.Writer keeps its first error
			return err
		}
	}
	return nil
}

// each calls f with the index of every line of the batch.
func (s *stream) each(f func(i int)) {
	if s.workers == 1 {
		for i := range s.batch {
			f(i)
		}
		return
	}
	var group errgroup.Group
	group.SetLimit(s.workers)
	for i := range s.batch {
		group.Go(func() error { f(i); return nil })
	}
	group.Wait() // f keeps the errors
}

// inLine adds the number of the line to err.
func inLine(line int, err error) error {
	return fmt.Errorf("--%s: line %d of standard input: %w", flagURL, line, withoutField(err))
}
