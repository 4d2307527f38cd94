// SPDX-License-Identifier: Apache-2.0

// Quickstart is a site with private files behind a local CloudFront. Demo users log in to
// an application and get signed cookies for their own files. The program visits the site
// as a viewer, and prints every request with the decision and the reason.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -serve
//	go run ./examples/quickstart -key private_key.pem -key-pair-id K2JCJMDEHXQW5F
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/cfsign/cfsign/examples/internal/key"
	"github.com/cfsign/cfsign/examples/internal/localhost"
	"github.com/cfsign/cfsign/examples/internal/program"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

const lifetime = time.Hour

// attributes must be the same when cookies are set and when they are cleared. Insecure
// is only for this machine, where there is no TLS.
var attributes = sign.CookieAttributes{Domain: localhost.Domain, Insecure: true}

// signedCookies returns cookies that open the folder of a user.
func (s *site) signedCookies(ctx context.Context, user string) ([]*http.Cookie, error) {
	folder, err := policy.Under(s.cdn+"/users", user) // The user's name is data, never a wildcard.
	if err != nil {
		return nil, err
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: s.now().Add(lifetime)})
	if err != nil {
		return nil, err
	}
	signed, err := s.signer.Sign(ctx, p)
	if err != nil {
		return nil, err
	}
	return signed.CookieSet().Cookies(attributes)
}

// clearedCookies returns cookies that remove the signed ones from a browser, which would
// keep them after the logout.
func (s *site) clearedCookies() ([]*http.Cookie, error) { return sign.ClearCookies(attributes) }

// signedURL returns a link that opens one file.
func (s *site) signedURL(ctx context.Context) (string, error) {
	return s.signer.URL(ctx, s.cdn+"/users/alice/report.txt", s.now().Add(lifetime))
}

func main() { program.Main("quickstart", run) }

// options are the flags of the command line.
type options struct {
	keyFile, keyPairID string
	serve              bool
	listen             string
}

func parseOptions(args []string, stdout io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.BoolVar(&o.serve, "serve", false, "keep running, with a page for your browser")
	flags.StringVar(&o.listen, "listen", "", "with -serve, listen on `ADDRESS` instead of 127.0.0.1:8080")
	flags.StringVar(&o.keyFile, "key", "", "read the private key from `FILE` (PEM or DER; RSA 2048 or P-256) instead of making one")
	flags.StringVar(&o.keyPairID, "key-pair-id", "", "the `ID` of the public key in CloudFront; required with -key")
	err := program.Parse(flags, args, stdout, "Quickstart visits a site with private files behind a local CloudFront.")
	switch {
	case err != nil:
		return o, err
	case o.keyFile == "" && o.keyPairID != "":
		return o, errors.New("-key-pair-id goes with -key: add -key FILE, or leave out both to use a new key")
	case o.keyFile != "" && o.keyPairID == "":
		return o, errors.New("-key needs the public key's ID in CloudFront: add -key-pair-id ID, such as K2JCJMDEHXQW5F")
	case o.listen != "" && !o.serve:
		return o, errors.New("-listen goes with -serve: add -serve, or leave out -listen")
	case o.keyFile == "":
		o.keyPairID = "K2QUICKSTART"
	}
	if !o.serve {
		o.listen = "127.0.0.1:0"
	}
	o.listen = cmp.Or(o.listen, "127.0.0.1:8080")
	return o, nil
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parseOptions(args, stdout)
	if err != nil {
		return err
	}
	private, err := key.Load(o.keyFile)
	if err != nil {
		return err
	}
	listener, err := localhost.Listen(ctx, o.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	site, err := newSite(private, o.keyPairID, listener.Addr())
	if err != nil {
		return err
	}
	if o.serve {
		if _, err := fmt.Fprintf(stdout, "Open %s in a browser. Press Ctrl-C to end it.\n", site.app); err != nil {
			return err
		}
		return localhost.Serve(ctx, listener, site)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() { _ = localhost.Serve(ctx, listener, site) }()
	return newViewer(listener.Addr(), stdout).visit(ctx, site, private)
}
