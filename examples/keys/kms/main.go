// SPDX-License-Identifier: Apache-2.0

// Kms signs with a private key that never leaves AWS Key Management Service.
//
//	go run ./examples/keys/kms
//
// needs no account: it starts a local KMS and a local CloudFront, and shows what opens
// a private file, how many requests to KMS that takes, and what happens when KMS does
// not answer. With the configuration of the AWS SDK and a key of your own, the first of
// these prints the public key for CloudFront, and the second one signed URL:
//
//	go run ./examples/keys/kms -key alias/cloudfront
//	go run ./examples/keys/kms -key alias/cloudfront -key-pair-id ID -url URL
//
// What to copy is in signer.go and advice.go.
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

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/sign"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "kms:", err)
		os.Exit(1)
	}
}

// options are those of the command line.
type options struct {
	key, keyPairID, url string
}

const usage = "the flags are -key KEY_ID, and for a signed URL -key-pair-id ID and -url URL; without any, a local KMS shows how it works"

func parseOptions(args []string, stdout io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("kms", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.key, "key", "", "the `KEY_ID` of a key in KMS, its ARN or an alias such as alias/cloudfront")
	flags.StringVar(&o.keyPairID, "key-pair-id", "", "the `ID` that CloudFront gave to the public key")
	flags.StringVar(&o.url, "url", "", "print this `URL` signed for an hour; without it, the public key is printed")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "Kms signs with a private key in AWS KMS. Without flags it shows how, with a local one.")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w: %s", err, usage)
	case flags.NArg() > 0:
		return o, fmt.Errorf("an argument that is not a flag: %s", usage)
	case o.key == "" && o != (options{}):
		return o, errors.New("-key is missing: add -key KEY_ID, or leave out all flags to see how it works")
	case (o.keyPairID == "") != (o.url == ""):
		return o, errors.New("-key-pair-id and -url go together: add the other one, or leave out both to print the public key")
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parseOptions(args, stdout)
	switch {
	case err != nil:
		return err
	case o == (options{}):
		return demonstrate(ctx, stdout)
	case o.url == "":
		return printPublicKey(ctx, o, stdout)
	default:
		return printURL(ctx, o, stdout)
	}
}

// printPublicKey prints the public key in the form that CloudFront takes.
func printPublicKey(ctx context.Context, o options, stdout io.Writer) error {
	client, err := newClient(ctx)
	if err != nil {
		return err
	}
	key, err := awskms.New(ctx, client, o.key, awskms.Options{})
	if err != nil {
		return err
	}
	pem, err := keys.MarshalPublic(key.Public())
	if err != nil {
		return err
	}
	_, err = stdout.Write(pem)
	return err
}

// printURL prints one signed URL and nothing else. Whoever has it has access.
func printURL(ctx context.Context, o options, stdout io.Writer) error {
	client, err := newClient(ctx)
	if err != nil {
		return err
	}
	signer, err := newSigner(ctx, client, o.key, o.keyPairID, sign.Options{Within: sign.Bounds{Lifetime: time.Hour}})
	if err != nil {
		return err
	}
	signedURL, err := signer.URL(ctx, o.url, time.Now().Add(time.Hour))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, signedURL)
	return err
}
