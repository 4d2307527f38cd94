// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// The exit codes.
const (
	exitOK      = 0
	exitRefused = 1
	exitUsage   = 2

	exitInterrupted = 130 // the code of shells for Ctrl-C
)

// errRefused is for a negative answer, which the command has already printed.
var errRefused = errors.New("refused")

// inFlag adds the flag with the invalid value to err. For an error of package policy, it
// is the flag that sets the field.
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

// fieldFlags are the flags that set the fields of a policy.
var fieldFlags = map[string]string{
	"pattern":   flagPolicyResource,
	"Expires":   flagDateLessThan,
	"NotBefore": flagDateGreaterThan,
	"SourceIP":  flagIPAddress,
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

// oneLine returns the text of an error for output: in one line, without control
// characters.
func oneLine(err error) string {
	text := commandLineTerms.Replace(wire.Redact(keyText.ReplaceAllString(err.Error(), "[key]")))
	for _, prefix := range []string{"policy: ", "sign: ", "keys: ", "encrypted: "} {
		text = strings.ReplaceAll(text, ": "+prefix, ": ")
		text = strings.TrimPrefix(text, prefix)
	}
	return printable(text)
}

// keyText matches a key in an unexpected place, and the rest of the text.
var keyText = regexp.MustCompile(`(?s)-----BEGIN.*`)

// shown makes a text from outside printable, and removes signatures and policies.
func shown(text string) string { return printable(wire.Redact(text)) }

// printable escapes characters that are not printable.
func printable(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
