// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
)

// progress tells a person at a terminal how many lines are done. Where the output
// itself goes to the terminal it would be in the way.
type progress struct {
	w     io.Writer // nil: nobody looks
	next  time.Time
	shown bool
}

const progressInterval = 200 * time.Millisecond

func newProgress(cmd *cobra.Command) *progress {
	if !isTerminal(cmd.ErrOrStderr()) || isTerminal(cmd.OutOrStdout()) {
		return &progress{}
	}
	return &progress{w: cmd.ErrOrStderr(), next: time.Now().Add(progressInterval)}
}

// show writes how many are done, now and then.
func (p *progress) show(done int) {
	if p.w == nil || time.Now().Before(p.next) {
		return
	}
	fmt.Fprintf(p.w, "\r%d signed", done)
	p.next, p.shown = time.Now().Add(progressInterval), true
}

// end removes the line, so that what follows begins at its start.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
