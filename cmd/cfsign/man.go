// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newMan returns the command that makes the manual pages of a package. The help does not show
// it, because users of the package have the pages already.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Hidden: true,
		Short:  "Write manual pages",
		Long:   `Write a manual page for cfsign and for each of its commands into DIR, which must exist.`,
		Example: `  mkdir man
  cfsign man man
  man man/cfsign-url.1`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("give one folder: write cfsign man DIR")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			folder, err := os.OpenRoot(args[0])
			if err != nil {
				return err
			}
			defer folder.Close()
			root := cmd.Root()
			for _, c := range append([]*cobra.Command{root}, documented(root)...) {
				if err := folder.WriteFile(pageName(c)+".1", []byte(manualPage(c)), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// documented returns the subcommands that the help shows.
func documented(cmd *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(cmd.Commands()), func(c *cobra.Command) bool { return !c.IsAvailableCommand() })
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manualPage returns the help of a command in roff, in the order of other manual pages. It has
// no date, so the same source gives the same page.
func manualPage(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" %q %q\n", strings.ToUpper(pageName(cmd)), "cfsign "+cmd.Root().Version, "cfsign manual")
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(pageName(cmd)), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n%s", verbatim(cmd.UseLine()))
	if cmd.Long != "" {
		fmt.Fprintf(&b, ".SH DESCRIPTION\n%s", paragraphs(cmd.Long))
	}
	if subcommands := documented(cmd); len(subcommands) > 0 {
		b.WriteString(".SH COMMANDS\n")
		for _, c := range subcommands {
			writeItem(&b, c.Name(), c.Short)
		}
	}
	if cmd.HasAvailableFlags() {
		b.WriteString(".SH OPTIONS\n")
		cmd.Flags().VisitAll(func(flag *pflag.Flag) { writeFlag(&b, flag) })
	}
	if cmd.HasExample() {
		fmt.Fprintf(&b, ".SH EXAMPLES\n%s", verbatim(cmd.Example))
	}
	fmt.Fprintf(&b, ".SH SEE ALSO\n%s\n", seeAlso(cmd))
	return b.String()
}

// seeAlso names the pages of the parent or of the subcommands.
func seeAlso(cmd *cobra.Command) string {
	if cmd.HasParent() {
		return roff(pageName(cmd.Parent())) + "(1)"
	}
	var pages []string
	for _, c := range documented(cmd) {
		pages = append(pages, roff(pageName(c))+"(1)")
	}
	return strings.Join(pages, ", ")
}

func writeFlag(b *strings.Builder, flag *pflag.Flag) {
	if flag.Hidden {
		return
	}
	name, text := describeFlag(flag)
	writeItem(b, strings.TrimSpace(name), text)
}

// writeItem writes a name, and its text below it.
func writeItem(b *strings.Builder, name, text string) {
	fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s\n", roff(name), roff(text))
}

// paragraphs fills text, except paragraphs with indented lines, such as lists.
func paragraphs(text string) string {
	written := strings.Split(strings.TrimSpace(text), "\n\n")
	for i, paragraph := range written {
		if strings.HasPrefix(paragraph, " ") || strings.Contains(paragraph, "\n ") {
			written[i] = verbatim(paragraph)
		} else {
			written[i] = roff(paragraph) + "\n"
		}
	}
	return strings.Join(written, ".PP\n")
}

// verbatim keeps the lines of text.
func verbatim(text string) string { return ".nf\n" + roff(strings.TrimRight(text, "\n")) + "\n.fi\n" }

// roff escapes text. A hyphen must be copied as it is typed, and a line that begins with a
// period or an apostrophe would be a request to roff.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
