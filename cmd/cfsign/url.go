// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
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
		Use:     "url [--url] URL... --key-pair-id ID --private-key KEY --date-less-than TIME",
		Aliases: []string{"sign"},
		Short:   "Print signed URLs",
		Long: `Print the signed URL for each URL. You can also write cfsign sign, as in the AWS CLI.

Each URL gets its own canned policy, or a custom one if you give a start or an address
range. With --policy-resource, cfsign signs one policy for all URLs. PATTERN must cover
each of them. If it is the URL itself, that changes nothing. With --url -, cfsign reads one
URL per line from standard input and prints one signed URL per line. It stops at the first
URL that it cannot sign.

With --hash-algorithm SHA1 and an RSA key, the output is the same as from "aws
cloudfront sign", byte for byte. In a pipe, a single URL has no line break after it. On a
terminal and in a file, it has one.

TIME can be +2h, +7d, 2026-01-31, 2026-01-31T18:30:00 (UTC, unless it has a zone) or
seconds since 1970.

A signed URL is a bearer credential: possession gives access, so keep it secret.`,
		Example: `  cfsign url --url https://cdn.example.com/a.jpg --key-pair-id K2JCJMDEHXQW5F \
      --private-key file://private_key.pem --date-less-than +2h
  cfsign url --url - --policy-resource 'https://cdn.example.com/videos/7/*' \
      --key-pair-id K2JCJMDEHXQW5F --private-key env:CLOUDFRONT_PRIVATE_KEY \
      --date-less-than 2026-12-24T18:00:00+01:00 --ip-address 192.0.2.0/24 <urls.txt`,
		Args: urlArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			u.urls = append(u.urls, args...)
			return u.run(cmd)
		},
	}
	cmd.Flags().StringArrayVar(&u.urls, flagURL, nil, "`URL` to sign, or - for one per line of standard input (required, may be repeated)")
	u.register(cmd.Flags())
	cmd.Flags().String(flagOutput, "", "")
	_ = cmd.Flags().MarkHidden(flagOutput) // a flag of every AWS command, without effect there
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
	notes := newNotes(cmd.ErrOrStderr())
	notes.add(aboutID(u.keyPairID), aboutRange(conditions.SourceIP))
	appendURL, err := u.appendURL(cmd.Context(), signer, conditions, notes)
	if err != nil {
		return err
	}
	if u.urls[0] == input.Stdin {
		workers := runtime.GOMAXPROCS(0) // each URL costs a key operation
		if u.resource != "" {
			workers = 1
		}
		return newStream(cmd, appendURL, workers).run()
	}
	return u.print(cmd, appendURL)
}

func (u *urlCommand) check() error {
	switch stdin := slices.Contains(u.urls, input.Stdin); {
	case len(u.urls) == 0:
		return missingFlag(flagURL, "https://cdn.example.com/a.jpg")
	case stdin && len(u.urls) > 1:
		return fmt.Errorf("--%s: - must be the only URL: leave out the others, or write them to standard input", flagURL)
	case stdin && (u.privateKey == input.Stdin || u.passphrase == input.Stdin):
		return fmt.Errorf("--%s: standard input has the URLs: give the key as file://FILE or env:NAME", flagPrivateKey)
	}
	return u.signFlags.check()
}

// sharesPolicy reports whether one policy is for all URLs. A resource that is the URL itself
// adds nothing, and the AWS CLI signs a canned policy, too.
func (u *urlCommand) sharesPolicy() bool {
	differs := func(rawURL string) bool { return rawURL != u.resource }
	return u.resource != "" && (u.anyHost || slices.ContainsFunc(u.urls, differs))
}

// appendURL returns the function that signs one URL. A shared policy is signed here, once.
func (u *urlCommand) appendURL(ctx context.Context, signer *sign.Signer, c policy.Conditions, notes *notes) (appendURL, error) {
	if !u.sharesPolicy() {
		return func(dst []byte, rawURL string) ([]byte, error) {
			p, err := ownPolicy(rawURL, c)
			if err != nil {
				return nil, err
			}
			notes.add(aboutPolicy(p))
			signed, err := signer.Sign(ctx, p)
			if err != nil {
				return nil, err
			}
			return signed.AppendURL(dst, rawURL)
		}, nil
	}
	p, err := u.sharedPolicy(c)
	if err != nil {
		return nil, err
	}
	notes.add(aboutPolicy(p))
	signed, err := signer.Sign(ctx, p)
	if err != nil {
		return nil, inFlag(flagDateLessThan, err)
	}
	return signed.AppendURL, nil
}

// endsLines reports whether the output of one URL ends in a line break. Pipes get the bytes
// that the AWS CLI writes. In a file, the next URL would continue the line.
func endsLines(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return isTerminal(w) || err == nil && info.Mode().IsRegular()
}

// print writes the signed URLs of the flags. If one cannot be signed, it writes none.
func (u *urlCommand) print(cmd *cobra.Command, appendURL appendURL) error {
	var signed []byte
	for _, rawURL := range u.urls {
		var err error
		if signed, err = appendURL(signed, rawURL); err != nil {
			return inFlag(flagURL, err)
		}
		signed = append(signed, '\n')
	}
	if len(u.urls) == 1 && !endsLines(cmd.OutOrStdout()) {
		signed = bytes.TrimSuffix(signed, []byte("\n"))
	}
	_, err := cmd.OutOrStdout().Write(signed)
	return err
}
