// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/verify"
)

// verifyCommand is cfsign verify.
type verifyCommand struct {
	publicKeys []string
	viewer     viewerFlags
	json       bool
}

func newVerify() *cobra.Command {
	var v verifyCommand
	cmd := &cobra.Command{
		Use:   "verify --public-key ID=FILE... [flags] URL",
		Short: "Decide about a signed URL or signed cookies as CloudFront does",
		Long: `Verify decides about a signed URL, or about signed cookies for a URL, as CloudFront
does, and reports on every check. SHA-1 counts, as with CloudFront. The URL may be -
for standard input, which keeps it out of the shell's history.

The exit code is 0 if the request is allowed, 1 if it is refused, and 2 for bad usage
or input. With --json the output is an object with verdict, allowed, code (as in
CloudFront's answer), reason, checks, policy (in words) and hint.`,
		Example: `  cfsign verify --public-key K2JCJMDEHXQW5F=public_key.pem \
      'https://cdn.example.com/a.jpg?Expires=1767290400&Signature=...&Key-Pair-Id=K2JCJMDEHXQW5F'
  cfsign verify --public-key K2JCJMDEHXQW5F=public_key.pem --cookie-jar cookies.txt \
      --ip-address 192.0.2.7 --at +2h --json https://cdn.example.com/videos/7/a.ts`,
		Args: oneURL,
		RunE: func(cmd *cobra.Command, args []string) error { return v.run(cmd, args[0]) },
	}
	cmd.Flags().StringArrayVar(&v.publicKeys, flagPublicKey, nil, publicKeyUsage)
	v.viewer.register(cmd.Flags())
	cmd.Flags().BoolVar(&v.json, "json", false, "print the report as JSON")
	return cmd
}

func (v *verifyCommand) run(cmd *cobra.Command, arg string) error {
	if len(v.publicKeys) == 0 {
		return fmt.Errorf("--%s is missing: add --%s ID=FILE; without a key, cfsign explain says what can be seen", flagPublicKey, flagPublicKey)
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
		return errors.New("this is not a URL: it has to begin with https:// or http://")
	}
	unsent, err := v.viewer.complete(cmd, &request, time.Now())
	if err != nil {
		return err
	}
	verifier := &verify.Verifier{Keys: trusted, AllowSHA1: true, Clock: func() time.Time { return request.Time }}
	report := verifier.Explain(verify.Request{URL: request.URL, Cookies: request.Cookies, ViewerIP: request.ViewerIP})
	if err := v.print(cmd.OutOrStdout(), report); err != nil {
		return err
	}
	if report.Allowed {
		return nil
	}
	if cause := (incident{report: report, unsent: unsent}).unsentCookies(); cause != "" && !v.json {
		fmt.Fprintln(cmd.OutOrStdout(), "or:    ", cause)
	}
	return errRefused
}

func (v *verifyCommand) print(w io.Writer, r verify.Report) error {
	if v.json {
		return writeJSON(w, r)
	}
	return writeReport(w, r)
}

// oneURL is for commands whose only argument is a URL.
func oneURL(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return errors.New("the URL is missing: give it in quotation marks, or - for standard input")
	case args[0] == "":
		return errors.New("the URL is empty, perhaps from a variable that was not set: give it in quotation marks, or - for standard input")
	case len(args) > 1:
		return errors.New("there is more than one URL: give one; a shell splits it at spaces and ends the command at &, so put it in quotation marks")
	}
	return nil
}

// readLine returns the one line of a stream.
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
