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

var update = flag.Bool("update", false, "write docs/troubleshooting.md again")

// TestTroubleshooting: the page is made of the tables that hints come from, so it says
// what reports say.
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
		t.Errorf("the page differs from the tables: run go test -run TestTroubleshooting ./verify -update\n%s", diff)
	}
}

// A section of the page is about one check.
type section struct {
	check verify.CheckName
	title string
	codes string
	about string
}

var sections = []section{
	{
		verify.CheckCredential, "The credential", "`MissingKey`, `MalformedSignature` or `MalformedPolicy`",
		"The URL, or else the cookies, must have a key pair ID, a signature, and either a policy or an expiry, each once.\n" +
			"A URL with any of the five signing parameters counts as signed, and CloudFront ignores the cookies.",
	},
	{verify.CheckKey, "The key", "`InvalidKey`", "The key pair ID must be the ID of a public key in a key group that the cache behavior trusts."},
	{verify.CheckSignatureFormat, "The format of the signature", "`MalformedSignature`", "The signature must be in CloudFront's base64."},
	{
		verify.CheckPolicyFormat, "The format of the policy", "`MalformedPolicy`",
		"The policy must be in CloudFront's base64. A canned policy is not sent: CloudFront makes it from the URL and its expiry.",
	},
	{verify.CheckHash, "The hash", "`AccessDenied`", "If the request does not name a hash, CloudFront expects a signature over SHA-1."},
	{
		verify.CheckSignature, "The signature", "`AccessDenied`",
		"The private key must have signed exactly the policy that was sent, byte for byte. The request alone does not show why a signature\n" +
			"does not match. `cfsign explain --public-key ID=FILE` tries what else may have been signed.",
	},
	{verify.CheckPolicy, "The policy", "`MalformedPolicy` or `AccessDenied`", "The policy must be readable in one way only."},
	{verify.CheckExpiry, "The expiry", "`AccessDenied`", "The time must be before the policy's expiry."},
	{verify.CheckStart, "The start", "`AccessDenied`", "The time must be after the policy's start, if it has one."},
	{verify.CheckViewerIP, "The viewer's IP address", "`AccessDenied`", "The viewer's IPv4 address must be in the policy's range, if it has one."},
	{verify.CheckResource, "The resource", "`AccessDenied`", "The policy must cover the requested URL."},
}

const preamble = `# 403, and what it means

<!-- Written by go test -run TestTroubleshooting ./verify -update, from the tables that reports use. -->

CloudFront's answers say little on purpose. You can find out more in three ways:

- Run [` + "`cfsign explain`" + `](../cmd/cfsign) with the URL, the curl command, the cookies or the HAR entry. It needs no key.
  With ` + "`--response FILE`" + ` it also says where the answer comes from: S3 and firewalls answer with 403 as well.
- Call ` + "`Verifier.Explain`" + ` of package verify in your program or test.
- Use the local edge, as [` + "`edgetest`" + `](../README.md#try-it) in tests or as ` + "`cfsign edge`" + ` on your machine. Its answers name the reason.

## Where does the 403 come from?

| The body | It comes from | The signature |
|---|---|---|
| ` + "`<Code>MissingKey</Code>`, `InvalidKey`, `MalformedPolicy`, `MalformedSignature`" + ` | CloudFront's check of the signature | was refused: see below |
| ` + "`<Code>AccessDenied</Code><Message>Access denied</Message>`" + `, and nothing more | CloudFront's check of the signature | was refused: see below |
| ` + "`<Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>`" + ` … | S3 | was accepted, if the request went through CloudFront: check the bucket |
| HTML, "The request could not be satisfied" | a firewall, a geographic restriction, or CloudFront for another reason | is unknown |
| a page of your site | a custom error response, which hides where the 403 comes from | is unknown |

The checks below are in the order in which this library makes them. CloudFront does not document its own order.
Read each table from the top: the first line that fits is the likely cause. "This verifier" is package
verify of this library, which is stricter than CloudFront in a few cases.
`

func troubleshooting() string {
	var b strings.Builder
	b.WriteString(preamble)
	for _, damage := range []struct {
		title, about string
		causes       []verify.Cause
	}{
		{"A URL for another service", "CloudFront checks its own signatures only.", verify.OtherCredentials()},
		{"A value that was not put in", "The table names the signature. The same mistakes are made with every other value.", verify.WithoutValue()},
		{"A damaged URL", "A damaged URL can fail almost any check.", verify.DamagedURL()},
		{"A URL in a URL", "The address of a viewer's page or of an image proxy can contain a signed URL.", verify.URLInURL()},
		{"Damaged cookies", "If something changes all cookies, almost any check can fail.", verify.DamagedCookies()},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", damage.title, damage.about)
		writeTable(&b, damage.causes)
	}
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n%s CloudFront answers %s.\n", s.title, s.about, s.codes)
		writeTable(&b, causes(s.check))
		if s.check == verify.CheckSignature {
			b.WriteString("\nWith the public key, `cfsign explain` and `Verifier.Explain` also find these mistakes of signers:\n")
			writeTable(&b, verify.SignersMistakes())
			b.WriteString("\nAnd these changes that clients, templates, servers and mailers make to a URL after it was signed:\n")
			writeTable(&b, verify.Rewrites())
		}
	}
	b.WriteString("\n## Everything else\n")
	writeTable(&b, verify.Undocumented())
	return b.String()
}

// causes returns the causes of a check, without causes that another check has as well.
func causes(check verify.CheckName) []verify.Cause {
	all := verify.Causes(check)
	if check != verify.CheckCredential {
		return all
	}
	formats := slices.Concat(verify.Causes(verify.CheckSignatureFormat), verify.Causes(verify.CheckPolicyFormat))
	return slices.DeleteFunc(all, func(c verify.Cause) bool { return slices.Contains(formats, c) })
}

func writeTable(b *strings.Builder, causes []verify.Cause) {
	b.WriteString("\n| Likely cause | What to do |\n|---|---|\n")
	for _, c := range causes {
		fmt.Fprintf(b, "| %s | %s |\n", asMarkdown(c.Problem), asMarkdown(strings.ToUpper(c.Fix[:1])+c.Fix[1:]))
	}
}

// markup is what has a meaning in Markdown, and the escapes of HTML, such as &amp; or &#38;.
var markup = regexp.MustCompile("[*_<>`\\\\~|]|&(#?[0-9A-Za-z]+;)*")

// asMarkdown escapes a text so that the page shows it as it is.
func asMarkdown(text string) string {
	return markup.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasSuffix(found, ";") {
			return "`" + found + "`"
		}
		switch found {
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
