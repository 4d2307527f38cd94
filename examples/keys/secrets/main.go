// SPDX-License-Identifier: Apache-2.0

// Secrets signs with a key that AWS Secrets Manager keeps, and follows it when it is
// rotated. Without flags it goes through a rotation on this machine: with a local Secrets
// Manager, and a local CloudFront that serves a private file all the time.
//
//	go run ./examples/keys/secrets
//	go run ./examples/keys/secrets -secret prod/cdn -url https://cdn.example.com/private/report.pdf
//
// What an application needs of it is in signer.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "secrets:", err)
		os.Exit(1)
	}
}

const usage = "the flags are -secret NAME and -url URL"

func run(ctx context.Context, args []string, stdout io.Writer) error {
	var secretID, rawURL string
	flags := flag.NewFlagSet("secrets", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&secretID, "secret", "", "sign with the pair in the secret `NAME` (or ARN), with your AWS configuration")
	flags.StringVar(&rawURL, "url", "", "the `URL` to sign; needed with -secret")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "Secrets goes through the rotation of a key on this machine.")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return err
	case err != nil:
		return fmt.Errorf("%w: %s", err, usage)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: %s", flags.Arg(0), usage)
	case (secretID == "") != (rawURL == ""):
		return errors.New("-secret and -url go together: add the other one, or leave out both to try it on this machine")
	case secretID != "":
		return signOne(ctx, secretID, rawURL, stdout)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d, err := newDemo(ctx, stdout)
	if err != nil {
		return err
	}
	defer d.close()
	return d.walk(ctx)
}
