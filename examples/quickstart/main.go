// SPDX-License-Identifier: Apache-2.0

// Quickstart is a site with private files behind a local CloudFront: an application
// at which demo users log in and get signed cookies, and a distribution that lets
// them at their own files. It goes through the site as a viewer and prints every
// request with what was decided and why.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -serve
//	go run ./examples/quickstart -key private_key.pem -key-pair-id K2JCJMDEHXQW5F
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
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
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// options are those of the command line.
type options struct {
	keyFile, keyPairID string
	serve              bool
	listen             string
}

const usage = "the flags are -serve, -listen ADDRESS, -key FILE and -key-pair-id ID"

func parseOptions(args []string, stdout io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.serve, "serve", false, "stay up, with a page for your browser")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "with -serve, listen on `ADDRESS`")
	flags.StringVar(&o.keyFile, "key", "", "read the private key from `FILE` (PEM or DER; RSA 2048 or P-256) rather than make one")
	flags.StringVar(&o.keyPairID, "key-pair-id", "", "the `ID` that CloudFront gave to the public key; needed with -key")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stdout, "Quickstart goes through a site with private files behind a local CloudFront.")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w: %s", err, usage)
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: %s", flags.Arg(0), usage)
	case o.keyFile == "" && o.keyPairID != "":
		return o, errors.New("-key-pair-id goes with -key: add -key FILE, or leave out both to try with a new key")
	case o.keyFile != "" && o.keyPairID == "":
		return o, errors.New("-key needs the public key's ID in CloudFront: add -key-pair-id ID, such as K2JCJMDEHXQW5F")
	case !o.serve:
		o.listen = "127.0.0.1:0"
	}
	return o, nil
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parseOptions(args, stdout)
	if err != nil {
		return err
	}
	key, keyPairID, err := loadKey(o)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	site, err := newSite(key, keyPairID, listener.Addr())
	if err != nil {
		return err
	}
	server := &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second}
	defer server.Close()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if o.serve {
		if _, err := fmt.Fprintf(stdout, "Open %s in a browser; Ctrl-C ends it.\n", site.app); err != nil {
			return err
		}
		select {
		case err := <-served:
			return err
		case <-ctx.Done():
			return nil
		}
	}
	return newViewer(listener.Addr(), stdout).walk(ctx, site, key)
}
