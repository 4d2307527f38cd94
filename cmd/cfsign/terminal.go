// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// A palette colors text for a terminal. The zero palette leaves text unchanged.
type palette struct{ on bool }

// newPalette returns a palette with colors if w is a terminal that shows them, unless the
// environment turns colors off.
//
// Source: https://no-color.org.
func newPalette(w io.Writer) palette {
	return palette{on: isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func (p palette) red(text string) string    { return p.paint("31", text) }
func (p palette) green(text string) string  { return p.paint("32", text) }
func (p palette) yellow(text string) string { return p.paint("33", text) }
func (p palette) bold(text string) string   { return p.paint("1", text) }
func (p palette) faint(text string) string  { return p.paint("2", text) }

func (p palette) paint(code, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// progress shows on a terminal how far a command is.
type progress struct {
	w     io.Writer // nil: show nothing
	next  time.Time
	shown bool
}

const progressInterval = 200 * time.Millisecond

// newProgress returns the progress of a command that writes nothing before it ends.
func newProgress(cmd *cobra.Command) *progress {
	if !isTerminal(cmd.ErrOrStderr()) {
		return &progress{}
	}
	return &progress{w: cmd.ErrOrStderr(), next: time.Now().Add(progressInterval)}
}

// newStreamProgress returns the progress of a command that writes all the time. It shows nothing
// if the output goes to a terminal too.
func newStreamProgress(cmd *cobra.Command) *progress {
	if isTerminal(cmd.OutOrStdout()) {
		return &progress{}
	}
	return newProgress(cmd)
}

// show writes how far the command is, once per interval.
func (p *progress) show(format string, args ...any) {
	if p.w == nil || time.Now().Before(p.next) {
		return
	}
	fmt.Fprintf(p.w, "\r"+format+"\x1b[K", args...)
	p.next, p.shown = time.Now().Add(progressInterval), true
}

// end clears the line.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
