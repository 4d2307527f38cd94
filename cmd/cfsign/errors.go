// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// The exit codes.
const (
	exitOK      = 0
	exitRefused = 1
	exitUsage   = 2

	exitInterrupted = 130 // as shells have it for Ctrl-C
)

// errRefused: the answer is no, and was printed.
var errRefused = errors.New("refused")

// inFlag names the flag whose value is at fault. For what package policy refuses it
// is the one from which the field of the policy comes.
func inFlag(flag string, err error) error {
	var refused *policy.Error
	if !errors.As(err, &refused) {
		return fmt.Errorf("--%s: %w", flag, err)
	}
	if from, ok := fieldFlags[refused.Field]; ok {
		flag = from
	}
	return fmt.Errorf("--%s: %w", flag, refused.Err)
}

// fieldFlags are the flags from which the fields of a policy come.
var fieldFlags = map[string]string{
	"pattern":   flagPolicyResource,
	"Expires":   flagDateLessThan,
	"NotBefore": flagDateGreaterThan,
	"SourceIP":  flagIPAddress,
}

// missingFlag is the error for a flag that a command needs.
func missingFlag(flag, example string) error {
	return fmt.Errorf("--%s is missing: add --%s %s", flag, flag, example)
}

// checkEmpty refuses flags with an empty value. It comes from a variable that was not
// set, and must not silently stand for no condition at all.
func checkEmpty(flags *pflag.FlagSet) error {
	var empty error
	flags.Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if slices.Contains(values, "") && empty == nil {
			empty = fmt.Errorf("--%s is empty, perhaps from a variable that was not set: give it a value, or leave it out", f.Name)
		}
	})
	return empty
}

// noArguments is for commands with flags only.
func noArguments(fix string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return fmt.Errorf("there is an argument without a flag before it: %s", fix)
	}
}

// flagError says which flag may have been meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if invalid := (*pflag.InvalidValueError)(nil); errors.As(err, &invalid) {
		return fmt.Errorf("--%s: %w", invalid.GetFlag().Name, invalid.Unwrap())
	}
	if !errors.As(err, &unknown) {
		return fmt.Errorf("%w: see %s --help", err, cmd.CommandPath())
	}
	// Cobra looks for similar names of commands only.
	names := &cobra.Command{SuggestionsMinimumDistance: 2}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	name := unknown.GetSpecifiedName()
	if near := names.SuggestionsFor(name); len(near) > 0 {
		return fmt.Errorf("there is no flag --%s: did you mean --%s?", name, near[0])
	}
	return fmt.Errorf("there is no flag --%s: see %s --help", name, cmd.CommandPath())
}

// commandLineTerms are what the library's errors call by names of Go.
var commandLineTerms = strings.NewReplacer(
	"use Directory, Under or Pattern", "give it as --"+flagPolicyResource,
	"use PatternAnyHost", "add --"+flagAnyHost,
	"use Pattern", "give it as --"+flagPolicyResource,
	"is not before Expires,", "is not before --"+flagDateLessThan+",",
	"or set Insecure", "or add --"+flagInsecure,
	"or set AllowWider", "or add --"+flagAllowWider,
	"rename it, or use UnderForLiteralOrigin if the origin takes names literally, as S3 does", "rename it",
	"leave Domain empty", "leave out --"+flagDomain,
	"leave Path empty", "leave out --"+flagPath,
)

// oneLine returns the text of an error as it is printed: in one line, and without
// what could move a terminal's cursor.
func oneLine(err error) string {
	text := commandLineTerms.Replace(wire.Redact(keyText.ReplaceAllString(err.Error(), "[key]")))
	for _, prefix := range []string{"policy: ", "sign: ", "keys: ", "encrypted: "} {
		text = strings.ReplaceAll(text, ": "+prefix, ": ")
		text = strings.TrimPrefix(text, prefix)
	}
	return printable(text)
}

// keyText is a key where nobody expects one. What stands behind it is not repeated either.
var keyText = regexp.MustCompile(`(?s)-----BEGIN.*`)

// shown returns what comes from outside as it can be printed, without the signatures and
// policies in it.
func shown(text string) string { return printable(wire.Redact(text)) }

// printable escapes what is not printable.
func printable(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
