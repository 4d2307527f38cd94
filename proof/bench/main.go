// SPDX-License-Identifier: Apache-2.0

// Bench measures cfsign against other signers for CloudFront, in one run on one
// machine: the AWS SDK for Go in the same process, the AWS SDK for JavaScript and
// botocore as child processes, and openssl speed as the limit.
//
//	go run ./bench
//	go run ./bench -out bench
//	go run ./bench -only 'p256/(key|canned)/' -rounds 30
//
// What it prints are ratios above all: a machine is slower at one time than at
// another, and so every contestant has its turn in every round. It first checks that
// the output of each is right.
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
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, progress io.Writer) error {
	o, err := parseOptions(args, stdout)
	if err != nil {
		return err
	}
	r, err := measureEverything(ctx, o, progress)
	if err != nil {
		return err
	}
	return write(r, o.out, stdout)
}
