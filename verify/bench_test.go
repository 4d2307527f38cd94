// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"crypto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// BenchmarkVerify measures signed URLs and signed cookies. The ratio compares Verify with its
// public key operation, which no verifier can do without.
func BenchmarkVerify(b *testing.B) {
	file := base + "/users/7/images/photo-0001.jpg?width=640"
	v := verifier(b)
	for _, id := range []string{rsaID, p256ID} {
		for name, p := range map[string]policy.Policy{"canned": canned(b, file), "custom": custom(b, base+"/users/7/*", policy.Conditions{})} {
			s, err := signer(b, id, crypto.SHA256).Sign(b.Context(), p)
			if err != nil {
				b.Fatal(err)
			}
			url, err := s.URL(file)
			if err != nil {
				b.Fatal(err)
			}
			cookies, err := s.CookieSet().Cookies(sign.CookieAttributes{})
			if err != nil {
				b.Fatal(err)
			}
			verifyKey := keyOperation(b, id, p)
			for kind, r := range map[string]verify.Request{"URL": {URL: url, ViewerIP: viewer}, "cookies": {URL: file, Cookies: cookies, ViewerIP: viewer}} {
				verify := func() error { _, err := v.Verify(r); return err }
				b.Run(id+"/"+name+"/"+kind, func(b *testing.B) {
					b.ReportAllocs()
					measure(b, verify)
				})
				b.Run(id+"/"+name+"/"+kind+"/ratio", func(b *testing.B) { compare(b, verifyKey, verify) })
			}
		}
	}
}

// keyOperation returns the public key operation for the signature of a policy.
func keyOperation(b *testing.B, id string, p policy.Policy) func() error {
	b.Helper()
	var key crypto.Signer = testkeys.RSA()
	if id == p256ID {
		key = testkeys.P256()
	}
	digest := scheme.Digest(crypto.SHA256, p.JSON())
	signature, err := key.Sign(nil, digest, crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	public := key.Public()
	return func() error { return scheme.Verify(public, crypto.SHA256, digest, signature) }
}

func measure(b *testing.B, operation func() error) {
	b.Helper()
	for b.Loop() {
		if err := operation(); err != nil {
			b.Fatal(err)
		}
	}
}

// compare reports how many times longer the whole takes than its part: the median of many
// rounds, in which both take turns, because the machine may have other work.
func compare(b *testing.B, part, whole func() error) {
	b.Helper()
	var ratios []float64
	duration := func(operation func() error) float64 {
		const batch = 20
		start := time.Now()
		for range batch {
			if err := operation(); err != nil {
				b.Fatal(err)
			}
		}
		return float64(time.Since(start))
	}
	for b.Loop() {
		ratios = append(ratios, duration(whole)/duration(part))
	}
	slices.Sort(ratios)
	b.ReportMetric(0, "ns/op") // leaves it out
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
}

// BenchmarkExplain measures explanations that find nothing: the most trials that there are,
// and a hostile URL of the greatest length.
func BenchmarkExplain(b *testing.B) {
	five := base + "/a%2Cb+c/(d)/~e/f;g/h%20i/j'k/l@m/n%7Eo/p!q/index.html?b=%28x%29,y&c=z+%20&d&e=&f=%c3%a9"
	long := base + "/" + strings.Repeat("%2C,~%7E/", 800) + "?a=" + strings.Repeat("%28(", 40)
	for name, file := range map[string]string{"MostTrials": five, "LongURL": long} {
		b.Run(name, func(b *testing.B) {
			v := verifier(b)
			r := verify.Request{URL: file + "&" + query("Expires", "1767290400", "Signature", signDocument(b, "other"), "Key-Pair-Id", p256ID, "Hash-Algorithm", "SHA256")}
			if check := v.Explain(r).Check(verify.CheckSignature); check.Outcome != verify.Failed {
				b.Fatal(check)
			}
			b.ReportAllocs()
			for b.Loop() {
				v.Explain(r)
			}
		})
	}
	b.Run("OtherPath", func(b *testing.B) {
		v := verifier(b)
		file := base + "/" + strings.Repeat("%2C,~%7E/", 95)
		r := verify.Request{URL: file + "?" + signRaw(b, cannedJSON(base+"/other/*"))}
		if check := v.Explain(r).Check(verify.CheckResource); check.Outcome != verify.Failed {
			b.Fatal(check)
		}
		for b.Loop() {
			v.Explain(r)
		}
	})
	b.Run("LongURLNotSigned", func(b *testing.B) {
		v := verifier(b)
		r := verify.Request{URL: base + "/a?" + strings.Repeat("&amp%3Bu=%2526http%3A;?/", 340)}
		for b.Loop() {
			v.Explain(r)
		}
	})
}
