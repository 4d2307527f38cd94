// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys/encrypted"
)

// awsCLI is the path of Debian's package. The tables below have the output of its version,
// 2.9.19. Another aws can come first in PATH.
const awsCLI = "/usr/bin/aws"

// A signCommand has the flags for "aws cloudfront sign" and "cfsign url". Empty fields
// have defaults.
type signCommand struct {
	url, keyPairID, privateKey, lessThan string
	more                                 []string
}

func (c signCommand) flags() []string {
	return append([]string{
		"--url", cmp.Or(c.url, "https://cdn.example.com/a.jpg"),
		"--key-pair-id", cmp.Or(c.keyPairID, "K2JCJMDEHXQW5F"),
		"--private-key", cmp.Or(c.privateKey, "file://rsa.pem"),
		"--date-less-than", cmp.Or(c.lessThan, "4102444800"), // 2100-01-01
	}, c.more...)
}

// TestAWSCLISame checks that documented uses of the AWS CLI give the same bytes.
func TestAWSCLISame(t *testing.T) {
	t.Parallel()
	rows := []struct {
		why string
		signCommand
	}{
		{"a canned policy", signCommand{}},

		{"a start makes the policy a custom one", signCommand{more: []string{"--date-greater-than", "2099-01-01"}}},
		{"a start in the past", signCommand{more: []string{"--date-greater-than", "2001-01-01"}}},
		{"a start in the first second", signCommand{more: []string{"--date-greater-than", "1"}}},
		{"a start in the last second of access", signCommand{more: []string{"--date-greater-than", "2099-12-31T23:59:59"}}},
		{"an address alone is a range of one", signCommand{more: []string{"--ip-address", "192.0.2.7"}}},
		{"a range of one address", signCommand{more: []string{"--ip-address", "192.0.2.7/32"}}},
		{"a range", signCommand{more: []string{"--ip-address", "192.0.2.0/24"}}},
		{"the range of all addresses", signCommand{more: []string{"--ip-address", "0.0.0.0/0"}}},
		{"all conditions, in the order of the AWS CLI", signCommand{more: []string{"--date-greater-than", "2099-01-01", "--ip-address", "192.0.2.0/24"}}},
		{"all conditions, in another order of flags", signCommand{more: []string{"--ip-address", "192.0.2.7", "--date-greater-than", "2099-01-01"}}},
		{"flags with an equals sign", signCommand{more: []string{"--ip-address=192.0.2.7", "--date-greater-than=2099-01-01"}}},

		{"a date is its midnight in UTC", signCommand{lessThan: "2099-06-30"}},
		{"a leap day", signCommand{lessThan: "2096-02-29"}},
		{"a time without a zone is in UTC", signCommand{lessThan: "2099-06-30T18:30:00"}},
		{"a time in UTC", signCommand{lessThan: "2099-06-30T18:30:00Z"}},
		{"a time east of UTC", signCommand{lessThan: "2099-06-30T18:30:00+01:00"}},
		{"a time west of UTC, by half hours", signCommand{lessThan: "2099-06-30T18:30:00-05:30"}},
		{"a zone that makes it another year", signCommand{lessThan: "2099-12-31T23:30:00-01:00"}},
		{"a zone without a colon", signCommand{lessThan: "2099-06-30T18:30:00+0100"}},
		{"no seconds", signCommand{lessThan: "2099-06-30T18:30"}},
		{"a part of a second is cut off", signCommand{lessThan: "2099-06-30T18:30:00.999Z"}},
		{"a space between date and time, as in date --iso-8601 and databases", signCommand{lessThan: "2099-06-30 18:30:00+01:00"}},
		{"the last second in CloudFront's documentation", signCommand{lessThan: "9223372036"}},
		{"zeros before the seconds", signCommand{lessThan: "0004102444800"}},
		{"every format also for a start", signCommand{more: []string{"--date-greater-than", "2099-06-30T18:30:00-05:30"}}},

		{"a query", signCommand{url: "https://cdn.example.com/a.jpg?size=large"}},
		{"an ampersand, which JSON packages like to escape", signCommand{url: "https://cdn.example.com/a.jpg?size=large&format=webp", more: []string{"--ip-address", "192.0.2.7"}}},
		{"a parameter that is a flag", signCommand{url: "https://cdn.example.com/a.jpg?download"}},
		{"a parameter without a value", signCommand{url: "https://cdn.example.com/a.jpg?size="}},
		{"equals signs in a value", signCommand{url: "https://cdn.example.com/a.jpg?token=YQ=="}},
		{"percent-encoded delimiters in a value", signCommand{url: "https://cdn.example.com/a.jpg?q=a%26b%3Dc%23d"}},
		{"a question mark in the query", signCommand{url: "https://cdn.example.com/a.jpg?q=why?"}},
		{"other characters of a query", signCommand{url: "https://cdn.example.com/a.jpg?a/b:c@d,e;f!g$h(i)~j"}},
		{"plus signs in path and query", signCommand{url: "https://cdn.example.com/a+b.jpg?q=c+d"}},
		{"names that look like CloudFront's parameters", signCommand{url: "https://cdn.example.com/a.jpg?expires=1&policy=2"}},
		{"a repeated parameter", signCommand{url: "https://cdn.example.com/a.jpg?id=1&id=2"}},
		{"http", signCommand{url: "http://cdn.example.com/a.jpg"}},
		{"a port", signCommand{url: "https://cdn.example.com:8443/a.jpg"}},
		{"a local server", signCommand{url: "http://localhost:8080/a.jpg"}},
		{"an IPv4 address as host", signCommand{url: "https://192.0.2.1/a.jpg"}},
		{"a domain of CloudFront", signCommand{url: "https://d111111abcdef8.cloudfront.net/a.jpg"}},
		{"an international domain", signCommand{url: "https://xn--bcher-kva.example/a.jpg"}},
		{"an underscore in the host", signCommand{url: "https://my_cdn.example.com/a.jpg"}},
		{"the root", signCommand{url: "https://cdn.example.com/"}},
		{"a slash at the end", signCommand{url: "https://cdn.example.com/photos/"}},
		{"two slashes within the path", signCommand{url: "https://cdn.example.com/photos//a.jpg"}},
		{"a path of 4,000 bytes", signCommand{url: "https://cdn.example.com/" + strings.Repeat("abcdefg/", 500)}},
		{"a space, percent-encoded", signCommand{url: "https://cdn.example.com/my%20photo.jpg"}},
		{"characters outside ASCII, percent-encoded in either case", signCommand{url: "https://cdn.example.com/%C3%A9t%c3%a9.jpg", more: []string{"--ip-address", "192.0.2.7"}}},
		{"a slash, percent-encoded", signCommand{url: "https://cdn.example.com/a%2Fb.jpg"}},
		{"an asterisk, percent-encoded, is not a wildcard", signCommand{url: "https://cdn.example.com/%2A.jpg"}},
		{"a tilde", signCommand{url: "https://cdn.example.com/~user/a.jpg"}},
		{"delimiters in the path", signCommand{url: "https://cdn.example.com/!$'()"}},
		{"more delimiters in the path", signCommand{url: "https://cdn.example.com/a;b,c=d@e:f&g"}},
		{"dots that are not a segment", signCommand{url: "https://cdn.example.com/.well-known/a..b..."}},

		{"a key in PKCS#1", signCommand{privateKey: "file://pkcs1.pem"}},
		{"a key in PKCS#1, for a custom policy", signCommand{privateKey: "file://pkcs1.pem", more: []string{"--ip-address", "192.0.2.7"}}},
		{"a key with Windows line ends", signCommand{privateKey: "file://crlf.pem"}},
		{"a key in the home folder", signCommand{privateKey: "file://~/rsa.pem"}},
		{"an old ID of a key pair", signCommand{keyPairID: "APKAEIBAERJR2EXAMPLE"}},
	}
	var commands [][]string
	for _, row := range rows {
		commands = append(commands, append([]string{"cloudfront", "sign"}, row.flags()...))
	}
	folder := newFolder(t)
	aws := folder.runAWS(t, commands)
	if diff := gocmp.Diff(folder.run(t, exec.CommandContext(t.Context(), awsCLI, commands[0]...), nil), aws[0]); diff != "" {
		t.Fatalf("-a process of its own +one of many:\n%s", diff)
	}
	for i, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			if aws[i].Status != 0 {
				t.Fatalf("the AWS CLI did not sign: %+v", aws[i])
			}
			got := folder.runCfsign(t, append(row.flags(), "--hash-algorithm", "SHA1"))
			got.Stderr = notes.ReplaceAllString(got.Stderr, "")
			if diff := gocmp.Diff(aws[i], got); diff != "" {
				t.Errorf("-aws +cfsign:\n%s", diff)
			}
		})
	}
}

