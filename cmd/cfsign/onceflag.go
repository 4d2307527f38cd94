// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"

	"github.com/spf13/pflag"
)

// A onceFlag is the value of a flag that may be given once. Where a flag is given twice,
// as scripts do that add to others' arguments, the last one would silently win.
type onceFlag struct {
	text  *string
	given bool
}

// stringOnce is [pflag.FlagSet.StringVar] for a flag that may be given once.
func stringOnce(flags *pflag.FlagSet, text *string, name, value, usage string) {
	*text = value
	flags.Var(&onceFlag{text: text}, name, usage)
}

// Set takes the value.
func (o *onceFlag) Set(text string) error {
	if o.given {
		return errors.New("it is given twice: leave out one of them")
	}
	*o.text, o.given = text, true
	return nil
}

// String returns the value.
func (o *onceFlag) String() string {
	if o.text == nil { // as package pflag calls it for the zero value
		return ""
	}
	return *o.text
}

// Type says what stands in the help.
func (o *onceFlag) Type() string { return "string" }
