// SPDX-License-Identifier: Apache-2.0

package refusals_test

import (
	"bytes"
	"crypto"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/logmixture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// runStdin reads a log from a pipe.
func runStdin(t *testing.T, log []byte, o refusals.Options) *refusals.Report {
	t.Helper()
	reader := accesslogs.NewReader(accesslogs.Options{Stdin: bytes.NewReader(log)})
	report, err := refusals.Run(t.Context(), reader, []string{accesslogs.Stdin}, o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// p256 is a set with one key.
func p256(t testing.TB) keys.Set {
	t.Helper()
	set, err := keys.NewSet(map[string]crypto.PublicKey{logmixture.KeyID: testkeys.P256().Public()})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// FuzzLog: no bytes panic, all requests are accounted for, and the number of goroutines does not
// change the result.
func FuzzLog(f *testing.F) {
	f.Add([]byte("#Fields: date time sc-status cs-uri-stem cs-uri-query x-host-header cs-protocol\n2026-01-31\t18:00:00\t403\t/a\tExpires=1&Signature=AA__&Key-Pair-Id=K2JCJMDEHXQW5F\tcdn.example.com\thttps\n"))
	f.Add([]byte(`{"sc-status":"403","cs-uri-stem":"/a","cs-uri-query":"Policy=e30_&Signature=AA__&Key-Pair-Id=K2JCJMDEHXQW5F","x-host-header":"a","cs-protocol":"https","date":"2026-01-31","time":"18:00:00"}`))
	f.Add([]byte("sc-status cs(Cookie) cs-uri-stem\n403 CloudFront-Policy=e30_;%20CloudFront-Signature=AA__ /%1B[31m\n200 - /\n"))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	trusted := p256(f)
	f.Fuzz(func(t *testing.T, log []byte) {
		one := runStdin(t, log, refusals.Options{Keys: trusted, Workers: 1})
		if diff := cmp.Diff(one, runStdin(t, log, refusals.Options{Keys: trusted, Workers: 3})); diff != "" {
			t.Error(diff)
		}
		sum := one.OtherCauses
		for _, c := range one.Causes {
			fixes := int64(0)
			for _, f := range c.Fixes {
				fixes += f.Requests
			}
			if fixes != c.Requests {
				t.Errorf("%s: %d requests, and %d with a fix", c.Name, c.Requests, fixes)
			}
			sum += c.Requests
		}
		if sum != one.Refused || one.Refused > one.Requests || one.Requests > one.Lines {
			t.Errorf("%d of causes, %d refused, %d requests, %d lines", sum, one.Refused, one.Requests, one.Lines)
		}
	})
}

// FuzzSecrets: no value of a query or a cookie is in the report, whatever else is in the line.
func FuzzSecrets(f *testing.F) {
	const secret = "SECRETSECRETSECRETSECRETSECRETSECRET"
	f.Add("/a", "Expires=1&Signature=", "&Key-Pair-Id=K2JCJMDEHXQW5F", "a=", "cdn.example.com", true)
	f.Add("/a", "Policy=", "&Signature=AA__&Key-Pair-Id=K2JCJMDEHXQW5F", "CloudFront-Policy=", "cdn.example.com", false)
	f.Add("/a&Signature=", "x=", "", "CloudFront-Key-Pair-Id=", "", true)
	f.Add("/a", "Key-Pair-Id=", "&Signature=AA__&Expires=1", "", "x", true)
	f.Add("/https://cdn.example.com/b?Policy=", "url=https://cdn.example.com/b%253FPolicy=", "", "CloudFront-Signature=", "x", true)
	trusted := p256(f)
	f.Fuzz(func(t *testing.T, path, before, after, cookie, host string, keyed bool) {
		field := func(text string) string {
			if text == "" {
				return "-"
			}
			return strings.NewReplacer("%", "%25", "\t", "%09", "\n", "%0A", "\r", "%0D", " ", "%20").Replace(text)
		}
		values := []string{"2026-01-31", "18:00:00", "403", field(path), field(before + secret + after), field(cookie + secret), field(host), "https"}
		log := "#Fields: date time sc-status cs-uri-stem cs-uri-query cs(Cookie) x-host-header cs-protocol\n" + strings.Join(values, "\t") + "\n"
		o := refusals.Options{}
		if keyed {
			o.Keys = trusted
		}
		report := runStdin(t, []byte(log), o)
		if report.Refused != 1 && report.Damaged == 0 {
			t.Errorf("%+v", report)
		}
		text, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		if isID := strings.Contains(string(text), `"id":"`); !isID && bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s", text)
		}
	})
}
