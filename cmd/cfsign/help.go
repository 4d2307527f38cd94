// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// setHelp makes the help of a command and of its subcommands begin with examples.
//
// Cobra's templates would do the same, but with package text/template the linker keeps every
// method of the program, such as the operations of AWS's clients that cfsign does not use.
func setHelp(root *cobra.Command) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(cmd.OutOrStdout(), cmd) })
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		_, err := io.WriteString(cmd.OutOrStderr(), usage(cmd))
		return err
	})
}

func writeHelp(w io.Writer, cmd *cobra.Command) {
	fmt.Fprintf(w, "%s.\n\n", cmd.Short)
	if cmd.HasExample() {
		fmt.Fprintf(w, "Examples:\n%s\n\n", cmd.Example)
	}
	if cmd.Long != "" {
		fmt.Fprintf(w, "%s\n\n", strings.TrimSpace(cmd.Long))
	}
	fmt.Fprint(w, usage(cmd))
}

// usage returns how to call a command, its subcommands and its flags.
func usage(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage:\n  %s", cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\n\nCommands:")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(&b, "\n  %-*s %s", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	if cmd.HasAvailableLocalFlags() {
		fmt.Fprintf(&b, "\n\nFlags:\n%s", strings.TrimRight(cmd.LocalFlags().FlagUsages(), "\n"))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n\nRun %s COMMAND --help for more about a command.", cmd.CommandPath())
	}
	b.WriteString("\n")
	return b.String()
}