// TestAWSCLIDifferent pins the differences, so a change on either side fails. Signed URLs
// are in the form of shown. Later versions of the AWS CLI reject more than this one.
func TestAWSCLIDifferent(t *testing.T) {
	t.Parallel()
	rows := []struct {
		why string
		signCommand
		aws, cfsign string
	}{
		// The AWS CLI signs it, but clients cannot use it or CloudFront refuses it.
		{
			"a URL without a path",
			signCommand{url: "https://cdn.example.com"},
			"https://cdn.example.com?Expires=4102444800&...",
			"exit 2: cfsign url: --url: the path is missing: write a / after the host",
		},
		{
			"a URL without a scheme",
			signCommand{url: "a.jpg"},
			"a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: the scheme is not https or http in lower case: begin the URL with https:// or http://",
		},
		{
			"a scheme that CloudFront does not serve",
			signCommand{url: "rtmp://cdn.example.com/a.jpg"},
			"rtmp://cdn.example.com/a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: the scheme is not https or http in lower case: begin the URL with https:// or http://",
		},
		{
			"a scheme in upper case, which clients send in lower case",
			signCommand{url: "HTTPS://cdn.example.com/a.jpg"},
			"HTTPS://cdn.example.com/a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: the scheme is not https or http in lower case: begin the URL with https:// or http://",
		},
		{
			"a host in upper case, which clients send in lower case",
			signCommand{url: "https://CDN.example.com/a.jpg"},
			"https://CDN.example.com/a.jpg?Expires=4102444800&...",
			`exit 2: cfsign url: --url: clients send the host in lower case: write "cdn.example.com"`,
		},
		{
			"a host outside ASCII",
			signCommand{url: "https://bücher.example/a.jpg"},
			"https://bücher.example/a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: clients send the host in ASCII: write the Punycode form, whose labels begin with xn--",
		},
		{
			"an IPv6 address as host",
			signCommand{url: "https://[2001:db8::1]/a.jpg"},
			"https://[2001:db8::1]/a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: CloudFront serves no IPv6 addresses as hosts: write the DNS name",
		},
		{
			"a default port, which clients leave out",
			signCommand{url: "https://cdn.example.com:443/a.jpg"},
			"https://cdn.example.com:443/a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: clients leave out the default port: leave out :443",
		},
		{
			"a user name",
			signCommand{url: "https://user@cdn.example.com/a.jpg"},
			"https://user@cdn.example.com/a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: a user name or password, which clients do not send in the URL: leave out everything up to the @",
		},
		{
			"a fragment: it has all parameters, and clients do not send it",
			signCommand{url: "https://cdn.example.com/a.jpg#top"},
			"https://cdn.example.com/a.jpg#top?Expires=4102444800&...",
			"exit 2: cfsign url: --url: a fragment, which clients do not send to the server: leave out the # and what follows, or write %23 if it is part of a name",
		},
		{
			"a space",
			signCommand{url: "https://cdn.example.com/my photo.jpg"},
			"https://cdn.example.com/my photo.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: a space in the path (byte 4 of it): write %20",
		},
		{
			"a character outside ASCII",
			signCommand{url: "https://cdn.example.com/été.jpg"},
			"https://cdn.example.com/été.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: a character outside ASCII in the path (byte 2 of it): write %C3%A9",
		},
		{
			"a backslash, which clients send as a slash",
			signCommand{url: "https://cdn.example.com/a\\b.jpg"},
			"https://cdn.example.com/a\\b.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: a backslash in the path (byte 3 of it): write %5C",
		},
		{
			"an apostrophe in the query, which browsers encode",
			signCommand{url: "https://cdn.example.com/a.jpg?q='"},
			"https://cdn.example.com/a.jpg?q='&Expires=4102444800&...",
			"exit 2: cfsign url: --url: the character ' in the query (byte 3 of it): write %27",
		},
		{
			"a percent sign alone",
			signCommand{url: "https://cdn.example.com/100%.jpg"},
			"https://cdn.example.com/100%.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: a % without two hexadecimal digits in the path (byte 5 of it): write %25",
		},
		{
			"dot segments, which clients resolve",
			signCommand{url: "https://cdn.example.com/photos/../a.jpg"},
			"https://cdn.example.com/photos/../a.jpg?Expires=4102444800&...",
			`exit 2: cfsign url: --url: clients and servers resolve "." and ".." in the path, even if percent-encoded: write the path that results`,
		},
		{
			"two slashes at the start, which some clients send as one",
			signCommand{url: "https://cdn.example.com//a.jpg"},
			"https://cdn.example.com//a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: the path begins with two slashes, which some clients send as one: leave one out",
		},
		{
			"a question mark without a query",
			signCommand{url: "https://cdn.example.com/a.jpg?"},
			"https://cdn.example.com/a.jpg?&Expires=4102444800&...",
			"exit 2: cfsign url: --url: an empty query or parameter, which clients and servers drop: leave out the ? or & that nothing follows",
		},
		{
			"an ampersand at the end",
			signCommand{url: "https://cdn.example.com/a.jpg?size=large&"},
			"https://cdn.example.com/a.jpg?size=large&&Expires=4102444800&...",
			"exit 2: cfsign url: --url: an empty query or parameter, which clients and servers drop: leave out the ? or & that nothing follows",
		},
		{
			"a reserved parameter: CloudFront can read either of the two",
			signCommand{url: "https://cdn.example.com/a.jpg?Expires=1"},
			"https://cdn.example.com/a.jpg?Expires=1&Expires=4102444800&...",
			`exit 2: cfsign url: --url: CloudFront reads a URL with the parameter "Expires" as a signed one: rename the parameter, or, if the URL is signed already, pass the URL that it was made from`,
		},
		{
			"the parameter for the hash, which does not match the signature",
			signCommand{url: "https://cdn.example.com/a.jpg?Hash-Algorithm=SHA256"},
			"https://cdn.example.com/a.jpg?Hash-Algorithm=SHA256&Expires=4102444800&...",
			`exit 2: cfsign url: --url: CloudFront reads a URL with the parameter "Hash-Algorithm" as a signed one: rename the parameter, or, if the URL is signed already, pass the URL that it was made from`,
		},
		{
			"a URL longer than CloudFront accepts",
			signCommand{url: "https://cdn.example.com/" + strings.Repeat("x", 8200)},
			"https://cdn.example.com/" + strings.Repeat("x", 8200) + "?Expires=4102444800&...",
			"exit 2: cfsign url: --url: 8224 bytes, and CloudFront accepts URLs of at most 8192: write a shorter URL",
		},

		// The AWS CLI signs it, with more or less access than intended.
		{
			"a wildcard in the URL: the URL gives access to everything",
			signCommand{url: "https://cdn.example.com/*"},
			"https://cdn.example.com/*?Expires=4102444800&...",
			"exit 2: cfsign url: --url: an asterisk in a policy covers every URL that has anything in its place: write %2A if it is part of a name, or give it as --policy-resource if it is meant",
		},
		{
			"a wildcard in the query",
			signCommand{url: "https://cdn.example.com/a.jpg?*"},
			"https://cdn.example.com/a.jpg?*&Expires=4102444800&...",
			"exit 2: cfsign url: --url: an asterisk in a policy covers every URL that has anything in its place: write %2A if it is part of a name, or give it as --policy-resource if it is meant",
		},
		{
			"a wildcard in the host",
			signCommand{url: "https://*.example.com/a.jpg"},
			"https://*.example.com/a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --url: an asterisk in the host: write the whole host, or give it as --policy-resource if it is meant",
		},
		{
			"a time in the past",
			signCommand{lessThan: "2001-01-01"},
			"https://cdn.example.com/a.jpg?Expires=978307200&...",
			"exit 2: cfsign url: --date-less-than: 2001-01-01T00:00:00Z is in the past: write a later time, such as +2h",
		},
		{
			"digits of a date, which are seconds in 1970",
			signCommand{lessThan: "20991231"},
			"https://cdn.example.com/a.jpg?Expires=20991231&...",
			"exit 2: cfsign url: --date-less-than: invalid time: 20991231 would be seconds since 1970: write the date as 2099-12-31",
		},
		{
			"a year, which is a second in 1970",
			signCommand{lessThan: "2099"},
			"https://cdn.example.com/a.jpg?Expires=2099&...",
			"exit 2: cfsign url: --date-less-than: 1970-01-01T00:34:59Z is in the past: write a later time, such as +2h",
		},
		{
			"a time after the last second that CloudFront accepts",
			signCommand{lessThan: "9223372037"},
			"https://cdn.example.com/a.jpg?Expires=9223372037&...",
			"exit 2: cfsign url: --date-less-than: invalid time: 9223372037 seconds are beyond 2262-04-11, the last day that CloudFront accepts: write +2h, 2026-01-31, 2026-01-31T18:30:00, 2026-01-31T18:30:00+01:00 or seconds since 1970",
		},
		{
			"a date after it",
			signCommand{lessThan: "2300-01-01"},
			"https://cdn.example.com/a.jpg?Expires=10413792000&...",
			"exit 2: cfsign url: --date-less-than: 10413792000 is after 2262-04-11, the last day in CloudFront's documentation: set an earlier time, in seconds and not milliseconds",
		},
		{
			"a start after the end",
			signCommand{more: []string{"--date-greater-than", "2101-01-01"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"DateGreaterThan":{"AWS:EpochTime":4133980800}}}]}&...`,
			"exit 2: cfsign url: --date-greater-than: in whole seconds, the start 2101-01-01T00:00:00Z is not before the expiry 2100-01-01T00:00:00Z: set an earlier start or a later expiry",
		},
		{
			"a start at the end",
			signCommand{more: []string{"--date-greater-than", "2100-01-01"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"DateGreaterThan":{"AWS:EpochTime":4102444800}}}]}&...`,
			"exit 2: cfsign url: --date-greater-than: in whole seconds, the start 2100-01-01T00:00:00Z is not before the expiry 2100-01-01T00:00:00Z: set an earlier start or a later expiry",
		},
		{
			"digits of a date as a start, which is in the past",
			signCommand{more: []string{"--date-greater-than", "20500101"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"DateGreaterThan":{"AWS:EpochTime":20500101}}}]}&...`,
			"exit 2: cfsign url: --date-greater-than: invalid time: 20500101 would be seconds since 1970: write the date as 2050-01-01",
		},
		{
			"a start at 1970-01-01, as from an unset variable",
			signCommand{more: []string{"--date-greater-than", "0"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"DateGreaterThan":{"AWS:EpochTime":0}}}]}&...`,
			"exit 2: cfsign url: --date-greater-than: 0 is not after 1970: was a time left unset?",
		},
		{
			"an empty range, as from an unset variable: every address has access",
			signCommand{more: []string{"--ip-address", ""}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800}}}]}&...`,
			"exit 2: cfsign url: --ip-address is empty, perhaps from a variable that was not set: give it a value, or leave it out",
		},
		{
			"an IPv6 address, which becomes a range without viewers",
			signCommand{more: []string{"--ip-address", "2001:db8::1"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"IpAddress":{"AWS:SourceIp":"2001:db8::1/32"}}}]}&...`,
			"exit 2: cfsign url: --ip-address: CloudFront compares IPv4 addresses only: leave out the range, or turn off IPv6 for the distribution and write an IPv4 range",
		},
		{
			"an IPv6 range",
			signCommand{more: []string{"--ip-address", "2001:db8::/32"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"IpAddress":{"AWS:SourceIp":"2001:db8::/32"}}}]}&...`,
			"exit 2: cfsign url: --ip-address: CloudFront compares IPv4 addresses only: leave out the range, or turn off IPv6 for the distribution and write an IPv4 range",
		},
		{
			"a range with too many bits",
			signCommand{more: []string{"--ip-address", "192.0.2.0/33"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"IpAddress":{"AWS:SourceIp":"192.0.2.0/33"}}}]}&...`,
			`exit 2: cfsign url: --ip-address: "192.0.2.0/33" is neither an IPv4 address nor a range: write 192.0.2.7 or 192.0.2.0/24`,
		},
		{
			"a range without bits",
			signCommand{more: []string{"--ip-address", "192.0.2.0/"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"IpAddress":{"AWS:SourceIp":"192.0.2.0/"}}}]}&...`,
			`exit 2: cfsign url: --ip-address: "192.0.2.0/" is neither an IPv4 address nor a range: write 192.0.2.7 or 192.0.2.0/24`,
		},
		{
			"a text that is not an address",
			signCommand{more: []string{"--ip-address", "office"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"IpAddress":{"AWS:SourceIp":"office/32"}}}]}&...`,
			`exit 2: cfsign url: --ip-address: "office" is neither an IPv4 address nor a range: write 192.0.2.7 or 192.0.2.0/24`,
		},
		{
			"leading zeros, which some programs read as octal",
			signCommand{more: []string{"--ip-address", "010.0.0.1"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"IpAddress":{"AWS:SourceIp":"010.0.0.1/32"}}}]}&...`,
			`exit 2: cfsign url: --ip-address: "010.0.0.1" is neither an IPv4 address nor a range: write 192.0.2.7 or 192.0.2.0/24`,
		},
		{
			"a key pair ID that contains a parameter",
			signCommand{keyPairID: "K&Expires=1"},
			"https://cdn.example.com/a.jpg?Expires=4102444800&...&Key-Pair-Id=K&Expires=1",
			"exit 2: cfsign url: --key-pair-id: invalid key pair ID: it has a character other than a letter or digit: use the ID of the public key, such as K2JCJMDEHXQW5F, not a name or the ID of the key group",
		},
		{
			"an RSA key of a size that CloudFront does not accept",
			signCommand{privateKey: "file://rsa1024.pem"},
			"https://cdn.example.com/a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: --private-key: unsupported key: RSA with 1024 bits: CloudFront's key groups take RSA with 2048 bits or ECDSA on P-256",
		},
		{
			"host bits in a range: for one address or for all",
			signCommand{more: []string{"--ip-address", "192.0.2.7/24"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"IpAddress":{"AWS:SourceIp":"192.0.2.7/24"}}}]}&...`,
			"exit 2: cfsign url: --ip-address: 192.0.2.7/24 is the range 192.0.2.0/24: write that, or 192.0.2.7/32 for one address",
		},

		// Both sign it, differently.
		{
			"two URLs: the AWS CLI signs the last, cfsign signs both",
			signCommand{more: []string{"--url", "https://cdn.example.com/b.jpg"}},
			"https://cdn.example.com/b.jpg?Expires=4102444800&...",
			"https://cdn.example.com/a.jpg?Expires=4102444800&...\nhttps://cdn.example.com/b.jpg?Expires=4102444800&...\n",
		},

		// The AWS CLI signs it, and cfsign does not need it.
		{
			"times in words",
			signCommand{lessThan: "1 Jan 2100"},
			"https://cdn.example.com/a.jpg?Expires=4102444800&...",
			`exit 2: cfsign url: --date-less-than: invalid time: "1 Jan 2100": write +2h, 2026-01-31, 2026-01-31T18:30:00, 2026-01-31T18:30:00+01:00 or seconds since 1970`,
		},
		{
			"times in the format of HTTP",
			signCommand{lessThan: "Fri, 01 Jan 2100 00:00:00 GMT"},
			"https://cdn.example.com/a.jpg?Expires=4102444800&...",
			`exit 2: cfsign url: --date-less-than: invalid time: "Fri, 01 Jan 2100 00:00:00 GMT": write +2h, 2026-01-31, 2026-01-31T18:30:00, 2026-01-31T18:30:00+01:00 or seconds since 1970`,
		},
		{
			"a zone without minutes",
			signCommand{lessThan: "2099-06-30T18:30:00+01"},
			"https://cdn.example.com/a.jpg?Expires=4086523800&...",
			`exit 2: cfsign url: --date-less-than: invalid time: "2099-06-30T18:30:00+01": write +2h, 2026-01-31, 2026-01-31T18:30:00, 2026-01-31T18:30:00+01:00 or seconds since 1970`,
		},
		{
			"parts of seconds since 1970",
			signCommand{lessThan: "4102444800.5"},
			"https://cdn.example.com/a.jpg?Expires=4102444800&...",
			`exit 2: cfsign url: --date-less-than: invalid time: "4102444800.5": write +2h, 2026-01-31, 2026-01-31T18:30:00, 2026-01-31T18:30:00+01:00 or seconds since 1970`,
		},
		{
			"a time from a file",
			signCommand{lessThan: "file://when.txt"},
			"https://cdn.example.com/a.jpg?Expires=4102444800&...",
			`exit 2: cfsign url: --date-less-than: invalid time: "file://when.txt": write +2h, 2026-01-31, 2026-01-31T18:30:00, 2026-01-31T18:30:00+01:00 or seconds since 1970`,
		},
		{
			"the start of a flag's name",
			signCommand{more: []string{"--ip", "192.0.2.7"}},
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"IpAddress":{"AWS:SourceIp":"192.0.2.7/32"}}}]}&...`,
			"exit 2: cfsign url: there is no flag --ip: did you mean --ip-address?",
		},
		{
			"flags of all AWS commands: cfsign has no region or profile",
			signCommand{more: []string{"--region", "us-east-1"}},
			"https://cdn.example.com/a.jpg?Expires=4102444800&...",
			"exit 2: cfsign url: there is no flag --region: see cfsign url --help",
		},

		// Only cfsign signs it.
		{
			"another policy for the URL",
			signCommand{more: []string{"--policy-resource", "https://cdn.example.com/*"}},
			"exit 252: Unknown options: --policy-resource,https://cdn.example.com/*",
			`https://cdn.example.com/a.jpg?Policy={"Statement":[{"Resource":"https://cdn.example.com/*","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800}}}]}&...`,
		},
		{
			"an ECDSA key",
			signCommand{privateKey: "file://p256.pem"},
			"exit 255: _EllipticCurvePrivateKey.sign() takes 3 positional arguments but 4 were given",
			"https://cdn.example.com/a.jpg?Expires=4102444800&...",
		},
		{
			"an encrypted key",
			signCommand{privateKey: "file://encrypted.pem", more: []string{"--passphrase", "file://passphrase.txt"}},
			"exit 252: Unknown options: --passphrase,file://passphrase.txt",
			"https://cdn.example.com/a.jpg?Expires=4102444800&...",
		},

		// Neither signs it.
		{
			"milliseconds",
			signCommand{lessThan: "4102444800000"},
			"exit 255: signed integer is greater than maximum",
			"exit 2: cfsign url: --date-less-than: invalid time: 4102444800000 is in milliseconds: leave out the last three digits, 4102444800",
		},
		{
			"a day that does not exist",
			signCommand{lessThan: "2099-02-29"},
			`exit 255: Invalid timestamp "2099-02-29": day is out of range for month: 2099-02-29`,
			`exit 2: cfsign url: --date-less-than: invalid time: "2099-02-29": write +2h, 2026-01-31, 2026-01-31T18:30:00, 2026-01-31T18:30:00+01:00 or seconds since 1970`,
		},
		{
			"an empty start",
			signCommand{more: []string{"--date-greater-than", ""}},
			`exit 255: Invalid timestamp "": String does not contain a date:`,
			"exit 2: cfsign url: --date-greater-than is empty, perhaps from a variable that was not set: give it a value, or leave it out",
		},
		{
			"a file that does not exist",
			signCommand{privateKey: "file://missing.pem"},
			"exit 252: Error parsing parameter '--private-key': Unable to load paramfile file://missing.pem: [Errno 2] No such file or directory: 'missing.pem'",
			`exit 2: cfsign url: --private-key: there is no file "missing.pem": check the path, which is relative to the current folder`,
		},
	}
	commands := [][]string{{"--version"}}
	for _, row := range rows {
		commands = append(commands, append([]string{"cloudfront", "sign"}, row.flags()...))
	}
	folder := newFolder(t)
	openssl := needs.Command(t, "openssl", "openssl") // Go rejects such keys in FIPS mode
	if made := folder.run(t, exec.CommandContext(t.Context(), openssl, "genrsa", "-out", "rsa1024.pem", "1024"), nil); made.Status != 0 {
		t.Fatalf("openssl: %+v", made)
	}
	aws := folder.runAWS(t, commands)
	version, _, _ := strings.Cut(aws[0].Stdout, " ")
	for i, row := range rows {
		t.Run(row.why, func(t *testing.T) {
			if diff := gocmp.Diff(row.aws, aws[i+1].shown()); diff != "" {
				t.Errorf("%s differs from 2.9.19, -want +got:\n%s", version, diff)
			}
			got := folder.runCfsign(t, append(row.flags(), "--hash-algorithm", "SHA1"))
			if diff := gocmp.Diff(row.cfsign, got.shown()); diff != "" {
				t.Errorf("cfsign, -want +got:\n%s", diff)
			}
		})
	}
}

