// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	command, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errRefused):
		return exitRefused
	}
	fmt.Fprintf(errOut, "%s: %s\n", command.CommandPath(), oneLine(err))
	return exitUsage
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cfsign",
		Short: "Sign for Amazon CloudFront, and find out why CloudFront said no",
		Long: `Cfsign makes signed URLs and signed cookies for Amazon CloudFront, decides about
them as CloudFront does, and explains its refusals. Flags have the names of
"aws cloudfront sign". It asks nobody: CloudFront itself is never contacted.

The exit code is 0 for success, 1 where the answer is no (verify: refused; policy:
a URL is not covered), and 2 for an error, which is one line on standard error.`,
		Example: `  cfsign explain 'https://cdn.example.com/a.jpg?Expires=1767290400&Signature=...'
  cfsign keygen --out .
  cfsign url --url https://cdn.example.com/a.jpg --key-pair-id K2JCJMDEHXQW5F \
      --private-key file://private_key.pem --date-less-than +2h`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return checkEmpty(cmd.Flags())
		},
		// Cobra refuses unknown commands in several lines.
		Args:                       cobra.ArbitraryArgs,
		SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newURL(), newCookies(), newVerify(), newExplain(), newKeygen(), newEdge(), newPolicy())
	return root
}

// version returns the module's, as go install noted it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}

func unknownCommand(cmd *cobra.Command, name string) error {
	if strings.Contains(name, "://") {
		return errors.New("a URL alone is no command: did you mean cfsign explain URL?")
	}
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		return fmt.Errorf("there is no command %q: did you mean %s?", name, near[0])
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return fmt.Errorf("there is no command %q: there are %s", name, strings.Join(names, ", "))
}
