// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/verify"
)

// verifyCommand is cfsign verify.
type verifyCommand struct{ viewerFlags }

func newVerify() *cobra.Command {
	var v verifyCommand
	cmd := &cobra.Command{
		Use:   "verify --public-key ID=FILE... [flags] URL",
		Short: "Check a signed URL or signed cookies as CloudFront does",
		Long: `Run CloudFront's checks on a signed URL, or on signed cookies for a URL, and report the
result of each. Like CloudFront, verify accepts SHA-1. To keep the URL out of the shell's
history, write - and pass it on standard input.

The exit code is 0 if the request is allowed, 1 if it is denied, and 2 for invalid usage
or input. With --json, the output is an object with verdict, allowed, code (of
CloudFront's answer), reason, checks, policy (in words) and hint.`,
		Example: `  cfsign verify --public-key K2JCJMDEHXQW5F=public_key.pem \
      'https://cdn.example.com/a.jpg?Expires=1767290400&Signature=...&Key-Pair-Id=K2JCJMDEHXQW5F'
  cfsign verify --public-key K2JCJMDEHXQW5F=public_key.pem --cookie-jar cookies.txt \
      --ip-address 192.0.2.7 --at +2h --json https://cdn.example.com/videos/7/a.ts`,
		Args: oneURL,
		RunE: func(cmd *cobra.Command, args []string) error { return v.run(cmd, args[0]) },
	}
	v.register(cmd.Flags())
	return cmd
}

func (v *verifyCommand) run(cmd *cobra.Command, arg string) error {
	if len(v.publicKeys) == 0 {
		return fmt.Errorf("--%s is missing: add --%s ID=FILE, or use cfsign explain, which needs no key", flagPublicKey, flagPublicKey)
	}
	trusted, err := readPublicKeys(v.publicKeys)
	if err != nil {
		return err
	}
	request := capture.Request{URL: arg}
	if arg == input.Stdin {
		if request.URL, err = readLine(cmd.InOrStdin()); err != nil {
			return err
		}
	}
	if !strings.HasPrefix(request.URL, "https://") && !strings.HasPrefix(request.URL, "http://") {
		return errors.New("this is not a URL: begin with https:// or http://")
	}
	unsent, err := v.complete(cmd, &request)
	if err != nil {
		return err
	}
	report := explain.Report(request, trusted)
	report.Notes = append(report.Notes, explain.SetCookieFaults(request)...)
	if err := v.print(cmd.OutOrStdout(), report, unsent); err != nil {
		return err
	}
	if !report.Allowed {
		return errRefused
	}
	return nil
}

func (v *verifyCommand) print(w io.Writer, r verify.Report, unsent []capture.UnsentCookie) error {
	if v.json {
		return writeJSON(w, r)
	}
	return writeReport(w, r, explain.UnsentCookies(r, unsent))
}

// readLine returns the only line of a stream.
func readLine(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, longestLine+1))
	line := strings.TrimRight(string(data), "\r\n")
	switch {
	case err != nil:
		return "", err
	case line == "":
		return "", errors.New("standard input is empty: write the URL to it")
	case strings.Contains(line, "\n"), len(data) > longestLine:
		return "", errors.New("standard input has more than one line, or a very long one: write one URL to it")
	}
	return line, nil
}
