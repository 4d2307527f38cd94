// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/spf13/cobra"

// complete makes a shell complete a flag with one of the values.
func complete(cmd *cobra.Command, flag string, values ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // there is no such flag
	}
}
