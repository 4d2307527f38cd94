// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A title is the name of something in code and in the report.
type title struct{ name, text string }

var (
	signers = []title{
		{"cfsign", "cfsign"}, {"cfsign-libcrypto", "cfsign, libcrypto"}, {"aws-sdk-go", "AWS SDK for Go"}, {"aws-sdk-js", "AWS SDK for JavaScript"}, {"botocore", "botocore"}, {"openssl", "openssl speed"},
	}
	algorithmTitles = []title{{"RSA", "RSA 2048"}, {"P256", "P-256"}}
	works           = []title{
		{"PrivateKey", "the private key alone"},
		{"CannedURL", "a canned URL"},
		{"CustomURL", "a custom URL"},
		{"NextURL", "one more URL under a signed policy"},
		{"AppendURL", "the same, into a buffer"},
		{"Cookies", "cookies"},
		{"CookiesAgain", "cookies again for the same user, from a cache"},
		{"BulkOne", "100 canned URLs, 1 worker"},
		{"BulkTwo", "100 canned URLs, 2 workers"},
		{"Playlist", "an HLS playlist of 5,000 segments, 500 KB"},
		{"PublicKey", "the public key alone"},
		{"Verify", "verifying a canned URL"},
	}
)

// A pair is two times of one round whose ratio says more than the times. The first is divided by
// the second.
type pair struct {
	text                   string
	work, signer           string
	otherWork, otherSigner string
}

var pairs = []pair{
	{"the AWS SDK for Go signs one URL / one more URL into a buffer", "CannedURL", "aws-sdk-go", "AppendURL", "cfsign"},
	{"a canned URL / with libcrypto", "CannedURL", "cfsign", "CannedURL", "cfsign-libcrypto"},
	{"a canned URL with libcrypto / with botocore", "CannedURL", "cfsign-libcrypto", "CannedURL", "botocore"},
	{"verifying a canned URL / the public key alone", "Verify", "cfsign", "PublicKey", "cfsign"},
}

const notes = `
## How to read it

- "The private key alone" is the key's operation: of Go's crypto/rsa and crypto/ecdsa for
  cfsign and the AWS SDK for Go, of OpenSSL for the others. "openssl speed" is the limit
  of the machine as far as we know it. How much faster than Go's OpenSSL's arithmetic is
  depends on the processor: with AVX-512 IFMA, RSA takes a third to a fifth of the time.
- "cfsign, libcrypto" signs with the OpenSSL of the system (keys/libcrypto). Package sign
  verifies each of its signatures with Go's public key operation, which is more than all else
  with P-256. botocore verifies nothing.
- cfsign and the AWS SDK for JavaScript sign SHA-256. The AWS SDK for Go signs SHA-1, its
  default, and botocore SHA-1. Next to the operation of the key, the hash does not count.
- The AWS SDK for Go passes a random source to the key, and cfsign signs deterministically.
  So their P-256 operations differ.
- The AWS SDK for JavaScript parses the PEM key for every signature.
- Only cfsign can apply a signed policy to one more URL. The others sign each URL again.
- What the library itself costs is too little to be seen next to the key. The benchmarks
  URLOverhead and AWSSDKOverhead in package sign measure it with a key that does nothing.
- Each signer's output is verified before the signer is measured. Package peers compares
  the outputs byte by byte.
`

// report returns the report in Markdown.
func (r results) report(o options) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Results\n\nWritten by `go run ./proof/bench -out proof/bench`, from one run on one machine.\n\n%s\n\n%s.\n\n", r.picture(), r.machine())
	fmt.Fprintf(&b, "Medians of %d rounds of about %v each, with the 95 %% confidence interval in parentheses.\n", o.rounds, o.time)
	for _, a := range algorithmTitles {
		r.table(&b, "## "+a.text, "time per operation", signers, func(work string, signer title) string {
			return formatSeconds(r.seconds(cell{work, signer.name, a.name}))
		})
	}
	inProcess := []title{{"cfsign RSA", "cfsign, RSA"}, {"aws-sdk-go RSA", "AWS SDK for Go, RSA"}, {"cfsign P256", "cfsign, P-256"}, {"aws-sdk-go P256", "AWS SDK for Go, P-256"}}
	r.table(&b, "## Memory", "allocations and bytes per operation", inProcess, func(work string, column title) string {
		signer, algorithm, _ := strings.Cut(column.name, " ")
		return formatMemory(r.figures[cell{work, signer, algorithm}])
	})
	b.WriteString("\n## Ratios\n\nHow many times as long as cfsign the others take, from figures of the same round. Below 1 the other one is faster.\n")
	for _, a := range algorithmTitles {
		r.table(&b, "### "+a.text, "", signers[1:], func(work string, signer title) string {
			return formatRatio(r.ratios(cell{work, signer.name, a.name}, cell{work, "cfsign", a.name}))
		})
	}
	r.pairTable(&b)
	b.WriteString(notes)
	return b.String()
}

