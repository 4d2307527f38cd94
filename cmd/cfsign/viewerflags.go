// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
)

const (
	flagAt        = "at"
	flagCookie    = "cookie"
	flagCookieJar = "cookie-jar"
)

// viewerFlags are the flags of the commands that check a request: the viewer, the trusted
// keys and the format of the output.
type viewerFlags struct {
	publicKeys          []string
	ip, at, cookie, jar string
	json                bool
}

func (v *viewerFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&v.publicKeys, flagPublicKey, nil, publicKeyUsage)
	stringOnce(flags, &v.ip, flagIPAddress, "", "`ADDRESS` of the viewer, for policies with a range")
	stringOnce(flags, &v.at, flagAt, "", "decide as of this `TIME`: +2h, a date, a date and time, or seconds since 1970 (default now)")
	stringOnce(flags, &v.cookie, flagCookie, "", "`COOKIES` of the viewer as 'a=b; c=d', a file, or - for standard input, in any form that cfsign cookies prints")
	stringOnce(flags, &v.jar, flagCookieJar, "", "add the cookies that a client would send from `FILE`, a cookie file of curl or in Netscape's format")
	flags.BoolVar(&v.json, "json", false, "print JSON")
}

// complete adds the time, address and cookies of the flags to a request. It returns the
// signed cookies in the cookie file that a client would not send.
func (v *viewerFlags) complete(cmd *cobra.Command, r *capture.Request) ([]capture.UnsentCookie, error) {
	additions, err := v.additions(cmd)
	if err != nil {
		return nil, err
	}
	unsent, err := additions.AddTo(r, time.Now(), commandWords)
	return unsent, inField(err)
}

// additions returns what the flags add to a request.
func (v *viewerFlags) additions(cmd *cobra.Command) (a explain.Additions, err error) {
	a.At, a.Address = v.at, v.ip
	if v.cookie != "" {
		if a.Cookies, err = v.cookieText(cmd.InOrStdin()); err != nil {
			return a, inFlag(flagCookie, err)
		}
	}
	if v.jar != "" {
		if a.Jar, err = input.ReadFile(v.jar, capture.MaxText); err != nil {
			return a, inFlag(flagCookieJar, err)
		}
	}
	return a, nil
}

// flagsOf are the flags for the fields of a question.
var flagsOf = map[explain.Field]string{
	explain.FieldAt: flagAt, explain.FieldAddress: flagIPAddress, explain.FieldCookies: flagCookie,
	explain.FieldJar: flagCookieJar, explain.FieldResponse: flagResponse,
}

// inField adds the flag to an error in a field of a question. It returns all other errors, and
// nil, as they are.
func inField(err error) error {
	var field *explain.FieldError
	if errors.As(err, &field) {
		return inFlag(flagsOf[field.Field], field.Err)
	}
	return err
}

// cookieText returns the text of the flag. As in curl, a value without an equals sign is the
// name of a file.
func (v *viewerFlags) cookieText(stdin io.Reader) ([]byte, error) {
	switch {
	case v.cookie == input.Stdin:
		return input.ReadSecret(input.Stdin, stdin)
	case strings.HasPrefix(v.cookie, "file://"), strings.HasPrefix(v.cookie, "fileb://"), !strings.ContainsAny(v.cookie, "=:{"):
		return input.ReadFile(v.cookie, capture.MaxText)
	}
	return []byte(v.cookie), nil
}
