// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/verify"
)

var update = flag.Bool("update", false, "write docs/troubleshooting.md anew")

// TestTroubleshooting: the page for people says what reports say, because it is made of
// the same table.
func TestTroubleshooting(t *testing.T) {
	const path = "../docs/troubleshooting.md"
	want := troubleshooting()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the page is not that of the table: go test -run TestTroubleshooting ./verify -update\n%s", diff)
	}
	for _, hint := range verify.Hints() {
		if !strings.Contains(want, asMarkdown(hint)) {
			t.Errorf("the page has no %q", hint)
		}
	}
}

// A section of the page is about one check.
type section struct {
	check verify.CheckName
	codes string
	about string
}

var sections = []section{
	{verify.CheckCredential, "`MissingKey`, `MalformedSignature`, `MalformedPolicy`", "The URL, or else the cookies, have to have a key pair ID, a signature, and a policy or an expiry, each once. A URL with any of the five parameters counts as signed, and the cookies are ignored."},
	{verify.CheckKey, "`InvalidKey`", "The key pair ID has to be that of a public key in a key group that the cache behavior trusts."},
	{verify.CheckSignatureFormat, "`MalformedSignature`", "The signature has to be in CloudFront's base64."},
	{verify.CheckPolicyFormat, "`MalformedPolicy`", "The policy has to be in the same base64. A canned one is not sent; CloudFront makes it of the URL and its expiry."},
	{verify.CheckHash, "`AccessDenied`", "Without a name of the hash CloudFront takes the signature for one over SHA-1."},
	{verify.CheckSignature, "`AccessDenied`", "The signature has to be that of the key over the policy, byte for byte. Why it is not cannot be seen from outside: `cfsign explain --public-key ID=FILE` tries what else may have been signed."},
	{verify.CheckPolicy, "`MalformedPolicy`, `AccessDenied`", "The policy has to be readable in one way only."},
	{verify.CheckExpiry, "`AccessDenied`", "The time has to be before the policy's expiry."},
	{verify.CheckStart, "`AccessDenied`", "The time has to be after the policy's start, if it has one."},
	{verify.CheckViewerIP, "`AccessDenied`", "The viewer's IPv4 address has to be in the policy's range, if it has one."},
	{verify.CheckResource, "`AccessDenied`", "The policy has to cover the URL that is requested."},
}

const preamble = `# 403, and what it means

<!-- Made by go test -run TestTroubleshooting ./verify -update, of the table that reports are made of. -->

CloudFront says little on purpose. Three ways to hear more:

- [` + "`cfsign explain`" + `](../cmd/cfsign) of the URL, the curl command, the cookies or the HAR entry, without any key.
  With ` + "`--response FILE`" + ` it also says whose answer it is: S3 and firewalls refuse with 403 as well.
- ` + "`verify.Explain`" + ` in your own program or test.
- The local edge, in [` + "`edgetest`" + `](../README.md#try-it) or as ` + "`cfsign edge`" + `, whose answers name the reason.

## Whose 403 is it?

| the body | from | what it says of the signature |
|---|---|---|
| ` + "`<Code>MissingKey</Code>`, `InvalidKey`, `MalformedPolicy`, `MalformedSignature`" + ` | CloudFront's check | refused, for the reason below |
| ` + "`<Code>AccessDenied</Code><Message>Access denied</Message>`" + `, and nothing more | CloudFront's check | refused, for the reason below |
| ` + "`<Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>`" + ` … | S3 | accepted, if the request went through CloudFront: look at the bucket |
| HTML, "The request could not be satisfied" | a firewall, a geographic restriction, or CloudFront for another reason | nothing |
| a page of the site | a custom error response, which hides whose refusal it is | nothing |

The checks below are in the order in which they are made here; CloudFront's is not documented. Under
each, the likelier causes come first.
`

func troubleshooting() string {
	var b strings.Builder
	b.WriteString(preamble)
	writeCauses(&b, "A damaged URL", "Any check may fail because of these.", verify.DamagedURL())
	for _, s := range sections {
		writeCauses(&b, "The "+strings.ReplaceAll(string(s.check), "-", " "), s.about+" CloudFront says "+s.codes+".", causes(s.check))
		if s.check == verify.CheckSignature {
			b.WriteString("\nWhat else was signed, where the key is known:\n\n")
			writeList(&b, verify.SignedInstead())
		}
	}
	b.WriteString("\nFor everything that no line above explains better:\n\n")
	writeList(&b, verify.Hints()[:1])
	return b.String()
}

// causes returns those of a check that no check of its own has.
func causes(check verify.CheckName) []string {
	hints := verify.Causes(check)
	if check != verify.CheckCredential {
		return hints
	}
	formats := slices.Concat(verify.Causes(verify.CheckSignatureFormat), verify.Causes(verify.CheckPolicyFormat))
	return slices.DeleteFunc(hints, func(hint string) bool { return slices.Contains(formats, hint) })
}

func writeCauses(b *strings.Builder, title, about string, hints []string) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", title, about)
	writeList(b, hints)
}

func writeList(b *strings.Builder, hints []string) {
	for _, hint := range hints {
		fmt.Fprintf(b, "- %s\n", asMarkdown(hint))
	}
}

// markup is what Markdown would take for its own.
var markup = regexp.MustCompile("[*_<>`\\\\~|]|&(amp;)?")

// asMarkdown returns a text so that a page shows it as it is.
func asMarkdown(text string) string {
	return markup.ReplaceAllStringFunc(text, func(found string) string {
		switch found {
		case "&amp;":
			return "`&amp;`"
		case "&":
			return "&amp;"
		case "<":
			return "&lt;"
		case ">":
			return "&gt;"
		}
		return `\` + found
	})
}
