// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
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
	return explain.OneLine(err, encrypted.ErrPassphrase, encrypted.ErrNotEncrypted)
}

// shown makes a text from outside printable, and removes signatures and policies.
func shown(text string) string { return explain.Shown(text) }

// printable escapes characters that are not printable.
func printable(text string) string { return explain.Printable(text) }
