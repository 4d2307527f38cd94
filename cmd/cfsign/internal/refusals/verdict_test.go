// SPDX-License-Identifier: Apache-2.0

package refusals_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/logmixture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// ended is the time in the logs of these tests.
var ended = time.Date(2026, 1, 31, 18, 0, 0, 0, time.UTC)

// signedQuery returns the query of a URL with a policy that ends, and possibly begins, so long after
// ended. A plus is not encoded in a log.
func signedQuery(t *testing.T, rawURL string, custom bool, expires time.Duration, notBefore ...time.Duration) string {
	t.Helper()
	signer, err := sign.New(logmixture.KeyID, testkeys.P256(), sign.Options{Clock: func() time.Time { return ended.Add(-2 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Canned(rawURL, ended.Add(expires))
	if custom {
		var r policy.Resource
		if r, err = policy.URL(rawURL); err == nil {
			c := policy.Conditions{Expires: ended.Add(expires)}
			if len(notBefore) > 0 {
				c.NotBefore = ended.Add(notBefore[0])
			}
			p, err = policy.Custom(r, c)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	link, err := signed.URL(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(link, "?")
	return strings.ReplaceAll(query, "~", "%7E")
}

// TestVerdicts: what is in a line decides, and what is missing is said.
func TestVerdicts(t *testing.T) {
	const (
		names = "date time sc-status cs-uri-stem cs-uri-query x-host-header cs-protocol cs-method cs(Cookie) c-ip time-taken"
		start = "2026-01-31\t18:00:00\t403\t"
		end   = "\tcdn.example.com\thttps\tGET\t-\t192.0.2.7\t0.000"
		link  = "https://cdn.example.com/a"
	)
	trusted := p256(t)
	canned := func(d time.Duration) string { return signedQuery(t, link, false, d) }
	for _, tt := range []struct {
		why, names, line string
		keys             keys.Set
		want             refusals.Name
		part             string // of the fix
	}{
		{"expired in the last second of the log's second", names, start + "/a\t" + canned(0) + end, trusted, refusals.Expired, "moments ago"},
		{"the expiry is after that second", names, start + "/a\t" + canned(time.Second) + end, trusted, refusals.BehindCheck, "explain --response"},
		{"expired while the response was sent", names, start + "/a\t" + canned(-3*time.Second) + strings.Replace(end, "0.000", "4.000", 1), trusted, refusals.BehindCheck, ""},
		{"expired before the response was sent", names, start + "/a\t" + canned(-3*time.Second) + strings.Replace(end, "0.000", "2.500", 1), trusted, refusals.Expired, ""},
		{"the start is within the second", names, start + "/a\t" + signedQuery(t, link, true, time.Hour, 0) + end, trusted, refusals.NotYetValid, "clock"},
		{"the start was before", names, start + "/a\t" + signedQuery(t, link, true, time.Hour, -time.Second) + end, trusted, refusals.BehindCheck, ""},
		{"without keys", names, start + "/a\t" + canned(time.Hour) + end, keys.Set{}, refusals.Undecided, "--public-key"},
		{"another URL", names, start + "/b\t" + canned(time.Hour) + end, trusted, refusals.WrongSignature, "another URL"},
		{"another URL that is not certain", names, start + "/b%2F\t" + canned(time.Hour) + end, trusted, refusals.Undecided, "byte by byte"},
		{"a log that encodes nothing", names, start + "/a%2Fb\t" + signedQuery(t, link+"%2Fb", false, time.Hour) + end, trusted, refusals.BehindCheck, ""},
		{"no cookies in the log", strings.Replace(names, "cs(Cookie)", "x", 1), start + "/a\t-" + end, trusted, refusals.Undecided, "cs(Cookie)"},
		{"no query in the log", strings.Replace(names, "cs-uri-query", "x", 1), start + "/a\t-" + end, trusted, refusals.Undecided, "cs-uri-query"},
		{"no host in the log", strings.Replace(names, "x-host-header", "x", 1), start + "/a\t" + canned(time.Hour) + end, trusted, refusals.Undecided, "x-host-header"},
		{"no time in the log", strings.Replace(names, "date", "x", 1), start + "/a\t" + canned(time.Hour) + end, trusted, refusals.Undecided, "date"},
		{"not signed, without a host", strings.Replace(names, "x-host-header", "x", 1), start + "/a\t-" + end, trusted, refusals.NotSigned, ""},
		{"a preflight", names, start + "/a\t-" + strings.Replace(end, "GET", "OPTIONS", 1), trusted, refusals.NotSigned, "preflight"},
		{"a host of HTTP/2 with a slash", names, start + "/a\t" + canned(time.Hour) + strings.Replace(end, "cdn.", "cdn/", 1), trusted, refusals.Ambiguous, ""},
		{"the origin was asked", names + " origin-fbl", start + "/a\t-" + end + "\t0.120", trusted, refusals.Origin, "origin's log"},
		{"S3 without a signature", names + " sc-content-type", start + "/a\t-" + end + "\tapplication/xml", trusted, refusals.Origin, "bucket's policy"},
		{"S3, and nothing speaks against the signature", names + " sc-content-type", start + "/a\t" + canned(time.Hour) + end + "\tapplication/xml", keys.Set{}, refusals.Origin, "bucket's policy"},
		{"the length of MissingKey, without cookies in the log", strings.Replace(names, "cs(Cookie)", "x", 1) + " sc-content-type sc-content-len", start + "/a\t-" + end + "\ttext/xml\t146", trusted, refusals.NotSigned, ""},
		{"a function", names + " x-edge-detailed-result-type", start + "/a\t" + canned(-time.Hour) + end + "\tFunctionGeneratedResponse", trusted, refusals.EdgeFunction, "function"},
	} {
		got := run(t, []byte("#Fields: "+tt.names+"\n"+tt.line+"\n"), refusals.Options{Keys: tt.keys})
		if len(got.Causes) != 1 || got.Causes[0].Name != tt.want || !strings.Contains(got.Causes[0].Fixes[0].Fix, tt.part) {
			t.Errorf("%s: %+v, damaged %+v", tt.why, got.Causes, got.FirstDamaged)
		}
	}
}

// TestRemembered: what is remembered of one signature does not decide about another.
func TestRemembered(t *testing.T) {
	good := signedQuery(t, "https://cdn.example.com/a", true, time.Hour)
	_, signature, _ := strings.Cut(good, "&Signature=")
	other, _, _ := strings.Cut(signedQuery(t, "https://cdn.example.com/b", true, time.Hour), "&Signature=")
	log := "#Fields: date time sc-status cs-uri-stem cs-uri-query x-host-header cs-protocol\n"
	for _, query := range []string{good, good, other + "&Signature=" + signature} {
		log += "2026-01-31\t18:00:00\t403\t/a\t" + query + "\tcdn.example.com\thttps\n"
	}
	counts := map[refusals.Name]int64{}
	for _, c := range run(t, []byte(log), refusals.Options{Keys: p256(t), Workers: 1}).Causes {
		counts[c.Name] = c.Requests
	}
	if counts[refusals.BehindCheck] != 2 || counts[refusals.WrongSignature] != 1 {
		t.Errorf("%v", counts)
	}
}

// TestRangeWithoutAddress: a policy with a range is not decidable without the viewer's address.
func TestRangeWithoutAddress(t *testing.T) {
	sent := logmixture.Send(t, 1000)
	log := strings.Replace(string(sent.Log), " c-ip ", " x ", 1)
	got := run(t, []byte(log), refusals.Options{Keys: sent.Keys})
	for _, c := range got.Causes {
		if c.Name == refusals.Undecided && c.Requests == sent.Refused[refusals.WrongAddress]+sent.Refused[refusals.WrongAddressIPv6] && strings.Contains(c.Fixes[0].Fix, "c-ip") {
			return
		}
	}
	t.Errorf("%+v", got.Causes)
}

// TestKeyUse: a key is needed until the latest expiry that CloudFront accepted or a key verified.
func TestKeyUse(t *testing.T) {
	const names = "#Fields: date time sc-status cs-uri-stem cs-uri-query x-host-header cs-protocol x-edge-response-result-type\n"
	at := func(status, query, result string) string {
		return "2026-01-31\t18:00:00\t" + status + "\t/a\t" + query + "\tcdn.example.com\thttps\t" + result + "\n"
	}
	forged := strings.Replace(signedQuery(t, "https://cdn.example.com/a", false, time.Hour), "Signature=M", "Signature=N", 1)
	invented := "Expires=9000000000&Signature=AA__&Key-Pair-Id=" + logmixture.KeyID
	for _, tt := range []struct {
		why, log         string
		keys             keys.Set
		allowed, refused int64
		until            time.Duration // after ended; zero: none
	}{
		{"allowed", at("200", signedQuery(t, "https://cdn.example.com/a", false, time.Hour), "Hit"), keys.Set{}, 1, 0, time.Hour},
		{"the origin has no such file", at("404", signedQuery(t, "https://cdn.example.com/a", true, time.Hour), "Error"), keys.Set{}, 1, 0, time.Hour},
		{"refused, without keys", at("403", signedQuery(t, "https://cdn.example.com/a", false, time.Hour), "Error"), keys.Set{}, 0, 1, 0},
		{"refused, and verified", at("403", signedQuery(t, "https://cdn.example.com/a", false, time.Hour), "Error"), p256(t), 0, 1, time.Hour},
		{"refused, and forged", at("403", forged, "Error"), p256(t), 0, 1, 0},
		{"an invented expiry", at("403", invented, "Error"), p256(t), 0, 1, 0},
		{"a custom error response", at("200", invented, "Error"), keys.Set{}, 0, 0, 0},
		{"a redirect to https, before any check", at("301", invented, "Redirect"), keys.Set{}, 0, 0, 0},
	} {
		got := run(t, []byte(names+tt.log), refusals.Options{Keys: tt.keys})
		var use refusals.KeyUse
		if len(got.Keys) > 0 {
			use = got.Keys[0]
		}
		until := time.Time{}
		if tt.until != 0 {
			until = ended.Add(tt.until)
		}
		if use.Allowed != tt.allowed || use.Refused != tt.refused || !use.NeededUntil.Equal(until) {
			t.Errorf("%s: %+v", tt.why, use)
		}
	}
}

// TestInventedKeys: however many IDs strangers invent, a key in use stays in the report.
func TestInventedKeys(t *testing.T) {
	var log strings.Builder
	log.WriteString("#Fields: date time sc-status cs-uri-stem cs-uri-query x-host-header cs-protocol x-edge-response-result-type\n")
	line := func(status, id string) {
		fmt.Fprintf(&log, "2026-01-31\t18:00:00\t%s\t/a\tExpires=1769882400&Signature=AA__&Key-Pair-Id=%s\tcdn.example.com\thttps\tHit\n", status, id)
	}
	for i := range 20 {
		line("200", fmt.Sprintf("KUSED%d", i))
	}
	for i := range 10_000 {
		line("403", fmt.Sprintf("KINVENTED%d", i))
	}
	got := run(t, []byte(log.String()), refusals.Options{})
	used := 0
	for _, k := range got.Keys {
		if k.Allowed == 1 {
			used++
		}
	}
	if used != 20 || !got.OtherKeys {
		t.Errorf("%d of 20 keys in use are in the report; others: %v", used, got.OtherKeys)
	}
}
