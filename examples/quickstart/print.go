// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A printer writes for people. It keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func (p *printer) heading(text string) {
	p.printf("\n%s\n%s\n", text, strings.Repeat("-", len(text)))
}

// line prints a value under its name, which may be long.
func (p *printer) line(name, value string) {
	p.printf("%s:\n    %s\n", name, value)
}

func (p *printer) key(signer *sign.Signer, key crypto.Signer) error {
	publicPEM, err := keys.MarshalPublic(key.Public())
	if err != nil {
		return err
	}
	kind := "ECDSA on P-256"
	if _, ok := key.(*rsa.PrivateKey); ok {
		kind = "RSA with 2048 bits"
	}
	p.printf("Key %s: %s. CloudFront gets this public key, in a key group:\n\n%s", signer.KeyPairID(), kind, publicPEM)
	return p.err
}

func (p *printer) policy(document policy.Policy, note string) {
	p.line("policy ("+note+")", document.String())
}

// parameters prints the parameters of a signed URL with long values cut.
func (p *printer) parameters(all []parameter) {
	for _, one := range all {
		p.printf("      %-15s %s\n", one.name, meaning(one))
	}
}

func meaning(p parameter) string {
	const longest = 48
	if p.name == "Expires" {
		if seconds, err := strconv.ParseInt(p.value, 10, 64); err == nil {
			return p.value + ", which is " + time.Unix(seconds, 0).UTC().Format(time.DateTime) + " UTC"
		}
	}
	if p.name == "download" {
		return p.value + ", the application's own"
	}
	if len(p.value) > longest {
		return fmt.Sprintf("%s… (%d characters)", p.value[:longest], len(p.value))
	}
	return p.value
}

// check prints the result of verify.
func (p *printer) check(algorithm string, err error) error {
	if err != nil {
		return fmt.Errorf("a signature that was just made does not verify: %w", err)
	}
	p.line("check", "the signature verifies: "+algorithm+", with the standard library alone")
	return p.err
}
