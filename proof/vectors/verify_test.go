// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"cmp"
	"net/http"
	"testing"

	"github.com/cfsign/cfsign/internal/test/vectors"
)

// A verifyTest is one credential, sent in one or two ways, all with the same result.
type verifyTest struct {
	head
	Code     string    `json:"code,omitempty"`
	Signed   signed    `json:"signed"`
	Time     int64     `json:"time"`
	ViewerIP *string   `json:"viewer_ip"` // null: unknown
	Requests []request `json:"requests"`
}

// signed is what was signed before something was changed.
type signed struct {
	Policy string `json:"policy"`
	Key    string `json:"key"`
	Hash   string `json:"hash"`
}

type request struct {
	Carrier string   `json:"carrier"`
	URL     string   `json:"url"`
	Cookies []cookie `json:"cookies,omitempty"`
}

type cookie struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

const (
	carrierURL     = "url"
	carrierCookies = "cookies"
)

func verifyFile(t testing.TB) file[verifyTest] {
	var tests []verifyTest
	for _, d := range vectors.Decisions(t) {
		tests = append(tests, verifyTest{
			head{d.ID, d.Reason, d.Source, decisionFlags(d), result(d.Refused), cause(d.Refused)},
			d.Code, signedBy(d), d.Time().Unix(), viewerIP(d), requests(t, d),
		})
	}
	f := newFile("verify", "Signed URLs and signed cookies as they are requested, and what CloudFront answers", tests)
	f.TrustedKeys = map[string]string{}
	for _, k := range vectors.Keys(t)[:2] {
		f.TrustedKeys[k.KeyPairID] = publicPEM(t, k.Private.Public())
	}
	return f
}

func decisionFlags(d vectors.Decision) []string {
	return flagsOf(d.Flags, map[string]bool{
		legacySHA1:   d.UsesSHA1(),
		notOverHTTP:  d.HTTP != "" || d.Viewer == "none",
		undocumented: d.Source == "not documented",
	})
}

func signedBy(d vectors.Decision) signed {
	key := map[string]string{"": vectors.P256KeyPairID, "rsa": vectors.RSAKeyPairID, "other": "a P-256 key that is not trusted"}[d.Key]
	return signed{d.SignedDocument(), key, cmp.Or(d.Hash, "SHA256")}
}

func viewerIP(d vectors.Decision) *string {
	if !d.ViewerIP().IsValid() {
		return nil
	}
	return new(d.ViewerIP().String())
}

func requests(t testing.TB, d vectors.Decision) []request {
	var requests []request
	if d.Only != carrierCookies {
		requests = append(requests, request{carrierURL, d.SignedURL(t), nil})
	}
	if d.Only != carrierURL {
		requests = append(requests, request{carrierCookies, d.URL, cookiesOf(d.Cookies(t))})
	}
	return requests
}

func cookiesOf(all []*http.Cookie) []cookie {
	var cookies []cookie
	for _, c := range all {
		cookies = append(cookies, cookie{c.Name, c.Value})
	}
	return cookies
}
