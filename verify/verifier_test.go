// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"crypto"
	"crypto/fips140"
	"encoding/base64"
	"errors"
	"fmt"
	"math/bits"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

const (
	rsaID  = "K1RSA"
	p256ID = "K2P256"
	base   = "https://cdn.example.com"
)

var (
	now     = time.Unix(1767200000, 0)
	expires = time.Unix(1767290400, 0)
	viewer  = netip.MustParseAddr("192.0.2.10")
)

func keySet(t testing.TB) keys.Set {
	t.Helper()
	set, err := keys.NewSet(map[string]crypto.PublicKey{rsaID: testkeys.RSA().Public(), p256ID: testkeys.P256().Public()})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func verifier(t testing.TB) *verify.Verifier {
	t.Helper()
	return &verify.Verifier{Keys: keySet(t), AllowSHA1: true, Clock: func() time.Time { return now }}
}

func signer(t testing.TB, id string, hash crypto.Hash) *sign.Signer {
	t.Helper()
	key := map[string]crypto.Signer{rsaID: testkeys.RSA(), p256ID: testkeys.P256()}[id]
	s, err := sign.New(id, key, sign.Options{Hash: hash, Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func custom(t testing.TB, pattern string, c policy.Conditions) policy.Policy {
	t.Helper()
	r, err := policy.PatternAnyHostFromConfig(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if c.Expires.IsZero() {
		c.Expires = expires
	}
	p, err := policy.Custom(r, c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func canned(t testing.TB, rawURL string) policy.Policy {
	t.Helper()
	p, err := policy.Canned(rawURL, expires)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signed(t testing.TB, p policy.Policy) sign.SignedPolicy {
	t.Helper()
	s, err := signer(t, p256ID, crypto.SHA256).Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func signedURL(t testing.TB, p policy.Policy, rawURL string) string {
	t.Helper()
	u, err := signed(t, p).URL(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func cookies(s sign.SignedPolicy) []*http.Cookie {
	var all []*http.Cookie
	for name, value := range s.CookieSet().All() {
		all = append(all, &http.Cookie{Name: name, Value: value})
	}
	return all
}

// signRaw signs any document, even if package policy would refuse to make it, and returns
// the query of a signed URL.
func signRaw(t testing.TB, document string) string {
	t.Helper()
	return "Policy=" + encode([]byte(document)) + "&Signature=" + signDocument(t, document) + "&Key-Pair-Id=" + p256ID + "&Hash-Algorithm=SHA256"
}

func encode(b []byte) string {
	return strings.NewReplacer("+", "-", "=", "_", "/", "~").Replace(base64.StdEncoding.EncodeToString(b))
}

// checkDenied fails unless the request is denied with the code and exactly one reason,
// and nothing is granted.
func checkDenied(t *testing.T, v *verify.Verifier, r verify.Request, code verify.Code, reason error) {
	t.Helper()
	grant, err := v.Verify(r)
	var denied *verify.DeniedError
	if !errors.As(err, &denied) {
		t.Fatalf("got error %v (%T), want a *verify.DeniedError", err, err)
	}
	if denied.Code != code {
		t.Errorf("code %s, want %s (%v)", denied.Code, code, err)
	}
	for _, one := range sentinels {
		if is := errors.Is(err, one); is != (one == reason) {
			t.Errorf("errors.Is(%v, %v) = %t", err, one, is)
		}
	}
	if grant != (verify.Grant{}) {
		t.Error("something is granted in spite of the error")
	}
	_, query, _ := strings.Cut(r.URL, "?")
	for parameter := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(parameter, "="); (name == "Signature" || name == "Policy") && len(value) > 8 && strings.Contains(err.Error(), value) {
			t.Errorf("the error repeats the %s", name)
		}
	}
	for _, cookie := range r.Cookies {
		if cookie != nil && len(cookie.Value) > 20 && strings.Contains(err.Error(), cookie.Value) {
			t.Errorf("the error repeats the cookie %s", cookie.Name)
		}
	}
}

// TestRoundTrip: the verifier accepts everything that package sign makes, for every key
// and hash, as a URL and as cookies.
func TestRoundTrip(t *testing.T) {
	prefix := netip.MustParsePrefix("192.0.2.0/24")
	tests := []struct {
		name, rawURL string
		policy       policy.Policy
	}{
		{"canned", base + "/a.jpg", canned(t, base+"/a.jpg")},
		{"canned with query", base + "/a?b=1&c=/d?e", canned(t, base+"/a?b=1&c=/d?e")},
		{"custom", base + "/u/7/a%20b.jpg?x=1", custom(t, base+"/u/7/*", policy.Conditions{})},
		{"all conditions", base + "/u/7/a", custom(t, base+"/u/7/*", policy.Conditions{NotBefore: now.Add(-time.Second), SourceIP: &prefix})},
		{"exact", base + "/a?b=1", custom(t, base+"/a?b=1", policy.Conditions{})},
		{"wildcard host", "https://b.example.com:8443/a", custom(t, "https://*.example.com:8443/a", policy.Conditions{})},
	}
	for _, id := range []string{rsaID, p256ID} {
		for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA1} {
			if hash == crypto.SHA1 && fips140.Enforced() {
				continue
			}
			for _, tt := range tests {
				t.Run(fmt.Sprint(id, " ", hash, " ", tt.name), func(t *testing.T) {
					s, err := signer(t, id, hash).Sign(t.Context(), tt.policy)
					if err != nil {
						t.Fatal(err)
					}
					byURL, err := s.URL(tt.rawURL)
					if err != nil {
						t.Fatal(err)
					}
					for _, r := range []verify.Request{
						{URL: byURL, ViewerIP: viewer},
						{URL: tt.rawURL, Cookies: cookies(s), ViewerIP: viewer},
					} {
						grant, err := verifier(t).Verify(r)
						if err != nil {
							t.Fatal(err)
						}
						if diff := cmp.Diff(tt.policy, grant.Policy(), cmpopts.EquateComparable(policy.Policy{})); diff != "" {
							t.Errorf("Policy (-want +got):\n%s", diff)
						}
						if diff := cmp.Diff([]string{id, tt.rawURL}, []string{grant.KeyPairID(), grant.URL()}); diff != "" {
							t.Errorf("key pair ID and URL (-want +got):\n%s", diff)
						}
					}
				})
			}
		}
	}
}

// TestManyPolicies makes the round trip with ten thousand policies.
func TestManyPolicies(t *testing.T) {
	v, s := verifier(t), signer(t, p256ID, crypto.SHA256)
	const policies = 10_000
	for i := range policies {
		folder, err := policy.Under(base+"/users", fmt.Sprintf("user %d*?#%c", i, rune(0x20+i%0x60)), fmt.Sprint(i%7))
		if errors.Is(err, policy.ErrSegment) {
			continue // a slash, a backslash or a control character
		}
		if err != nil {
			t.Fatal(err)
		}
		conditions := policy.Conditions{Expires: now.Add(time.Duration(i+1) * time.Second)}
		if i%2 == 0 {
			conditions.NotBefore = now.Add(-time.Duration(i+1) * time.Second)
		}
		if i%3 == 0 {
			prefix := netip.PrefixFrom(viewer, i%33)
			conditions.SourceIP = &prefix
		}
		p, err := policy.Custom(folder, conditions)
		if err != nil {
			t.Fatal(err)
		}
		sp, err := s.Sign(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		file, err := folder.Child(fmt.Sprintf("%d.jpg", i))
		if err != nil {
			t.Fatal(err)
		}
		r := verify.Request{URL: file, Cookies: cookies(sp), ViewerIP: viewer}
		if i%2 == 0 {
			r.Cookies = nil
			if r.URL, err = sp.URL(file); err != nil {
				t.Fatal(err)
			}
		}
		if grant, err := v.Verify(r); err != nil || grant.Policy() != p {
			t.Fatalf("policy %d, %s: %v", i, p.JSON(), err)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestTimes(t *testing.T) {
	start := expires.Add(-time.Hour)
	url := signedURL(t, custom(t, base+"/*", policy.Conditions{NotBefore: start}), base+"/a")
	tests := []struct {
		name   string
		now    time.Time
		reason error
	}{
		{"before the start", start.Add(-time.Second), verify.ErrNotYetValid},
		{"at the start", start, verify.ErrNotYetValid},
		{"within the second of the start", start.Add(999 * time.Millisecond), verify.ErrNotYetValid},
		{"after the start", start.Add(time.Second), nil},
		{"before the expiry", expires.Add(-time.Nanosecond), nil},
		{"at the expiry", expires, verify.ErrExpired},
		{"after the expiry", expires.Add(time.Hour), verify.ErrExpired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := verifier(t)
			v.Clock = func() time.Time { return tt.now }
			if tt.reason != nil {
				checkDenied(t, v, verify.Request{URL: url}, verify.CodeAccessDenied, tt.reason)
			} else if _, err := v.Verify(verify.Request{URL: url}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestClocks(t *testing.T) {
	real := &verify.Verifier{Keys: keySet(t)}
	past := signedURL(t, canned(t, base+"/a"), base+"/a")
	checkDenied(t, real, verify.Request{URL: past}, verify.CodeAccessDenied, verify.ErrExpired)
	s, err := sign.New(p256ID, testkeys.P256(), sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	current, err := s.URL(t.Context(), base+"/a", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := real.Verify(verify.Request{URL: current}); err != nil {
		t.Errorf("with the real clock: %v", err)
	}
	unset := &verify.Verifier{Keys: keySet(t), Clock: func() time.Time { return time.Time{} }}
	checkDenied(t, unset, verify.Request{URL: current}, verify.CodeAccessDenied, verify.ErrAmbiguous)
}

func TestLongestURL(t *testing.T) {
	prefix := signedURL(t, custom(t, base+"/*", policy.Conditions{}), base+"/a") + "&Padding="
	for n, accepted := range map[int]bool{8192: true, 8193: false} {
		padded := prefix + strings.Repeat("a", n-len(prefix))
		if _, err := verifier(t).Verify(verify.Request{URL: padded}); (err == nil) != accepted {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestViewerAddresses(t *testing.T) {
	url := signedURL(t, custom(t, base+"/*", policy.Conditions{SourceIP: ptr(netip.MustParsePrefix("192.0.2.0/24"))}), base+"/a")
	for address, allowed := range map[string]bool{
		"192.0.2.0": true, "192.0.2.255": true, "::ffff:192.0.2.1": true,
		"192.0.3.0": false, "2001:db8::1": false, "::192.0.2.1": false,
	} {
		r := verify.Request{URL: url, ViewerIP: netip.MustParseAddr(address)}
		if allowed {
			if _, err := verifier(t).Verify(r); err != nil {
				t.Errorf("%s: %v", address, err)
			}
			continue
		}
		checkDenied(t, verifier(t), r, verify.CodeAccessDenied, verify.ErrWrongIP)
	}
	checkDenied(t, verifier(t), verify.Request{URL: url}, verify.CodeAccessDenied, verify.ErrWrongIP)
}

func TestSHA1NeedsPermission(t *testing.T) {
	url := strings.Replace(signedURL(t, canned(t, base+"/a"), base+"/a"), "&Hash-Algorithm=SHA256", "", 1)
	v := verifier(t)
	v.AllowSHA1 = false
	checkDenied(t, v, verify.Request{URL: url}, verify.CodeAccessDenied, verify.ErrSHA1)
	checkDenied(t, v, verify.Request{URL: url + "&Hash-Algorithm=SHA1"}, verify.CodeAccessDenied, verify.ErrSHA1)
}

func TestZeroVerifierDeniesEverything(t *testing.T) {
	url := signedURL(t, custom(t, base+"/*", policy.Conditions{}), base+"/a")
	for _, v := range []*verify.Verifier{{}, nil, {AllowSHA1: true}} {
		checkDenied(t, v, verify.Request{URL: url}, verify.CodeInvalidKey, verify.ErrUnknownKey)
		checkDenied(t, v, verify.Request{URL: strings.Replace(url, "&Hash-Algorithm=SHA256", "", 1)}, verify.CodeInvalidKey, verify.ErrUnknownKey)
	}
}

func TestPrecedence(t *testing.T) {
	good := cookies(signed(t, custom(t, base+"/*", policy.Conditions{})))
	bad := cookies(signed(t, custom(t, base+"/other/*", policy.Conditions{})))
	url := signedURL(t, canned(t, base+"/a"), base+"/a")
	if _, err := verifier(t).Verify(verify.Request{URL: url, Cookies: bad}); err != nil {
		t.Errorf("the URL must decide, whatever the cookies say: %v", err)
	}
	for _, name := range []string{"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"} {
		r := verify.Request{URL: base + "/a?" + name + "=x", Cookies: good}
		if _, err := verifier(t).Verify(r); err == nil {
			t.Errorf("one parameter %s hides the cookies", name)
		}
	}
	if _, err := verifier(t).Verify(verify.Request{URL: base + "/a?expires=1", Cookies: append(good, nil, &http.Cookie{Name: "session", Value: "x"})}); err != nil {
		t.Errorf("other parameters and cookies do not matter: %v", err)
	}
}

// TestURLsDenied has the cases of signed URLs that the vectors cannot express.
func TestURLsDenied(t *testing.T) {
	own := signedURL(t, canned(t, base+"/a"), base+"/a")
	shared := signedURL(t, custom(t, base+"/u/*/a.jpg", policy.Conditions{}), base+"/u/7/a.jpg")
	tests := []struct {
		name, url string
		code      verify.Code
		reason    error
		why       string
	}{
		{"encoded hyphen in the key pair ID", strings.Replace(own, p256ID, "K2%2DP256", 1), verify.CodeAccessDenied, verify.ErrAmbiguous, "only the policy and the signature have characters that libraries encode"},
		{"encoded hyphen in the expiry", strings.Replace(own, "Expires=", "Expires=%2D", 1), verify.CodeAccessDenied, verify.ErrAmbiguous, "the same"},
		{"empty policy", strings.Replace(shared, "Policy=", "Policy=&X=", 1), verify.CodeMalformedPolicy, verify.ErrMalformedPolicy, "CloudFront rebuilds no policy from it"},
		{"empty query of the application", strings.Replace(own, "?", "?&", 1), verify.CodeAccessDenied, verify.ErrBadSignature, "without the parameters, the URL ends in a question mark, which was not signed"},
		{"path that a server cuts", strings.Replace(shared, "/u/7/", "/u/7;/x/", 1), verify.CodeAccessDenied, verify.ErrAmbiguous, "the pattern covers the path, but not what some servers read"},
		{"path that a server cuts, not covered", strings.Replace(shared, "/a.jpg", "/b.jpg;x", 1), verify.CodeAccessDenied, verify.ErrAmbiguous, "CloudFront and the server compare two paths"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkDenied(t, verifier(t), verify.Request{URL: tt.url}, tt.code, tt.reason)
			if t.Failed() {
				t.Log(tt.why)
			}
		})
	}
}

// TestEncodedAlphabet: libraries in use encode the three characters of CloudFront's base64, in
// either case.
func TestEncodedAlphabet(t *testing.T) {
	seen := map[byte]bool{}
	for i := 0; len(seen) < 3; i++ {
		url := fmt.Sprintf("%s/u/%d", base, i)
		_, query, _ := strings.Cut(signedURL(t, custom(t, url, policy.Conditions{}), url), "?")
		for _, encode := range []*strings.Replacer{strings.NewReplacer("~", "%7E", "_", "%5F", "-", "%2D"), strings.NewReplacer("~", "%7e", "_", "%5f", "-", "%2d")} {
			var encoded []string
			for parameter := range strings.SplitSeq(query, "&") {
				name, value, _ := strings.Cut(parameter, "=")
				if name == "Policy" || name == "Signature" {
					value = encode.Replace(value)
				}
				encoded = append(encoded, name+"="+value)
			}
			if _, err := verifier(t).Verify(verify.Request{URL: url + "?" + strings.Join(encoded, "&")}); err != nil {
				t.Errorf("%v: %s", err, encoded)
			}
		}
		for _, c := range []byte("~_-") {
			if strings.IndexByte(query, c) >= 0 && strings.Contains(query, "Signature") {
				seen[c] = true
			}
		}
	}
}

// TestCookiesDenied has the cases that the vectors cannot express.
func TestCookiesDenied(t *testing.T) {
	good := cookies(signed(t, custom(t, base+"/u/7/*", policy.Conditions{})))
	changed := func(i int, change func(*http.Cookie)) []*http.Cookie {
		all := slices.Clone(good)
		one := *good[i]
		change(&one)
		all[i] = &one
		return all
	}
	const keyPairID = 2
	tests := []struct {
		name    string
		cookies []*http.Cookie
		code    verify.Code
		reason  error
	}{
		{"none", nil, verify.CodeMissingKey, verify.ErrMissing},
		{"nil", []*http.Cookie{nil}, verify.CodeMissingKey, verify.ErrMissing},
		{"name in lower case", changed(keyPairID, func(c *http.Cookie) { c.Name = "cloudfront-key-pair-id" }), verify.CodeMissingKey, verify.ErrMissing},
		{"percent-encoded", changed(keyPairID, func(c *http.Cookie) { c.Value = "%4B2P256" }), verify.CodeInvalidKey, verify.ErrUnknownKey},
		{"in quotation marks", changed(0, func(c *http.Cookie) { c.Quoted = true }), verify.CodeAccessDenied, verify.ErrAmbiguous},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkDenied(t, verifier(t), verify.Request{URL: base + "/u/7/a", Cookies: tt.cookies}, tt.code, tt.reason)
		})
	}
}

func TestNoURL(t *testing.T) {
	query := signRaw(t, `{"Statement":[{"Resource":"https://cdn.example.com/*","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}`)
	checkDenied(t, verifier(t), verify.Request{URL: "?" + query}, verify.CodeAccessDenied, verify.ErrAmbiguous)
	checkDenied(t, verifier(t), verify.Request{}, verify.CodeMissingKey, verify.ErrMissing)
}

// TestEveryByteCounts changes every byte of signed URLs in several ways. Every change must
// be denied.
func TestEveryByteCounts(t *testing.T) {
	v := verifier(t)
	for _, url := range []string{
		signedURL(t, canned(t, base+"/u/a?b=1"), base+"/u/a?b=1"),
		signedURL(t, custom(t, base+"/u/a", policy.Conditions{}), base+"/u/a"),
	} {
		want, err := v.Verify(verify.Request{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		for i := range url {
			for _, b := range []byte{url[i] ^ 1, url[i] ^ 0x20, '%', '&', '?', '/', '_', 0} {
				changed := url[:i] + string(rune(b&0x7f)) + url[i+1:]
				if changed == url {
					continue
				}
				if got, err := v.Verify(verify.Request{URL: changed}); err == nil {
					t.Errorf("byte %d changed to %q is accepted; the same grant: %t", i, b, got == want)
				}
			}
		}
	}
}

// TestGrantKeepsNoRequest: a grant may be kept for long, so its texts must not share the
// memory of the request.
func TestGrantKeepsNoRequest(t *testing.T) {
	request := signedURL(t, custom(t, base+"/u/7/*", policy.Conditions{}), base+"/u/7/a.jpg")
	grant, err := verifier(t).Verify(verify.Request{URL: request})
	if err != nil {
		t.Fatal(err)
	}
	start := uintptr(unsafe.Pointer(unsafe.StringData(request)))
	for _, kept := range []string{grant.URL(), grant.KeyPairID(), grant.Policy().Resource().String()} {
		if at := uintptr(unsafe.Pointer(unsafe.StringData(kept))); at >= start && at < start+uintptr(len(request)) {
			t.Errorf("%q is part of the request", kept)
		}
	}
}

// TestGrantURL: the signing parameters can stand anywhere between the application's own, which
// keep their order, and so do empty ones.
func TestGrantURL(t *testing.T) {
	const file = base + "/u/7/a.jpg"
	_, query, _ := strings.Cut(signedURL(t, custom(t, base+"/u/7/*", policy.Conditions{}), file), "?")
	signing := strings.Split(query, "&")
	for _, own := range [][]string{nil, {"a=1"}, {"a=1", "", "b=2"}, {"", ""}} {
		want := file
		if own != nil {
			want += "?" + strings.Join(own, "&")
		}
		all := len(own) + len(signing)
		for places := range 1 << all {
			if bits.OnesCount(uint(places)) != len(own) {
				continue
			}
			var parameters []string
			for i, nextOwn, nextSigning := 0, own, signing; i < all; i++ {
				if places>>i&1 == 1 {
					parameters, nextOwn = append(parameters, nextOwn[0]), nextOwn[1:]
				} else {
					parameters, nextSigning = append(parameters, nextSigning[0]), nextSigning[1:]
				}
			}
			grant, err := verifier(t).Verify(verify.Request{URL: file + "?" + strings.Join(parameters, "&")})
			if diff := cmp.Diff(want, grant.URL()); diff != "" || err != nil {
				t.Errorf("%07b: %v (-want +got):\n%s", places, err, diff)
			}
		}
	}
}

// TestEncodedNames: no CloudFront page says whether CloudFront recognizes a signing parameter whose
// name is percent-encoded, so neither such a URL nor the cookies count.
func TestEncodedNames(t *testing.T) {
	file := base + "/u/7/a.jpg"
	valid := cookies(signed(t, custom(t, base+"/u/7/*", policy.Conditions{})))
	for name, encoded := range map[string]string{
		"Policy": "%50olicy", "Expires": "Expire%73", "Signature": "Si%67nature", "Key-Pair-Id": "Key%2DPair-Id", "Hash-Algorithm": "%48ash-Algorithm",
	} {
		r := verify.Request{URL: file + "?" + encoded + "=1", Cookies: valid}
		_, err := verifier(t).Verify(r)
		check := verifier(t).Explain(r).Check(verify.CheckCredential)
		if !errors.Is(err, verify.ErrAmbiguous) || check.Outcome != verify.Failed || !strings.Contains(check.Detail, name+" is percent-encoded") {
			t.Errorf("%s: %v, %v", encoded, err, check)
		}
	}
}
