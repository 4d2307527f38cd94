// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/timeflag"
)

const (
	flagAt        = "at"
	flagCookie    = "cookie"
	flagCookieJar = "cookie-jar"
)

// viewerFlags are what the flags say about who requests, and when.
type viewerFlags struct {
	ip, at, cookie, jar string
}

func (v *viewerFlags) register(flags *pflag.FlagSet) {
	stringOnce(flags, &v.ip, flagIPAddress, "", "`ADDRESS` of the viewer, for policies with a range")
	stringOnce(flags, &v.at, flagAt, "", "decide as at this `TIME`: +2h, a date, a date and time, or seconds since 1970 (default now)")
	stringOnce(flags, &v.cookie, flagCookie, "", "the viewer's `COOKIES` as 'a=b; c=d', or - for standard input")
	stringOnce(flags, &v.jar, flagCookieJar, "", "take those cookies from `FILE`, of curl or in Netscape's format, that a client would send")
}

// complete adds what the flags say to a request, and returns the signed cookies in the
// cookie file that a client would not send.
func (v *viewerFlags) complete(cmd *cobra.Command, r *capture.Request, now time.Time) ([]capture.UnsentCookie, error) {
	if err := v.setTime(r, now); err != nil {
		return nil, err
	}
	if v.ip != "" {
		address, err := netip.ParseAddr(v.ip)
		if err != nil {
			return nil, fmt.Errorf("--%s: %q is no address: write the viewer's, such as 192.0.2.7", flagIPAddress, v.ip)
		}
		r.ViewerIP = address
	}
	if err := v.addCookies(cmd, r); err != nil {
		return nil, err
	}
	if v.jar == "" {
		return nil, nil
	}
	return v.addJar(r)
}

// setTime: that of the flag goes before that of the evidence, and now is the last.
func (v *viewerFlags) setTime(r *capture.Request, now time.Time) error {
	if v.at != "" {
		t, err := timeflag.Parse(v.at, now)
		if err != nil {
			return inFlag(flagAt, err)
		}
		r.Time = t
	}
	if r.Time.IsZero() {
		r.Time = now
	}
	return nil
}

func (v *viewerFlags) addCookies(cmd *cobra.Command, r *capture.Request) error {
	header := v.cookie
	if header == input.Stdin {
		data, err := input.ReadSecret(input.Stdin, cmd.InOrStdin())
		if err != nil {
			return inFlag(flagCookie, err)
		}
		header = string(data)
	}
	r.Cookies = append(r.Cookies, capture.CookieHeader(header)...)
	return nil
}

func (v *viewerFlags) addJar(r *capture.Request) ([]capture.UnsentCookie, error) {
	data, err := input.ReadFile(v.jar, 16<<20)
	if err != nil {
		return nil, inFlag(flagCookieJar, err)
	}
	sent, unsent, err := capture.CookieJar(data, r.URL, r.Time)
	if err != nil {
		return nil, inFlag(flagCookieJar, err)
	}
	r.Cookies = append(r.Cookies, sent...)
	return unsent, nil
}
