// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/cfsign/cfsign/keys"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it even if the token hangs
	err := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// streams are the standard ones.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// options are those of the command line.
type options struct {
	module, token, key string
	keyPairID, url     string
	pinFile            string
}

const usage = "the flags are -module FILE, -token LABEL, -key LABEL, -pin-file FILE, and for a signed URL -key-pair-id ID and -url URL; without any, SoftHSM2 shows how it works"

func parseOptions(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("hsm", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.module, "module", "", "the `FILE` of the PKCS#11 module")
	flags.StringVar(&o.token, "token", "", "the `LABEL` of the token")
	flags.StringVar(&o.key, "key", "", "the `LABEL` of the key pair")
	flags.StringVar(&o.pinFile, "pin-file", "", "read the PIN from `FILE`, rather than from standard input")
	flags.StringVar(&o.keyPairID, "key-pair-id", "", "the `ID` that CloudFront gave to the public key")
	flags.StringVar(&o.url, "url", "", "print this `URL` signed for an hour; without it, the public key is printed")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(out, "Hsm signs with a private key in a PKCS#11 token. Without flags it shows how, in SoftHSM2.")
		flags.SetOutput(out)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("hsm: %w: %s", err, usage)
	case flags.NArg() > 0: // not repeated: it may be a PIN
		return o, fmt.Errorf("hsm: an argument that is not a flag: %s", usage)
	}
	return o, o.check()
}

// check finds what is missing.
func (o options) check() error {
	if o == (options{}) {
		return nil
	}
	var missing []string
	for _, required := range []struct{ name, value string }{
		{"-module FILE", o.module}, {"-token LABEL", o.token}, {"-key LABEL", o.key},
	} {
		if required.value == "" {
			missing = append(missing, required.name)
		}
	}
	switch {
	case len(missing) > 0:
		return fmt.Errorf("hsm: for a token of your own, add %s", strings.Join(missing, " and "))
	case o.url != "" && o.keyPairID == "":
		return errors.New("hsm: a signed URL names its key: add -key-pair-id ID, such as K2JCJMDEHXQW5F")
	case o.url == "" && o.keyPairID != "":
		return errors.New("hsm: there is nothing to sign: add -url URL, or leave out -key-pair-id for the public key")
	}
	return nil
}

func run(ctx context.Context, args []string, std streams) error {
	o, err := parseOptions(args, std.out)
	if err != nil {
		return err
	}
	if o.module == "" {
		return demo(ctx, std.out)
	}
	pin, err := readPIN(ctx, o.pinFile, std.in, std.err)
	if err != nil {
		return err
	}
	t, err := openToken(o.module, o.token, pin)
	if err != nil {
		return err
	}
	defer t.close()
	if o.url == "" {
		return printPublic(ctx, t, o, std.out)
	}
	return printURL(ctx, t, o, std.out)
}

// printPublic prints the public key as CloudFront takes it.
func printPublic(ctx context.Context, t *token, o options, out io.Writer) error {
	key, err := t.find(ctx, o.key)
	if err != nil {
		return err
	}
	pem, err := keys.MarshalPublic(key.Public())
	if err != nil {
		return err
	}
	_, err = out.Write(pem)
	return err
}

// printURL prints one signed URL. Whoever has it has access.
func printURL(ctx context.Context, t *token, o options, out io.Writer) error {
	signer, err := t.signer(ctx, o.key, o.keyPairID)
	if err != nil {
		return err
	}
	signedURL, err := signer.URL(ctx, o.url, time.Now().Add(lifetime))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, signedURL)
	return err
}
