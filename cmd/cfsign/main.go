// SPDX-License-Identifier: Apache-2.0

// Cfsign signs for Amazon CloudFront, and explains why CloudFront refuses a request:
//
//	cfsign url      print signed URLs
//	cfsign cookies  print signed cookies
//	cfsign verify   decide as CloudFront does
//	cfsign explain  explain a 403, even without a key
//	cfsign keygen   create a key pair
//	cfsign rotate   replace the key that signs
//	cfsign edge     run a local CloudFront
//	cfsign doctor   find mistakes in a distribution's configuration
//	cfsign logs     find the reasons for 403s in access logs
//	cfsign ca       print the authority of cfsign edge --tls
//	cfsign policy   show which URLs a pattern covers
//
// Run cfsign COMMAND --help for examples and flags.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run executes one command line and returns its exit code.
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
	if errors.Is(err, errInterrupted) {
		return exitInterrupted
	}
	return exitUsage
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cfsign",
		Short: "Sign for Amazon CloudFront, and explain its refusals",
		Long: `Create signed URLs and signed cookies, check them as CloudFront does, and find out why
CloudFront refuses them. The flags have the same names as in "aws cloudfront sign".
cfsign makes no network requests, except that edge calls the server in --origin, and rotate
calls AWS.

The exit code is 0 for success and 2 for an error, which is one line on standard error.
It is 1 if verify denies the request, if policy finds a URL that is not covered, or if doctor
finds a mistake.`,
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
		// Cobra's own error for an unknown command has several lines.
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
	setHelp(root)
	root.AddCommand(newURL(), newCookies(), newVerify(), newExplain(), newKeygen(), newRotate(), newEdge(), newDoctor(), newLogs(), newCA(), newPolicy(), newMan())
	return root
}

// version returns the version of the module, as go install records it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}

func unknownCommand(cmd *cobra.Command, name string) error {
	if strings.Contains(name, "://") {
		return errors.New("a URL is not a command: did you mean cfsign explain URL?")
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
	return fmt.Errorf("there is no command %q: use one of %s", name, strings.Join(names, ", "))
}