// pairTable writes the ratios of the pairs.
func (r results) pairTable(b *strings.Builder) {
	b.WriteString("\n### Other ratios\n\n|  |")
	for _, a := range algorithmTitles {
		b.WriteString(" " + a.text + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(algorithmTitles)) + "\n")
	for _, p := range pairs {
		b.WriteString("| " + p.text + " |")
		for _, a := range algorithmTitles {
			ratio := formatRatio(r.ratios(cell{p.work, p.signer, a.name}, cell{p.otherWork, p.otherSigner, a.name}))
			b.WriteString(" " + cmp.Or(ratio, "–") + " |")
		}
		b.WriteString("\n")
	}
}

// machine returns the machine and the versions in one line.
func (r results) machine() string {
	parts := []string{strings.TrimSpace(r.configuration["cpu"]), r.configuration["goos"] + "/" + r.configuration["goarch"]}
	for _, key := range slices.Sorted(maps.Keys(r.configuration)) {
		if name, ok := strings.CutPrefix(key, "version-"); ok {
			parts = append(parts, name+" "+r.configuration[key])
		}
	}
	return strings.Join(parts, "; ")
}

// table writes a table with a row for each kind of work in which a column has something.
func (r results) table(b *strings.Builder, heading, corner string, columns []title, text func(work string, column title) string) {
	fmt.Fprintf(b, "\n%s\n\n| %s |", heading, corner)
	for _, column := range columns {
		b.WriteString(" " + column.text + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(columns)) + "\n")
	for _, work := range works {
		line, any := "| "+work.text+" |", false
		for _, column := range columns {
			found := text(work.name, column)
			any = any || found != ""
			line += " " + cmp.Or(found, "–") + " |"
		}
		if any {
			b.WriteString(line + "\n")
		}
	}
}

// formatSeconds writes the median with three digits and a unit that suits it.
func formatSeconds(figures []float64) string {
	if len(figures) == 0 {
		return ""
	}
	s := summary(figures)
	unit, size := "ns", 1e-9
	for _, larger := range []struct {
		unit string
		size float64
	}{{"µs", 1e-6}, {"ms", 1e-3}, {"s", 1}} {
		if s.Center >= 0.9995*larger.size {
			unit, size = larger.unit, larger.size
		}
	}
	text := digits(s.Center/size) + " " + unit
	if math.IsInf(s.Lo, 0) || math.IsInf(s.Hi, 0) {
		return text
	}
	return text + " (" + digits(s.Lo/size) + "–" + digits(s.Hi/size) + ")"
}

func formatMemory(figures []figure) string {
	if len(figures) == 0 || !figures[0].memory {
		return ""
	}
	var allocs, bytes []float64
	for _, f := range figures {
		allocs, bytes = append(allocs, f.allocs), append(bytes, f.bytes)
	}
	return fmt.Sprintf("%.0f, %.0f B", summary(allocs).Center, summary(bytes).Center)
}

func formatRatio(figures []float64) string {
	if len(figures) == 0 {
		return ""
	}
	return digits(summary(figures).Center) + "×"
}

// digits writes a figure with three digits, or with all digits before the point.
func digits(figure float64) string {
	decimals := 2 - int(math.Floor(math.Log10(figure*1.0005)))
	return strconv.FormatFloat(figure, 'f', min(max(decimals, 0), 3), 64)
}
