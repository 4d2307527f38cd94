// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/timeflag"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/verify"
)

// Additions are the parts of a request that its text does not have. The zero value adds nothing.
type Additions struct {
	// At is the time of the checks, as [timeflag.Parse] accepts it. Empty: the time of the
	// request or, if that is unknown, now.
	At string
	// Address is the viewer's address. Empty: unknown.
	Address string
	// Cookies are the viewer's cookies in any form that [capture.ReadCookies] accepts. Nil: there
	// are no more.
	Cookies []byte
	// Jar is a cookie file. A client sends some of its cookies. Nil: there is none.
	Jar []byte
}

// A Field is a field of a [Question] in which users make mistakes.
type Field int

// The fields.
const (
	FieldAt Field = iota + 1
	FieldAddress
	FieldCookies
	FieldJar
	FieldResponse
)

// A FieldError is an error in a field of a [Question].
type FieldError struct {
	// Field is the field.
	Field Field
	// Err says what is wrong with it.
	Err error
}

// Error returns the text of Err: where the field is depends on the program.
func (e *FieldError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }

// AddTo adds the parts to a request. It returns the signed cookies in a cookie file that a client
// would not send. All errors are a [*FieldError] in the words of the program.
func (a Additions) AddTo(r *capture.Request, now time.Time, words message.Words) ([]capture.UnsentCookie, error) {
	if err := a.addTime(r, now); err != nil {
		return nil, &FieldError{FieldAt, err}
	}
	if err := a.addAddress(r); err != nil {
		return nil, &FieldError{FieldAddress, err}
	}
	unsent, err := a.addCookies(r)
	if err != nil {
		return nil, &FieldError{FieldCookies, words.Err(err)}
	}
	if a.Jar == nil {
		return unsent, nil
	}
	sent, fromJar, err := capture.CookieJar(a.Jar, r.URL, r.Time)
	if err != nil {
		return nil, &FieldError{FieldJar, words.Err(err)}
	}
	r.Cookies = append(r.Cookies, sent...)
	return append(unsent, fromJar...), nil
}

// addTime sets the time. Without At, the request keeps its own time; if it has none, addTime
// sets now.
func (a Additions) addTime(r *capture.Request, now time.Time) error {
	if a.At != "" {
		t, err := timeflag.Parse(a.At, now)
		if err != nil {
			return err
		}
		r.Time = t
	}
	if r.Time.IsZero() {
		r.Time = now
	}
	return nil
}

func (a Additions) addAddress(r *capture.Request) error {
	if a.Address == "" {
		return nil
	}
	address, err := netip.ParseAddr(a.Address)
	if withPort, portErr := netip.ParseAddrPort(a.Address); portErr == nil {
		return fmt.Errorf("%q has the port of the connection: write %v, without the port", a.Address, withPort.Addr().Unmap())
	}
	if err != nil {
		return fmt.Errorf("%q is not an address: write the viewer's, such as 192.0.2.7", a.Address)
	}
	r.ViewerIP = address.Unmap()
	return nil
}

func (a Additions) addCookies(r *capture.Request) ([]capture.UnsentCookie, error) {
	if a.Cookies == nil {
		return nil, nil
	}
	found, unsent, err := capture.ReadCookies(a.Cookies, r.URL, r.Time)
	if err != nil {
		return nil, err
	}
	r.Cookies = append(r.Cookies, found.Cookies...)
	r.SetCookies, r.SetBy = append(r.SetCookies, found.SetCookies...), found.SetBy
	return unsent, nil
}

// Report returns the report about a request, with the trusted keys or, for the zero Set,
// without a check of the signature.
func Report(r capture.Request, trusted keys.Set) verify.Report {
	verifier := &verify.Verifier{Keys: trusted, AllowSHA1: true, Clock: func() time.Time { return r.Time }}
	return verifier.Explain(verify.Request{URL: r.URL, Cookies: r.Cookies, ViewerIP: r.ViewerIP, Header: r.Header})
}
