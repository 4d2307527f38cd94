// SPDX-License-Identifier: Apache-2.0

// Rotation-lambda is a rotation function for AWS Secrets Manager. It replaces the key pair that
// signs for CloudFront, in the secret and in the key group.
//
//	GOOS=linux GOARCH=arm64 go build -tags lambda.norpc -o bootstrap ./examples/rotation-lambda
//
// Outside of Lambda, it shows two rotations on this machine, with a local Secrets Manager, a
// local CloudFront, and viewers that fetch a private file all the time:
//
//	go run ./examples/rotation-lambda
//
// README.md says how to deploy it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/cfsign/cfsign/examples/internal/program"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

func main() { program.Main("rotation-lambda", run) }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("rotation-lambda", flag.ContinueOnError)
	lifetime := flags.Duration("lifetime", 2*time.Second, "on this machine, how long a link is valid: a `DURATION` in whole seconds, at least 2s")
	if err := program.Parse(flags, args, stdout, "Rotation-lambda rotates a key pair in Secrets Manager. Outside of Lambda, it does so on this machine."); err != nil {
		return err
	}
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" {
		if *lifetime < 2*time.Second || *lifetime%time.Second != 0 {
			return fmt.Errorf("-lifetime %v: write whole seconds, at least 2s", *lifetime)
		}
		return demonstrate(ctx, *lifetime, stdout)
	}
	s, err := parseSettings(os.Getenv)
	if err != nil {
		return err
	}
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(stdout, nil))
	f, err := newFunction(c, s, func(_ context.Context, step keygroup.Step) { logger.Info(step.String(), "step", step) })
	if err != nil {
		return err
	}
	lambda.StartWithOptions(f.handle, lambda.WithContext(ctx))
	return nil
}