// A folder is the working and home folder of both commands. It has the keys.
type folder string

func newFolder(t *testing.T) folder {
	t.Helper()
	locked, err := encrypted.MarshalPrivate(testkeys.RSA(), []byte("correct horse battery staple"))
	if err != nil {
		t.Fatal(err)
	}
	f := folder(t.TempDir())
	for name, data := range map[string][]byte{
		"rsa.pem":       testkeys.RSAPEM(),
		"crlf.pem":      bytes.ReplaceAll(testkeys.RSAPEM(), []byte("\n"), []byte("\r\n")),
		"pkcs1.pem":     pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(testkeys.RSA())}),
		"p256.pem":      testkeys.P256PEM(),
		"encrypted.pem": locked, "passphrase.txt": []byte("correct horse battery staple\n"),
		"when.txt": []byte("4102444800"),
	} {
		if err := os.WriteFile(filepath.Join(string(f), name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// An outcome is the result of a command line.
type outcome struct {
	Status         int
	Stdout, Stderr string
}

// runAWS runs the AWS CLI with each list of arguments.
func (f folder) runAWS(t *testing.T, commands [][]string) []outcome {
	t.Helper()
	aws := needs.Command(t, awsCLI, "awscli")
	script, err := filepath.Abs("testdata/runaws.py")
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(commands)
	if err != nil {
		t.Fatal(err)
	}
	result := f.run(t, exec.CommandContext(t.Context(), "/usr/bin/python3", "-I", script, aws), input)
	var outcomes []outcome
	if err := json.Unmarshal([]byte(result.Stdout), &outcomes); err != nil {
		t.Fatalf("%v: %+v", err, result)
	}
	return outcomes
}

// runCfsign runs cfsign url, which TestMain puts into PATH.
func (f folder) runCfsign(t *testing.T, flags []string) outcome {
	t.Helper()
	return f.run(t, exec.CommandContext(t.Context(), "cfsign", append([]string{"url"}, flags...)...), nil)
}

// run clears the environment, so the user's settings do not matter, the AWS CLI makes no
// requests, and SHA-1 works even with GODEBUG=fips140=only.
func (f folder) run(t *testing.T, command *exec.Cmd, input []byte) outcome {
	t.Helper()
	var stdout, stderr strings.Builder
	command.Dir, command.Stdin, command.Stdout, command.Stderr = string(f), bytes.NewReader(input), &stdout, &stderr
	command.Env = []string{
		"HOME=" + string(f), "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
		"GORACE=" + os.Getenv("GORACE"),
	}
	err := command.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// notes matches the notes of cfsign, which the AWS CLI does not have.
var notes = regexp.MustCompile(`(?m)^note: .*\n`)

var (
	policyParameter = regexp.MustCompile(`Policy=(ey[^&]+)`)
	lastParameters  = regexp.MustCompile(`Signature=[^&]{80,}(&Key-Pair-Id=K2JCJMDEHXQW5F)?`)
)

// shown returns an outcome for people, with the policy decoded and without the parts that
// most signed URLs share.
func (o outcome) shown() string {
	if o.Status != 0 {
		return fmt.Sprintf("exit %d: %s%s", o.Status, o.Stdout, strings.TrimSpace(o.Stderr))
	}
	readable := policyParameter.ReplaceAllStringFunc(o.Stdout, func(parameter string) string {
		text, err := wire.Decode(strings.TrimPrefix(parameter, "Policy="))
		if err != nil {
			return parameter
		}
		return "Policy=" + string(text)
	})
	return lastParameters.ReplaceAllString(readable, "...") + o.Stderr
}
