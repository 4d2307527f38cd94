// SPDX-License-Identifier: Apache-2.0

// Cognito gives the users of a web application access to folders in a private bucket:
// everybody to their own, and to those that others share with them. It verifies the tokens
// of a Cognito user pool, keeps who shares with whom in a database, and answers with
// signed cookies or signed URLs for CloudFront.
//
// Without settings everything is on this machine, and it prints the commands to try:
//
//	go run ./examples/cognito
//
// With the settings that the README lists it uses the real services:
//
//	REGION=eu-central-1 USERPOOLID=eu-central-1_EXAMPLE APPCLIENTID=... CFDOMAIN=cdn.example.com go run ./examples/cognito -aws
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := run(ctx, program{args: os.Args[1:], getenv: os.Getenv, stdout: os.Stdout, stderr: os.Stderr})
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "cognito:", err)
		os.Exit(1)
	}
}

// A program is what a process is started with.
type program struct {
	args   []string
	getenv func(string) string
	stdout io.Writer // for people
	stderr io.Writer // the log, in JSON
}

const usage = "the flags are -aws and -listen ADDRESS; everything else is in the environment"

func newLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

// run serves until ctx ends. It returns nil if that was all.
func run(ctx context.Context, p program) error {
	var aws bool
	var listen string
	flags := flag.NewFlagSet("cognito", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&aws, "aws", false, "use the real services, also if no setting is there; settings that are missing are an error then")
	flags.StringVar(&listen, "listen", "", "listen on `ADDRESS` rather than on what LISTEN says (127.0.0.1:8080)")
	err := flags.Parse(p.args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(p.stdout, "Cognito signs cookies and URLs for the folders of a user pool's users.")
		flags.SetOutput(p.stdout)
		flags.PrintDefaults()
		return err
	case err != nil:
		return fmt.Errorf("%w: %s", err, usage)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: %s", flags.Arg(0), usage)
	}
	logger := newLogger(p.stderr)
	if aws || anySetting(p.getenv) {
		s, err := parseSettings(p.getenv, listen)
		if err != nil {
			return err
		}
		return serveAWS(ctx, s, logger)
	}
	if err := refuseUnused(p.getenv); err != nil {
		return err
	}
	return serveLocal(ctx, listen, p.stdout, logger)
}

// refuseUnused refuses settings that the local mode has no use for: where they are, somebody
// meant the real services, and the others are missing.
func refuseUnused(getenv func(string) string) error {
	for _, name := range []string{envDatabase, envCookieDomain, envAppOrigin, envLifetime, envListen} {
		if getenv(name) != "" {
			return fmt.Errorf("%s is set, and the local mode does not use it: set %s, %s, %s and %s as well, or write -aws to be told what is missing; for the local mode unset it (-listen is for its address)",
				name, envRegion, envUserPoolID, envAppClientID, envDomain)
		}
	}
	return nil
}
