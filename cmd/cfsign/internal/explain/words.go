// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"errors"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
)

// Words are the words for the places where a user gives more input. The texts of this package and
// of package capture name the flags of the command.
type Words int

// The words.
const (
	// Flags names the flags of cfsign explain.
	Flags Words = iota
	// Fields names the fields of the page.
	Fields
)

// onPage has each part of a text that names the command or a flag, and what the page says.
var onPage = strings.NewReplacer(
	"name the cookie file with --cookie-jar", `paste the cookie file into "Cookies"`,
	"name the file with --cookie-jar", `paste the file into "Cookies"`,
	"See --ip-address.", `See "Viewer's address".`,
	"give the public key: cfsign explain --public-key ID=public_key.pem", `fill in "Public key" and "Key pair ID"`,
	"which cfsign does not open", "which this page cannot open",
	"cfsign guessed", "the page guessed",
	"cfsign accepts that", "this page accepts that",
	"replace the key: cfsign keygen", "replace the key",
	"the output of cfsign cookies or aws", "the output of aws",
	"give the URL too", `paste the URL into "What was refused"`,
)

// Say returns a text in these words. The text must be a constant: a part of the user's input must
// not change.
func (w Words) Say(text string) string {
	if w == Flags {
		return text
	}
	return onPage.Replace(text)
}

// err returns an error in these words. Errors of the fields for the time and the address, which
// can contain a part of the input, do not change.
func (w Words) err(err error) error {
	var field *FieldError
	if w == Flags || errors.As(err, &field) && (field.Field == FieldAt || field.Field == FieldAddress) {
		return err
	}
	said := said{text: w.Say(err.Error()), err: err}
	if field != nil {
		return &FieldError{field.Field, said}
	}
	return said
}

// A said is an error in other words.
type said struct {
	text string
	err  error
}

// Error returns the text in other words.
func (s said) Error() string { return s.text }

// Unwrap returns the error in its own words.
func (s said) Unwrap() error { return s.err }

// key returns the report about a key in these words.
func (w Words) key(text []byte) *KeyReport {
	k := reportKey(text)
	k.Damage, k.Advice = w.Say(k.Damage), w.Say(k.Advice)
	return k
}

// request says the faults and notes of a request in these words.
func (w Words) request(r *capture.Request) {
	for i, fault := range r.Faults {
		r.Faults[i] = w.Say(fault)
	}
	for i, note := range r.Notes {
		r.Notes[i] = w.Say(note)
	}
}
