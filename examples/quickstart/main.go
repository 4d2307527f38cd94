// SPDX-License-Identifier: Apache-2.0

// Quickstart signs a URL and the cookies for a folder, shows what comes out,
// and checks it.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -key private_key.pem -key-pair-id K2JCJMDEHXQW5F
package main

import (
	"context"
	"crypto"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

const (
	cdn      = "https://cdn.example.com"
	lifetime = time.Hour
)

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	key, keyPairID, err := loadKey(args, stdout)
	if err != nil {
		return err
	}
	signer, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		return err
	}
	out := printer{w: stdout}
	if err := out.key(signer, key); err != nil {
		return err
	}
	expires := time.Now().Add(lifetime)
	if err := signURL(ctx, signer, key.Public(), expires, &out); err != nil {
		return err
	}
	if err := signCookies(ctx, signer, key.Public(), expires, &out); err != nil {
		return err
	}
	return showRefusals(&out)
}

// loadKey returns the key of the command line, or a new one.
func loadKey(args []string, stdout io.Writer) (crypto.Signer, string, error) {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	file := flags.String("key", "", "read the private key from `FILE` (PEM or DER; RSA 2048 or P-256) rather than make one")
	id := flags.String("key-pair-id", "", "the `ID` that CloudFront gave to the public key; needed with -key")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stdout, "Quickstart signs a URL and the cookies for a folder, shows what comes out, and checks it.")
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return nil, "", err
	} else if err != nil {
		return nil, "", fmt.Errorf("%w: the flags are -key FILE and -key-pair-id ID", err)
	}
	switch {
	case flags.NArg() > 0:
		return nil, "", fmt.Errorf("unexpected argument %q: the flags are -key FILE and -key-pair-id ID", flags.Arg(0))
	case *file == "" && *id != "":
		return nil, "", errors.New("-key-pair-id goes with -key: add -key FILE, or leave out both to try with a new key")
	case *file != "" && *id == "":
		return nil, "", errors.New("-key needs the public key's ID in CloudFront: add -key-pair-id ID, such as K2JCJMDEHXQW5F")
	case *file == "":
		key, err := keys.GenerateECDSA()
		return key, "K2QUICKSTART", err
	}
	text, err := os.ReadFile(*file)
	if err != nil {
		return nil, "", err
	}
	key, err := keys.ParsePrivate(text)
	return key, *id, err
}

// signURL signs one URL until a time.
func signURL(ctx context.Context, signer *sign.Signer, public crypto.PublicKey, expires time.Time, out *printer) error {
	rawURL := cdn + "/reports/2026.pdf?download=1"
	p, err := policy.Canned(rawURL, expires)
	if err != nil {
		return err
	}
	signedURL, err := signer.URL(ctx, rawURL, expires)
	if err != nil {
		return err
	}
	out.heading("One URL, until " + expires.UTC().Format(time.DateTime) + " UTC (canned policy)")
	out.policy(p, "CloudFront rebuilds it from the request; it is not sent")
	out.line("signed URL", signedURL)
	parameters := urlParameters(signedURL)
	out.parameters(parameters)
	return out.check(verify(public, rawURL, parameters))
}

// signCookies signs the folder of one user, and applies the signature to
// cookies.
func signCookies(ctx context.Context, signer *sign.Signer, public crypto.PublicKey, expires time.Time, out *printer) error {
	folder, err := policy.Under(cdn+"/users", "alice")
	if err != nil {
		return err
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: expires})
	if err != nil {
		return err
	}
	signed, err := signer.Sign(ctx, p)
	if err != nil {
		return err
	}
	cookies, err := signed.CookieSet().Cookies(sign.CookieAttributes{Domain: "example.com", Path: "/users/alice/"})
	if err != nil {
		return err
	}
	out.heading("Cookies for the folder of one user (custom policy)")
	out.policy(p, "it is sent in CloudFront-Policy")
	for _, cookie := range cookies {
		out.line("Set-Cookie", cookie.String())
	}
	return out.check(verify(public, "", cookieParameters(cookies)))
}

// showRefusals prints what becomes of data that would open other folders.
func showRefusals(out *printer) error {
	out.heading("What user IDs become")
	for _, userID := range []string{"bob@example.com", "*", "..", ""} {
		folder, err := policy.Under(cdn+"/users", userID)
		if err != nil {
			out.line(fmt.Sprintf("%q", userID), "refused: "+err.Error())
			continue
		}
		out.line(fmt.Sprintf("%q", userID), folder.String())
	}
	return out.err
}
