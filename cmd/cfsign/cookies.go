// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

const (
	flagFormat   = "format"
	flagDomain   = "domain"
	flagPath     = "path"
	flagInsecure = "insecure"
)

// cookiesCommand is cfsign cookies.
type cookiesCommand struct {
	signFlags
	url        string
	format     string
	attributes sign.CookieAttributes
}

func newCookies() *cobra.Command {
	var c cookiesCommand
	cmd := &cobra.Command{
		Use:   "cookies {--url URL | --policy-resource PATTERN} --key-pair-id ID --private-key KEY --date-less-than TIME",
		Short: "Print signed cookies",
		Long: `Cookies prints the signed cookies for one URL or for all that a pattern covers.
CloudFront needs all of them, three or four.

The formats are:
  header    the Set-Cookie header fields of a response
  json      an object of names and values, as "aws cloudfront sign-cookies" prints
  curl      lines for curl --config, so that they stand in no argument
  netscape  a cookie file for curl --cookie, wget and others
  env       assignments for a shell, such as CLOUDFRONT_POLICY='...'

Without --domain only the host that sets the cookies gets them. Browsers have no
wildcards in --path: write /images/ and not /images/*. The times are those of cfsign
url. Cookies are bearer credentials: whoever has them has access.`,
		Example: `  cfsign cookies --policy-resource 'https://cdn.example.com/videos/7/*' --domain example.com \
      --key-pair-id K2JCJMDEHXQW5F --private-key file://private_key.pem --date-less-than +2h
  cfsign cookies --policy-resource 'https://cdn.example.com/videos/7/*' --format curl \
      --key-pair-id K2JCJMDEHXQW5F --private-key file://private_key.pem --date-less-than +2h |
      curl --config - https://cdn.example.com/videos/7/master.m3u8`,
		Args: noArguments("give the URL as --" + flagURL + ", or a pattern as --" + flagPolicyResource),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd) },
	}
	flags := cmd.Flags()
	stringOnce(flags, &c.url, flagURL, "", "sign for this `URL` alone, with a canned policy if there is neither start nor range")
	c.register(flags)
	stringOnce(flags, &c.format, flagFormat, "header", "`FORMAT`: "+strings.Join(cookieFormats(), ", "))
	stringOnce(flags, &c.attributes.Domain, flagDomain, "", "`DOMAIN` whose hosts get the cookies, such as example.com")
	stringOnce(flags, &c.attributes.Path, flagPath, "/", "`PATH` below which the cookies are sent")
	flags.BoolVar(&c.attributes.Insecure, flagInsecure, false, "leave out Secure, for http:// on this machine")
	flags.BoolVar(&c.attributes.AllowWider, flagAllowWider, false, "also for a pattern that CloudFront may read more widely in cookies, such as one with * before its end")
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "resource" { // as aws cloudfront sign-cookies calls it
			name = flagPolicyResource
		}
		return pflag.NormalizedName(name)
	})
	complete(cmd, flagFormat, cookieFormats()...)
	return cmd
}

func (c *cookiesCommand) run(cmd *cobra.Command) error {
	if err := c.check(); err != nil {
		return err
	}
	now := time.Now()
	p, err := c.policy(now)
	if err != nil {
		return err
	}
	signer, err := c.signer(cmd)
	if err != nil {
		return err
	}
	signed, err := signer.Sign(cmd.Context(), p)
	if err != nil {
		return inFlag(flagDateLessThan, err)
	}
	cookies, err := signed.CookieSet().Cookies(c.attributes)
	if err != nil {
		return cookieError(err)
	}
	text, err := cookieWriters[c.format](cookies, p)
	if err != nil {
		return err
	}
	_, err = cmd.OutOrStdout().Write([]byte(text))
	return err
}

func (c *cookiesCommand) check() error {
	switch {
	case c.url == "" && c.resource == "":
		return missingFlag(flagPolicyResource, "'https://cdn.example.com/folder/*', or --"+flagURL+" for one file")
	case c.url != "" && c.resource != "":
		return fmt.Errorf("--%s and --%s are both given: leave out one of them", flagURL, flagPolicyResource)
	case cookieWriters[c.format] == nil:
		return fmt.Errorf("--%s: there is no format %q: write one of %s", flagFormat, c.format, strings.Join(cookieFormats(), ", "))
	}
	return c.signFlags.check()
}

func (c *cookiesCommand) policy(now time.Time) (policy.Policy, error) {
	conditions, err := c.conditions(now)
	if err != nil {
		return policy.Policy{}, err
	}
	if c.resource != "" {
		return c.sharedPolicy(conditions)
	}
	p, err := ownPolicy(c.url, conditions)
	if err != nil {
		return p, inFlag(flagURL, err)
	}
	return p, nil
}
