// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"time"
)

// options are those of the command line.
type options struct {
	rounds  int
	time    time.Duration
	out     string
	only    *regexp.Regexp
	quick   bool
	install bool
}

const usage = "the flags are -rounds N, -time DURATION, -only REGEXP, -out FOLDER, -quick and -install"

func parseOptions(args []string, stdout io.Writer) (options, error) {
	o := options{only: regexp.MustCompile("")}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&o.rounds, "rounds", 30, "measure everything `N` times")
	flags.DurationVar(&o.time, "time", 60*time.Millisecond, "measure for this `DURATION` each time")
	flags.StringVar(&o.out, "out", "", "write RESULTS.md and results.svg into `FOLDER` rather than print the former")
	flags.Func("only", "measure what the `REGEXP` finds among names such as rsa/canned/aws-sdk-js", func(text string) error {
		var err error
		o.only, err = regexp.Compile(text)
		return err
	})
	flags.BoolVar(&o.quick, "quick", false, "try whether everything works: 2 rounds of 5 ms, unless they are given")
	flags.BoolVar(&o.install, "install", false, "run npm ci in peers/js if its packages are missing")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "Bench compares cfsign with other signers for CloudFront, on this machine.")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w: %s", err, usage)
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: %s", flags.Arg(0), usage)
	}
	if o.quick {
		given := map[string]bool{}
		flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
		if !given["rounds"] {
			o.rounds = 2
		}
		if !given["time"] {
			o.time = 5 * time.Millisecond
		}
	}
	if o.rounds < 1 || o.time <= 0 {
		return o, errors.New("-rounds and -time must be more than zero")
	}
	return o, nil
}
