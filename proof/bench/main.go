// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	rounds int
	time   time.Duration
	only   string
	out    string
	redraw bool
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.rounds, "rounds", 20, "how often each benchmark has its turn")
	flags.DurationVar(&o.time, "time", 50*time.Millisecond, "how long a turn takes, about")
	flags.StringVar(&o.only, "only", ".", "run the benchmarks that match this `regexp`, as with go test -bench")
	flags.StringVar(&o.out, "out", "", "write RESULTS.md and its charts into this `folder` instead of printing the report")
	flags.BoolVar(&o.redraw, "redraw", false, "measure nothing: draw the charts of the RESULTS.md in -out again")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.rounds < 1 || o.time <= 0 || flags.NArg() > 0 {
		return o, errors.New("-rounds and -time must be positive, and nothing else may follow the flags")
	}
	if o.redraw && o.out == "" {
		return o, errors.New("-redraw needs -out, the folder of RESULTS.md")
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout, progress io.Writer) error {
	o, err := parseOptions(args, progress)
	if err != nil {
		return err
	}
	if o.redraw {
		return redraw(o.out)
	}
	text, err := measure(ctx, o, progress)
	if err != nil {
		return err
	}
	r, err := parseResults(text)
	if err != nil {
		return err
	}
	if o.out == "" {
		_, err := io.WriteString(stdout, r.report(o))
		return err
	}
	return write(o.out, r.report(o))
}

// measure compiles the benchmarks of this package, runs them in rounds, and returns what
// they print.
func measure(ctx context.Context, o options, progress io.Writer) ([]byte, error) {
	work, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	program := filepath.Join(work, "bench.test")
	compile := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "github.com/cfsign/cfsign/proof/bench")
	compile.Stderr = progress
	if err := compile.Run(); err != nil {
		return nil, fmt.Errorf("compiling the benchmarks: %w", err)
	}
	folder, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "github.com/cfsign/cfsign/proof/bench").Output()
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	for round := range o.rounds {
		fmt.Fprintf(progress, "round %d of %d\n", round+1, o.rounds)
		command := exec.CommandContext(ctx, program, "-test.run", "^$", "-test.bench", o.only, "-test.benchtime", o.time.String())
		command.Dir = string(bytes.TrimSpace(folder))
		command.Stdout, command.Stderr = &text, progress
		if err := command.Run(); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, text.Bytes())
		}
	}
	return text.Bytes(), nil
}
