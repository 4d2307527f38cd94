// SPDX-License-Identifier: Apache-2.0

// Gateway is a login for private static sites behind CloudFront. Visitors log in at an OpenID
// Connect provider and get signed cookies for the whole site.
//
//	go run ./examples/gateway
//
// Without -issuer, it runs the site on this machine, with a local CloudFront from template.yaml
// and a provider with two users. README.md says how to deploy it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/cfsign/cfsign/examples/internal/key"
	"github.com/cfsign/cfsign/examples/internal/localhost"
	"github.com/cfsign/cfsign/examples/internal/program"
	"github.com/cfsign/cfsign/sign"
)

func main() { program.Main("gateway", run) }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	s := settings{ClientSecret: os.Getenv("CLIENT_SECRET")}
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8080", "listen on `ADDRESS`")
	flags.StringVar(&s.Issuer, "issuer", "", "`URL` of the OpenID Connect provider")
	flags.StringVar(&s.ClientID, "client-id", "", "`ID` of this client at the provider; its secret is in the environment variable CLIENT_SECRET")
	flags.StringVar(&s.Site, "site", "", "`URL` of the site, such as https://docs.example.com")
	allow := flags.String("allow", "", "`WHO` may see the site: addresses and domains such as @example.com, with commas between them, or * for all users of the provider")
	flags.DurationVar(&s.Lifetime, "lifetime", time.Hour, "how long the cookies are valid")
	keyFile := flags.String("key", "", "read the private key from `FILE` (PEM or DER; RSA 2048 or P-256)")
	keyPairID := flags.String("key-pair-id", "", "the `ID` of the public key in CloudFront")
	if err := program.Parse(flags, args, stdout, "Gateway is a login for private static sites behind CloudFront."); err != nil {
		return err
	}
	deployed := false
	flags.Visit(func(f *flag.Flag) { deployed = deployed || f.Name != "listen" })
	switch {
	case deployed && s.Issuer == "":
		return errors.New("-issuer is missing: add it, or use only -listen to run the site on this machine")
	case deployed && (s.ClientID == "" || *keyFile == "" || *keyPairID == ""):
		return errors.New("-issuer needs -client-id, -key and -key-pair-id, too")
	}
	listener, err := localhost.Listen(ctx, *listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	if !deployed {
		return runLocal(ctx, listener, stdout)
	}
	if *allow != "" {
		s.Allow = strings.Split(*allow, ",")
	}
	private, err := key.Load(*keyFile)
	if err != nil {
		return err
	}
	handler, err := newGateway(ctx, s, func(o sign.Options) (*sign.Signer, error) { return sign.New(*keyPairID, private, o) })
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Listening on %s. Press Ctrl-C to end it.\n", localhost.URL(listener.Addr()))
	return localhost.Serve(ctx, listener, handler)
}
