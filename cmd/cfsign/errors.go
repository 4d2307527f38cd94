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

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/encrypted"
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

// errInterrupted is for Ctrl-C, after the command has printed what it had.
var errInterrupted = errors.New("interrupted")

// inFlag adds the flag with the invalid value to err. For an error of package policy, it
// is the flag that sets the field.
func inFlag(flag string, err error) error {
	var refused *policy.Error
	if errors.As(err, &refused) {
		if from, ok := fieldFlags[refused.Field]; ok {
			flag = from
		}
	}
	return fmt.Errorf("--%s: %w", flag, withoutField(err))
}

// fieldFlags are the flags that set the fields of a policy.
var fieldFlags = map[policy.Field]string{
	policy.FieldPattern:   flagPolicyResource,
	policy.FieldExpires:   flagDateLessThan,
	policy.FieldNotBefore: flagDateGreaterThan,
	policy.FieldSourceIP:  flagIPAddress,
}

// withoutField returns an error of package policy without the field, and with the flag that
// may help instead of a function of Go. It returns any other error as it is.
func withoutField(err error) error {
	var refused *policy.Error
	if !errors.As(err, &refused) {
		return err
	}
	text := refused.Problem
	if refused.Advice != "" {
		text += ": " + refused.Advice
	}
	switch {
	case refused.Reason == "query" && refused.Field == policy.FieldPattern:
		text += ", or write * where ? stands for one character"
	case refused.Alternative == "" || refused.Reason != "wildcard":
	case refused.Field == policy.FieldPattern:
		text += ", or add --" + flagAnyHost + " if every host is meant"
	case refused.Field == policy.FieldURL:
		text += ", or give it as --" + flagPolicyResource + " if it is meant"
	}
	return errors.New(text)
}

// oneLine returns the text of an error for output: in one line, without control
// characters.
func oneLine(err error) string {
	text := err.Error()
	if !isAboutKey(err) {
		text = keyText.ReplaceAllString(text, "[key]")
	}
	text = wire.Redact(text)
	for _, prefix := range []string{"policy: ", "sign: ", "keys: ", "encrypted: ", "keygroup: ", "awssecrets: ", "awskms: "} {
		text = strings.ReplaceAll(text, ": "+prefix, ": ")
		text = strings.TrimPrefix(text, prefix)
	}
	return printable(text)
}

// keyText matches a key in an unexpected place, and the rest of the text: PEM, and base64 of
// it.
var keyText = regexp.MustCompile(`(?s)(?:-----BEGIN|LS0tLS1CRUdJTi).*`)

// isAboutKey reports whether an error is from the library's reading of a key. Such errors
// explain what PEM looks like, and never contain a part of the key.
func isAboutKey(err error) bool {
	return slices.ContainsFunc([]error{
		keys.ErrNoKey, keys.ErrMalformedKey, keys.ErrUnsupportedKey, keys.ErrKeyPairID, keys.ErrEncrypted,
		encrypted.ErrPassphrase, encrypted.ErrNotEncrypted,
	}, func(reason error) bool { return errors.Is(err, reason) })
}

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
