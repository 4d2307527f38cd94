// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cfsign/cfsign/policy"
)

// policyCommand is cfsign policy.
type policyCommand struct{ anyHost bool }

func newPolicy() *cobra.Command {
	var p policyCommand
	cmd := &cobra.Command{
		Use:   "policy PATTERN URL...",
		Short: "Show which URLs a pattern covers",
		Long: `Policy says of each URL whether a policy with the pattern as its resource covers it,
and where the pattern stops matching.

An asterisk stands for any characters within its section of the URL: scheme, host,
path or query; in the path also for slashes. Where CloudFront's pages describe two
ways of matching, a URL counts as covered only if both match.

The exit code is 1 if a URL is not covered.`,
		Example: `  cfsign policy 'https://cdn.example.com/videos/7/*' \
      https://cdn.example.com/videos/7/a.ts https://cdn.example.com/videos/77/a.ts`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return errors.New("a pattern and at least one URL are needed: cfsign policy 'https://cdn.example.com/folder/*' https://cdn.example.com/folder/a.jpg")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return p.run(cmd, args[0], args[1:]) },
	}
	cmd.Flags().BoolVar(&p.anyHost, flagAnyHost, false, "let the pattern have wildcards anywhere in the host")
	return cmd
}

func (p *policyCommand) run(cmd *cobra.Command, pattern string, urls []string) error {
	parse := policy.PatternFromConfig
	if p.anyHost {
		parse = policy.PatternAnyHostFromConfig
	}
	resource, err := parse(pattern)
	if err != nil {
		return fmt.Errorf("the pattern: %w", reasonOf(err))
	}
	var result error
	for _, rawURL := range urls {
		err := resource.Check(rawURL)
		if err != nil {
			result = errRefused
		}
		if err := writeCoverage(cmd.OutOrStdout(), rawURL, err); err != nil {
			return err
		}
	}
	if wider := resource.Wider(); wider != "" {
		if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "note: CloudFront may read this pattern more widely, and also let through %s\n", shown(wider)); err != nil {
			return err
		}
	}
	return result
}

// writeCoverage writes whether a URL is covered, and if not, why.
func writeCoverage(w io.Writer, rawURL string, err error) error {
	p := newPalette(w)
	verdict := p.green("covered    ")
	if err != nil {
		verdict = p.red("not covered")
	}
	_, writeErr := fmt.Fprintf(w, "%s  %s\n%s", verdict, shown(rawURL), whyNotCovered(err))
	return writeErr
}

// whyNotCovered returns the lines below a URL that is not covered. Those about where
// pattern and URL part have a mark below the first character that does not match.
func whyNotCovered(err error) string {
	const indent = "             "
	var differs *policy.NotCoveredError
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &differs):
		return indent + oneLine(reasonOf(err)) + "\n"
	case differs.Section == policy.SectionQuery && differs.Resource == "":
		return indent + "The URL has a query, and the pattern has none: end its path with * to cover any.\n"
	}
	pattern, text := shown(differs.Resource), shown(differs.URL)
	inPattern, inText := firstMismatch(pattern, text)
	if differs.Unclear && inPattern == len(pattern) && inText == len(text) {
		return indent + text + "\n" + indent + "Servers in use cut or decode this path and read another one, which may not match: sign a directory, or rename the file.\n"
	}
	return fmt.Sprintf("%11s  %s\n%s%s\n%s%s^ %s\n", "its "+differs.Section, pattern,
		indent, text, indent, strings.Repeat(" ", inText), describeMismatch(pattern[inPattern:], text[inText:]))
}

func describeMismatch(pattern, text string) string {
	switch {
	case pattern == "" && text == "":
		return "CloudFront's pages describe two ways of matching, and one of them does not cover this"
	case pattern == "":
		return "the pattern ends here"
	case text == "":
		return fmt.Sprintf("the URL ends here, and the pattern goes on with %s", pattern)
	}
	return fmt.Sprintf("the pattern goes on with %s", pattern)
}

// reasonOf returns the reason of an error without the field.
func reasonOf(err error) error {
	var refused *policy.Error
	if errors.As(err, &refused) {
		return refused.Err
	}
	return err
}
