// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/addressrange"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/timeflag"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// The flags of the commands that sign. They have the names of the AWS CLI's flags, as
// far as it has such flags.
const (
	flagURL             = "url"
	flagKeyPairID       = "key-pair-id"
	flagPrivateKey      = "private-key"
	flagPassphrase      = "passphrase"
	flagDateLessThan    = "date-less-than"
	flagDateGreaterThan = "date-greater-than"
	flagIPAddress       = "ip-address"
	flagPolicyResource  = "policy-resource"
	flagAllowWider      = "allow-wider"
	flagAnyHost         = "any-host"
	flagHashAlgorithm   = "hash-algorithm"
	flagOutput          = "output"
)

// signFlags are the flags for the signer and the policy.
type signFlags struct {
	keyPairID, privateKey, passphrase, hash string
	lessThan, greaterThan, ip               string
	resource                                string
	anyHost                                 bool
}

func (s *signFlags) register(flags *pflag.FlagSet) {
	stringOnce(flags, &s.keyPairID, flagKeyPairID, "", "`ID` of the public key in CloudFront (required)")
	stringOnce(flags, &s.privateKey, flagPrivateKey, "", "private `KEY`: file://FILE, env:NAME, or - for standard input (required)")
	stringOnce(flags, &s.passphrase, flagPassphrase, "", "`PASSPHRASE` of an encrypted key: file://FILE, env:NAME or - (default: ask on a terminal)")
	stringOnce(flags, &s.lessThan, flagDateLessThan, "", "end access at this `TIME`: +2h, a date, a date and time, or seconds since 1970 (required)")
	stringOnce(flags, &s.greaterThan, flagDateGreaterThan, "", "begin access at this `TIME`")
	stringOnce(flags, &s.ip, flagIPAddress, "", "allow only this IPv4 address or range (`CIDR`)")
	stringOnce(flags, &s.resource, flagPolicyResource, "", "sign one policy for all URLs that `PATTERN` covers; * stands for any characters")
	flags.BoolVar(&s.anyHost, flagAnyHost, false, "allow wildcards anywhere in the host of --"+flagPolicyResource+", such as https://*")
	stringOnce(flags, &s.hash, flagHashAlgorithm, "SHA256", "`HASH`: SHA256, or SHA1, which AWS's tools use")
}

// check returns an error for missing flags, before the command reads anything.
func (s *signFlags) check() error {
	for _, flag := range []struct{ value, name, example string }{
		{s.keyPairID, flagKeyPairID, "K2JCJMDEHXQW5F, the ID of the public key in CloudFront"},
		{s.privateKey, flagPrivateKey, "file://private_key.pem"},
		{s.lessThan, flagDateLessThan, "+2h"},
	} {
		if flag.value == "" {
			return missingFlag(flag.name, flag.example)
		}
	}
	switch {
	case s.privateKey == input.Stdin && s.passphrase == input.Stdin:
		return fmt.Errorf("--%s: standard input has the key: give the passphrase as file://FILE or env:NAME", flagPassphrase)
	case s.anyHost && s.resource == "":
		return fmt.Errorf("--%s is for --%s: add the pattern, or leave it out", flagAnyHost, flagPolicyResource)
	}
	return nil
}

// signer returns a signer with the key of the flags.
func (s *signFlags) signer(cmd *cobra.Command) (*sign.Signer, error) {
	hash, err := s.hashAlgorithm()
	if err != nil {
		return nil, err
	}
	key, err := readPrivateKey(cmd, s.privateKey, s.passphrase)
	if err != nil {
		return nil, err
	}
	signer, err := sign.New(s.keyPairID, key, sign.Options{Hash: hash})
	if err != nil {
		return nil, inFlag(flagKeyPairID, err) // the key was checked when it was read
	}
	return signer, nil
}

func (s *signFlags) hashAlgorithm() (crypto.Hash, error) {
	switch strings.ToUpper(s.hash) {
	case "SHA256":
		return crypto.SHA256, nil
	case "SHA1":
		return crypto.SHA1, nil
	}
	return 0, fmt.Errorf("--%s: CloudFront supports SHA256 and SHA1: write one of them", flagHashAlgorithm)
}

// conditions returns the conditions of the flags.
func (s *signFlags) conditions(now time.Time) (policy.Conditions, error) {
	var c policy.Conditions
	var err error
	if c.Expires, err = timeflag.Parse(s.lessThan, now); err != nil {
		return c, inFlag(flagDateLessThan, err)
	}
	if !c.Expires.After(now) {
		return c, fmt.Errorf("--%s: %s is in the past: write a later time, such as +2h", flagDateLessThan, c.Expires.Format(time.RFC3339))
	}
	if s.greaterThan != "" {
		if c.NotBefore, err = timeflag.Parse(s.greaterThan, now); err != nil {
			return c, inFlag(flagDateGreaterThan, err)
		}
		if c.NotBefore.Unix() <= 0 {
			return c, fmt.Errorf("--%s: %s is not after 1970: was a time left unset?", flagDateGreaterThan, s.greaterThan)
		}
	}
	if s.ip != "" {
		prefix, err := addressrange.Parse(s.ip)
		if err != nil {
			return c, inFlag(flagIPAddress, err)
		}
		c.SourceIP = &prefix
	}
	return c, nil
}

// parsePattern parses a pattern for many URLs. With anyHost, its host can have wildcards
// anywhere.
func parsePattern(pattern string, anyHost bool) (policy.Resource, error) {
	if anyHost {
		return policy.PatternAnyHostFromConfig(pattern)
	}
	return policy.PatternFromConfig(pattern)
}

// sharedPolicy returns the policy for --policy-resource.
func (s *signFlags) sharedPolicy(c policy.Conditions) (policy.Policy, error) {
	resource, err := parsePattern(s.resource, s.anyHost)
	if err != nil {
		return policy.Policy{}, inFlag(flagPolicyResource, err)
	}
	p, err := policy.Custom(resource, c)
	if err != nil {
		return p, inFlag(flagPolicyResource, err)
	}
	return p, nil
}

// ownPolicy returns the policy for one URL. It is a canned policy, unless a condition
// requires a custom one. AWS's tools choose the same way.
func ownPolicy(rawURL string, c policy.Conditions) (policy.Policy, error) {
	if c.NotBefore.IsZero() && c.SourceIP == nil {
		return policy.Canned(rawURL, c.Expires)
	}
	resource, err := policy.URL(rawURL)
	if err != nil {
		return policy.Policy{}, err
	}
	return policy.Custom(resource, c)
}
