// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// urlCommand is cfsign url.
type urlCommand struct {
	signFlags
	urls []string
}

func newURL() *cobra.Command {
	var u urlCommand
	cmd := &cobra.Command{
		Use:   "url --url URL... --key-pair-id ID --private-key KEY --date-less-than TIME",
		Short: "Print signed URLs",
		Long: `Url prints the signed URL for each --url.

A URL gets a canned policy of its own; a custom one if there is a start or an
address range. With --policy-resource one policy is signed, once, and serves all
URLs, which it has to cover. With --url - there is one URL in each line of standard
input, and one signed URL in each line of the output; the first one that cannot be
signed ends it.

With --hash-algorithm SHA1 and an RSA key the output is that of "aws cloudfront
sign", byte for byte: a single URL has no line break after it unless it goes to a
terminal.

Times are +2h, +7d, 2026-01-31, 2026-01-31T18:30:00 (UTC unless there is a zone) or
seconds since 1970. A signed URL is a bearer credential: whoever has it has access.`,
		Example: `  cfsign url --url https://cdn.example.com/a.jpg --key-pair-id K2JCJMDEHXQW5F \
      --private-key file://private_key.pem --date-less-than +2h
  cfsign url --url - --policy-resource 'https://cdn.example.com/videos/7/*' \
      --key-pair-id K2JCJMDEHXQW5F --private-key env:CLOUDFRONT_PRIVATE_KEY \
      --date-less-than 2026-12-24T18:00:00+01:00 --ip-address 192.0.2.0/24 <urls.txt`,
		Args: noArguments("give each URL as --" + flagURL),
		RunE: func(cmd *cobra.Command, _ []string) error { return u.run(cmd) },
	}
	cmd.Flags().StringArrayVar(&u.urls, flagURL, nil, "`URL` to sign (required, may be repeated), or - for one in each line of standard input")
	u.register(cmd.Flags())
	return cmd
}

func (u *urlCommand) run(cmd *cobra.Command) error {
	if err := u.check(); err != nil {
		return err
	}
	conditions, err := u.conditions(time.Now())
	if err != nil {
		return err
	}
	signer, err := u.signer(cmd)
	if err != nil {
		return err
	}
	signURL, err := u.signURL(cmd.Context(), signer, conditions)
	if err != nil {
		return err
	}
	if u.urls[0] == input.Stdin {
		workers := runtime.GOMAXPROCS(0) // each URL costs a key operation
		if u.resource != "" {
			workers = 1
		}
		return newStream(cmd, signURL, workers).run()
	}
	return u.print(cmd, signURL)
}

func (u *urlCommand) check() error {
	switch stdin := slices.Contains(u.urls, input.Stdin); {
	case len(u.urls) == 0:
		return missingFlag(flagURL, "https://cdn.example.com/a.jpg")
	case stdin && len(u.urls) > 1:
		return fmt.Errorf("--%s: - is for all URLs: leave out the others, or write them to standard input", flagURL)
	case stdin && (u.privateKey == input.Stdin || u.passphrase == input.Stdin):
		return fmt.Errorf("--%s: standard input has the URLs: give the key as file://FILE or env:NAME", flagPrivateKey)
	}
	return u.signFlags.check()
}

// signURL returns what signs one URL. Where one policy serves all of them, it is
// signed here, and never again.
func (u *urlCommand) signURL(ctx context.Context, signer *sign.Signer, c policy.Conditions) (func(string) (string, error), error) {
	if u.resource == "" {
		return func(rawURL string) (string, error) {
			p, err := ownPolicy(rawURL, c)
			if err != nil {
				return "", err
			}
			signed, err := signer.Sign(ctx, p)
			if err != nil {
				return "", err
			}
			return signed.URL(rawURL)
		}, nil
	}
	p, err := u.sharedPolicy(c)
	if err != nil {
		return nil, err
	}
	signed, err := signer.Sign(ctx, p)
	if err != nil {
		return nil, inFlag(flagDateLessThan, err)
	}
	return signed.URL, nil
}

// print writes the signed URLs of the flags, all or none.
func (u *urlCommand) print(cmd *cobra.Command, signURL func(string) (string, error)) error {
	var signed []string
	for _, rawURL := range u.urls {
		one, err := signURL(rawURL)
		if err != nil {
			return inFlag(flagURL, err)
		}
		signed = append(signed, one)
	}
	if len(signed) == 1 && !isTerminal(cmd.OutOrStdout()) {
		_, err := io.WriteString(cmd.OutOrStdout(), signed[0])
		return err
	}
	for _, one := range signed {
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), one); err != nil {
			return err
		}
	}
	return nil
}
