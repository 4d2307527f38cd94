// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/verify"
)

// FuzzVerify: no request makes Verify panic, and Verify accepts no request that a slow,
// independent reading of CloudFront's rules refuses.
func FuzzVerify(f *testing.F) {
	v := verifier(f)
	addSeeds(f)
	f.Fuzz(func(t *testing.T, rawURL, cookieHeader string, ip uint32) {
		r := fuzzed(rawURL, cookieHeader, ip)
		grant, err := v.Verify(r)
		if err != nil {
			if grant != (verify.Grant{}) {
				t.Fatal("something is granted in spite of an error")
			}
			return
		}
		if reason := slowVerify(r); reason != "" {
			t.Fatalf("accepted, but %s: %q with %q", reason, rawURL, cookieHeader)
		}
	})
}

// FuzzExplain: the report says what Verify says, is printable, and does not
// repeat the credential.
func FuzzExplain(f *testing.F) {
	v := verifier(f)
	addSeeds(f)
	f.Fuzz(func(t *testing.T, rawURL, cookieHeader string, ip uint32) {
		r := fuzzed(rawURL, cookieHeader, ip)
		checkReport(t, v, r, v.Explain(r))
		if (&verify.Verifier{}).Explain(r).Allowed {
			t.Fatal("allowed without a key")
		}
	})
}

func addSeeds(f *testing.F) {
	file := base + "/u/7/a.jpg?b=1"
	for _, p := range []policy.Policy{
		canned(f, file), custom(f, base+"/u/7/*", policy.Conditions{}), custom(f, "*", policy.Conditions{}),
		custom(f, base+"/*", policy.Conditions{NotBefore: now.Add(-1e9), SourceIP: ptr(netip.MustParsePrefix("192.0.2.0/24"))}),
	} {
		var header []string
		for _, cookie := range cookies(signed(f, p)) {
			header = append(header, cookie.String())
		}
		f.Add(signedURL(f, p, file), "", uint32(0xc000020a))
		f.Add(file, strings.Join(header, "; "), uint32(0xc000020a))
	}
}

func fuzzed(rawURL, cookieHeader string, ip uint32) verify.Request {
	return verify.Request{
		URL:      rawURL,
		Cookies:  (&http.Request{Header: http.Header{"Cookie": {cookieHeader}}}).Cookies(),
		ViewerIP: netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}),
	}
}

// slowVerify returns why a request must be denied, or "". It works differently from the
// package: with net/url, encoding/json and the parts of the URL as strings.
func slowVerify(r verify.Request) string {
	base, values, cookie := slowCredential(r)
	for name, all := range values {
		if len(all) != 1 {
			return name + " is repeated"
		}
	}
	key := map[string]crypto.PublicKey{rsaID: testkeys.RSA().Public(), p256ID: testkeys.P256().Public()}[values.Get("Key-Pair-Id")]
	if key == nil {
		return "the key is unknown"
	}
	if values.Has("Policy") == values.Has("Expires") {
		return "there are two policies, or none"
	}
	if hash := values.Get("Hash-Algorithm"); values.Has("Hash-Algorithm") && hash != "SHA1" && hash != "SHA256" {
		return "the hash is unknown"
	}
	document := []byte(`{"Statement":[{"Resource":"` + base + `","Condition":{"DateLessThan":{"AWS:EpochTime":` + values.Get("Expires") + `}}}]}`)
	if values.Has("Policy") {
		document = slowDecode(values.Get("Policy"))
	}
	if !slowSignature(key, values.Get("Hash-Algorithm"), document, slowDecode(values.Get("Signature"))) {
		return "the signature is wrong"
	}
	return slowPolicy(document, base, cookie, r.ViewerIP)
}

// slowCredential returns the URL without the signing parameters, the values of
// the parameters or cookies, and whether they are cookies.
func slowCredential(r verify.Request) (string, url.Values, bool) {
	base, query, _ := strings.Cut(r.URL, "?")
	values := url.Values{}
	var own []string
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		switch name {
		case "Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm":
			decoded, _ := url.PathUnescape(value)
			values.Add(name, decoded)
		default:
			if decoded, _ := url.PathUnescape(name); decoded != name && strings.Contains("Expires Policy Signature Key-Pair-Id Hash-Algorithm", decoded) {
				values.Add("encoded name", "")
				values.Add("encoded name", "")
			}
			own = append(own, parameter)
		}
	}
	if len(values) > 0 {
		if len(own) > 0 {
			base += "?" + strings.Join(own, "&")
		}
		return base, values, false
	}
	for _, cookie := range r.Cookies {
		if name, ok := strings.CutPrefix(cookie.Name, "CloudFront-"); ok {
			values.Add(name, cookie.Value)
		}
	}
	return r.URL, values, true
}

func slowDecode(s string) []byte {
	b, _ := base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "=", "~", "/").Replace(s))
	return b
}

func slowSignature(key crypto.PublicKey, hash string, document, signature []byte) bool {
	sum := sha256.Sum256(document)
	digest, id := sum[:], crypto.SHA256
	if hash != "SHA256" {
		old := sha1.Sum(document)
		digest, id = old[:], crypto.SHA1
	}
	if key, ok := key.(*rsa.PublicKey); ok {
		return rsa.VerifyPKCS1v15(key, id, digest, signature) == nil
	}
	return ecdsa.VerifyASN1(key.(*ecdsa.PublicKey), digest, signature)
}

func slowPolicy(document []byte, base string, cookie bool, viewer netip.Addr) string {
	var p struct {
		Statement []struct {
			Resource  string
			Condition map[string]map[string]any
		}
	}
	decoder := json.NewDecoder(strings.NewReader(string(document)))
	decoder.UseNumber()
	if decoder.Decode(&p) != nil || len(p.Statement) != 1 {
		return "the policy is not one"
	}
	if _, ok := p.Statement[0].Condition["DateLessThan"]; !ok {
		return "it never expires"
	}
	for name, condition := range p.Statement[0].Condition {
		number, _ := condition["AWS:EpochTime"].(json.Number)
		seconds, _ := strconv.ParseInt(string(number), 10, 64)
		text, _ := condition["AWS:SourceIp"].(string)
		prefix, _ := netip.ParsePrefix(text)
		switch {
		case name == "DateLessThan" && now.Unix() >= seconds:
			return "it has expired"
		case name == "DateGreaterThan" && now.Unix() <= seconds:
			return "it is not valid yet"
		case name == "IpAddress" && !prefix.Contains(viewer):
			return "the address is wrong"
		}
	}
	return slowResource(p.Statement[0].Resource, base, cookie)
}

var (
	plainURL   = regexp.MustCompile(`\Ahttps?://[a-z0-9._-]+(:[0-9]+)?/[^#]*\z`)
	dotSegment = regexp.MustCompile(`[/\\]\.\.?([/\\;]|\z)`)
)

// slowResource compares a prefix before an asterisk, or the whole text. That is enough for
// the policies that are signed here.
func slowResource(resource, base string, cookie bool) string {
	if !plainURL.MatchString(base) {
		return "the URL is not as clients send it"
	}
	path, _, _ := strings.Cut(base, "?")
	decoded, err := url.PathUnescape(path)
	if err != nil || dotSegment.MatchString(decoded) {
		return "the URL is resolved to another"
	}
	if cookie && !strings.HasPrefix(resource, "http") {
		return "cookies need a scheme"
	}
	if prefix, ok := strings.CutSuffix(resource, "*"); ok && strings.HasPrefix(base, prefix) || resource == base {
		return ""
	}
	return "the resource does not cover it"
}
