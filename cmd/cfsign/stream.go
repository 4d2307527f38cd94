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

	// batchSize is the number of URLs in memory.
	batchSize = 256
)

// A stream signs one URL per line, in order. Its memory is limited to one batch.
type stream struct {
	in       *bufio.Reader
	out      *bufio.Writer
	signURL  func(string) (string, error)
	workers  int // the number of concurrent signatures
	progress *progress

	lines int // the number of lines read
	batch []string
}

func newStream(cmd *cobra.Command, signURL func(string) (string, error), workers int) *stream {
	return &stream{
		in:       bufio.NewReaderSize(cmd.InOrStdin(), longestLine),
		out:      bufio.NewWriter(cmd.OutOrStdout()),
		signURL:  signURL,
		workers:  workers,
		progress: newStreamProgress(cmd),
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
	signed := make([]string, len(s.batch))
	failed := make([]error, len(s.batch))
	s.each(func(i int) { signed[i], failed[i] = s.signURL(s.batch[i]) })
	for i, rawURL := range s.batch {
		switch {
		case rawURL == "":
			return inLine(first+i, errors.New("it is empty: write one URL per line"))
		case failed[i] != nil:
			return inLine(first+i, failed[i])
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
	group.Wait() // f keeps the errors
}

// inLine adds the number of the line to err.
func inLine(line int, err error) error {
	return fmt.Errorf("--%s: line %d of standard input: %w", flagURL, line, withoutField(err))
}
