// SPDX-License-Identifier: Apache-2.0

// Rotation replaces the key of an application that is in use, in the four steps of
// CloudFront's key groups, against a local CloudFront. Viewers fetch private files all the
// time, and none of them is refused.
//
//	go run ./examples/rotation
//	go run ./examples/rotation -lifetime 10s
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rotation:", err)
		os.Exit(1)
	}
}

// parseLifetime returns for how long links are valid.
func parseLifetime(args []string, stdout io.Writer) (time.Duration, error) {
	flags := flag.NewFlagSet("rotation", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	lifetime := flags.Duration("lifetime", 3*time.Second, "for how long a link is valid, in whole seconds from 2s on")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "Rotation replaces the key of an application while viewers use it.")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
	case err != nil:
		return 0, fmt.Errorf("%w: the flag is -lifetime DURATION", err)
	case flags.NArg() > 0:
		return 0, fmt.Errorf("unexpected argument %q: the flag is -lifetime DURATION", flags.Arg(0))
	case *lifetime < 2*time.Second || *lifetime%time.Second != 0:
		return 0, fmt.Errorf("-lifetime %v: use whole seconds, and at least 2s", *lifetime)
	}
	return *lifetime, err
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	lifetime, err := parseLifetime(args, stdout)
	if err != nil {
		return err
	}
	s, err := newSite(ctx, lifetime)
	if err != nil {
		return err
	}
	defer s.close()
	v := startViewers(ctx, s)
	defer v.stop()
	r := &rotation{site: s, viewers: v, stdout: stdout}
	if err := r.begin(ctx); err != nil {
		return err
	}
	for i, step := range []func(context.Context) error{r.trustNew, r.signWithNew, r.waitForOld, r.removeOld} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return r.end(ctx)
}
