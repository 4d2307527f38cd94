// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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
		b.WriteString("\n\nFlags:")
		writeFlags(&b, cmd.LocalFlags())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n\nRun %s COMMAND --help for more about a command.", cmd.CommandPath())
	}
	b.WriteString("\n")
	return b.String()
}

// writeFlags writes the names of the flags, and their texts next to them. Package pflag would write
// --json[=true|false].
func writeFlags(b *strings.Builder, flags *pflag.FlagSet) {
	width := 0
	flags.VisitAll(func(flag *pflag.Flag) {
		if name, _ := describeFlag(flag); !flag.Hidden {
			width = max(width, len(name))
		}
	})
	flags.VisitAll(func(flag *pflag.Flag) {
		if name, text := describeFlag(flag); !flag.Hidden {
			fmt.Fprintf(b, "\n  %-*s   %s", width, name, text)
		}
	})
}

// describeFlag returns how to write a flag, and its text with the default. The help and the manual
// pages show the same.
func describeFlag(flag *pflag.Flag) (name, text string) {
	value, text := pflag.UnquoteUsage(flag)
	name = strings.TrimSpace("--" + flag.Name + " " + value)
	if flag.Shorthand != "" {
		name = "-" + flag.Shorthand + ", " + name
	} else {
		name = "    " + name
	}
	if !slices.Contains([]string{"", "false", "0", "0s", "[]"}, flag.DefValue) {
		text += fmt.Sprintf(" (default %s)", flag.DefValue)
	}
	return name, text
}
