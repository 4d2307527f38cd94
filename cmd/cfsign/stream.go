// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

const (
	// longestLine, in bytes, is more than CloudFront accepts as a URL.
	longestLine = 16 << 10

	// batchSize is how many URLs are in memory at once.
	batchSize = 256
)

// A stream signs URLs line by line, in order, in the memory of one batch.
type stream struct {
	in       *bufio.Reader
	out      *bufio.Writer
	signURL  func(string) (string, error)
	workers  int // how many URLs are signed at once
	progress *progress

	lines int // that were read
	batch []string
}

func newStream(cmd *cobra.Command, signURL func(string) (string, error), workers int) *stream {
	return &stream{
		in:       bufio.NewReaderSize(cmd.InOrStdin(), longestLine),
		out:      bufio.NewWriter(cmd.OutOrStdout()),
		signURL:  signURL,
		workers:  workers,
		progress: newProgress(cmd),
	}
}

// run signs until the input ends or a URL cannot be signed. What was signed before is
// written in any case.
func (s *stream) run() error {
	defer s.progress.end()
	for {
		readErr := s.read()
		if err := s.sign(); err != nil {
			return errors.Join(s.out.Flush(), err)
		}
		// Whoever writes one URL at a time and waits gets an answer.
		if err := s.out.Flush(); err != nil {
			return err
		}
		s.progress.show(s.lines)
		switch {
		case errors.Is(readErr, io.EOF) && s.lines == 0:
			return fmt.Errorf("--%s: standard input is empty: write one URL in each line", flagURL)
		case errors.Is(readErr, io.EOF):
			return nil
		case readErr != nil:
			return readErr
		}
	}
}

// read fills the batch with the lines that have arrived, at least one.
func (s *stream) read() error {
	s.batch = s.batch[:0]
	for len(s.batch) == 0 || len(s.batch) < batchSize && s.in.Buffered() > 0 {
		line, err := s.in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return s.inLine(s.lines+1, fmt.Errorf("it has more than %d bytes, and CloudFront accepts URLs of 8,192", longestLine))
		}
		if len(line) > 0 {
			s.lines++
			s.batch = append(s.batch, withoutLineEnd(line))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sign writes the batch, signed, up to the first URL that cannot be.
func (s *stream) sign() error {
	first := s.lines - len(s.batch) + 1
	signed := make([]string, len(s.batch))
	failed := make([]error, len(s.batch))
	s.each(func(i int) { signed[i], failed[i] = s.signURL(s.batch[i]) })
	for i := range signed {
		if failed[i] != nil {
			return s.inLine(first+i, failed[i])
		}
		s.out.WriteString(signed[i])
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
	group.Wait() // the errors are unsent by line
}

// inLine names the line in which err was found.
func (s *stream) inLine(line int, err error) error {
	if s.isEmpty(line) {
		err = errors.New("it is empty: write one URL in each line")
	}
	return fmt.Errorf("--%s: line %d of standard input: %w", flagURL, line, reasonOf(err))
}

// isEmpty reports whether a line of the batch is empty.
func (s *stream) isEmpty(line int) bool {
	i := line - 1 - (s.lines - len(s.batch))
	return i >= 0 && i < len(s.batch) && s.batch[i] == ""
}

func withoutLineEnd(line []byte) string {
	n := len(line)
	for n > 0 && (line[n-1] == '\n' || line[n-1] == '\r') {
		n--
	}
	return string(line[:n])
}
