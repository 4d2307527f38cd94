// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// A rotateReport tells people or programs what a rotation does.
type rotateReport struct {
	out     io.Writer
	palette palette
	json    bool
	line    *waitLine
}

func newRotateReport(cmd *cobra.Command, json bool) *rotateReport {
	r := &rotateReport{out: cmd.OutOrStdout(), palette: newPalette(cmd.OutOrStdout()), json: json, line: &waitLine{}}
	switch {
	case isTerminal(cmd.ErrOrStderr()):
		r.line = &waitLine{w: cmd.ErrOrStderr(), rewrites: true}
	case !json:
		r.line = &waitLine{w: r.out}
	}
	return r
}

// observe reports a step that was taken, or what the rotation waits for.
func (r *rotateReport) observe(_ context.Context, s keygroup.Step) {
	if len(s.Waiting) > 0 {
		r.line.show(printable(waitingText(s)))
		return
	}
	r.line.end()
	if !r.json {
		fmt.Fprintf(r.out, "%s %s\n", r.palette.green("done:"), printable(stepText(s))) // finish reports a failure
	}
}

// waitingText says what a rotation waits for.
func waitingText(s keygroup.Step) string {
	if slices.Equal(s.Waiting, []string{"settle"}) {
		return "waiting until the edge locations have had time to get the key, as --" + flagSettle + " says"
	}
	return s.String()
}

// stepText returns a sentence about a step. A public key has its ID once it is created.
func stepText(s keygroup.Step) string {
	if s.Action == keygroup.Register && s.KeyPairID != "" {
		return s.String() + ", which is " + s.KeyPairID
	}
	return s.String()
}

// plan prints the steps that a rotation would take.
func (r *rotateReport) plan(steps []keygroup.Step) error {
	if r.json {
		return r.writeJSON("", steps)
	}
	var b strings.Builder
	if len(steps) == 0 {
		b.WriteString("nothing to do\n")
	} else {
		b.WriteString("cfsign rotate would take these steps:\n")
	}
	for i, s := range steps {
		fmt.Fprintf(&b, "%3d. %s\n", i+1, printable(stepText(s)))
	}
	_, err := io.WriteString(r.out, b.String())
	return err
}

// finish prints the result of a rotation. Without success, it prints only what programs read.
func (r *rotateReport) finish(c *rotateCommand, p place, result keygroup.Result, success bool) error {
	switch {
	case r.json:
		return r.writeJSON(result.KeyPairID, result.Steps)
	case !success:
		return nil
	}
	var b strings.Builder
	if len(result.Steps) == 0 {
		fmt.Fprintf(&b, "nothing to do: %s signs, and is younger than --%s %s\n", printable(result.KeyPairID), flagMinAge, c.minAge)
	} else {
		fmt.Fprintf(&b, "%s signs now.\n", r.palette.bold(printable(result.KeyPairID)))
		for _, next := range c.nextSteps(p, result) {
			fmt.Fprintf(&b, "- %s\n", printable(next))
		}
	}
	_, err := io.WriteString(r.out, b.String())
	return err
}

// nextSteps says what to do after a rotation.
func (r *rotateCommand) nextSteps(p place, result keygroup.Result) []string {
	var next []string
	if has(result.Steps, keygroup.Switch, keygroup.Retire) {
		next = append(next, p.restart(result.KeyPairID))
	}
	if has(result.Steps, keygroup.Retire) && !has(result.Steps, keygroup.Restore) {
		next = append(next, p.former)
	}
	for i, s := range result.Steps {
		switch {
		case s.Action != keygroup.Retire, isRemoved(result.Steps[i:], s.KeyPairID):
			continue
		case s.Until.IsZero():
			next = append(next, fmt.Sprintf("%s stays trusted, because --%s is missing. With --%s 25h, a later run removes it.", s.KeyPairID, flagKeep, flagKeep))
		default:
			next = append(next, fmt.Sprintf("%s stays trusted until %s, so what it has signed stays valid. The next run after that removes it.", s.KeyPairID, s.Until.UTC().Format(time.RFC3339)))
		}
	}
	if r.keep != "" && r.minAge == "" {
		next = append(next, fmt.Sprintf("The next run rotates again. With --%s 30d, it only removes old keys until then.", flagMinAge))
	}
	if !has(result.Steps, keygroup.Remove, keygroup.Delete) {
		next = append(next, "No key was removed.")
	}
	return next
}

// isRemoved reports whether a key was removed, because its time was very short.
func isRemoved(steps []keygroup.Step, keyPairID string) bool {
	return slices.ContainsFunc(steps, func(s keygroup.Step) bool { return s.Action == keygroup.Remove && s.KeyPairID == keyPairID })
}

func has(steps []keygroup.Step, actions ...keygroup.Action) bool {
	return slices.ContainsFunc(steps, func(s keygroup.Step) bool { return slices.Contains(actions, s.Action) })
}

// A rotateStep is a step in the JSON of cfsign rotate.
type rotateStep struct {
	Action    keygroup.Action `json:"action"`
	KeyPairID string          `json:"keyPairId,omitempty"`
	Until     *time.Time      `json:"until,omitempty"`
	Note      string          `json:"note,omitempty"`
}

func (r *rotateReport) writeJSON(keyPairID string, steps []keygroup.Step) error {
	list := []rotateStep{}
	for _, s := range steps {
		step := rotateStep{Action: s.Action, KeyPairID: s.KeyPairID, Note: s.Note}
		if !s.Until.IsZero() {
			step.Until = &s.Until
		}
		list = append(list, step)
	}
	return writeJSON(r.out, struct {
		KeyPairID string       `json:"keyPairId,omitempty"`
		Steps     []rotateStep `json:"steps"`
	}{keyPairID, list})
}

// A waitLine shows what a rotation waits for: on a terminal, in a line that is rewritten every
// second; elsewhere, in a line for each change. The zero waitLine shows nothing.
type waitLine struct {
	w        io.Writer
	rewrites bool

	mu    sync.Mutex
	text  string
	since time.Time
	stop  chan struct{} // nil: no line is shown
}

func (l *waitLine) show(text string) {
	switch {
	case l.w == nil:
		return
	case !l.rewrites:
		fmt.Fprintln(l.w, text) // the rotation goes on if nobody reads this
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = text
	if l.stop == nil {
		l.since, l.stop = time.Now(), make(chan struct{})
		go l.repeat(l.stop)
	}
	l.write()
}

func (l *waitLine) repeat(stop chan struct{}) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		l.mu.Lock()
		if l.stop == stop {
			l.write()
		}
		l.mu.Unlock()
	}
}

func (l *waitLine) write() {
	fmt.Fprintf(l.w, "\r\x1b[K%s (%s)", l.text, time.Since(l.since).Round(time.Second))
}

// end removes the line from a terminal.
func (l *waitLine) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop != nil {
		close(l.stop)
		l.stop = nil
		fmt.Fprint(l.w, "\r\x1b[K")
	}
}
