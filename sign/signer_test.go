// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/fips140"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

const (
	keyPairID = "K2JCJMDEHXQW5F"
	base      = "https://cdn.example.com"
)

var (
	now     = time.Unix(1767200000, 0)
	expires = time.Unix(1767290400, 0)
)

func clock() time.Time { return now }

func newSigner(t testing.TB, key crypto.Signer, hash crypto.Hash) *sign.Signer {
	t.Helper()
	s, err := sign.New(keyPairID, key, sign.Options{Hash: hash, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// skipSHA1UnderFIPS skips tests of SHA-1 if the process cannot use it.
func skipSHA1UnderFIPS(t testing.TB, hash crypto.Hash) {
	t.Helper()
	if hash == crypto.SHA1 && fips140.Enforced() {
		t.Skip("SHA-1 is not available with GODEBUG=fips140=only")
	}
}

func canned(t testing.TB, rawURL string) policy.Policy {
	t.Helper()
	p, err := policy.Canned(rawURL, expires)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func custom(t testing.TB, pattern string) policy.Policy {
	t.Helper()
	r, err := policy.PatternAnyHostFromConfig(pattern)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Custom(r, policy.Conditions{Expires: expires})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// decode decodes CloudFront's base64. It uses only the standard library.
func decode(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "=", "~", "/").Replace(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// verifies reports whether signature is the key's signature over message. It uses only
// the standard library.
func verifies(public crypto.PublicKey, hash crypto.Hash, message, signature []byte) bool {
	sum256 := sha256.Sum256(message)
	digest := sum256[:]
	if hash == crypto.SHA1 {
		sum1 := sha1.Sum(message)
		digest = sum1[:]
	}
	switch public := public.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(public, hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(public, digest, signature)
	}
	return false
}

var algorithms = []struct {
	name string
	key  crypto.Signer
	hash crypto.Hash
}{
	{"RSA SHA-256", testkeys.RSA(), crypto.SHA256},
	{"RSA SHA-1", testkeys.RSA(), crypto.SHA1},
	{"P-256 SHA-256", testkeys.P256(), crypto.SHA256},
	{"P-256 SHA-1", testkeys.P256(), crypto.SHA1},
}

func TestURLs(t *testing.T) {
	policies := []struct {
		name   string
		policy policy.Policy
		rawURL string
	}{
		{"canned", canned(t, base+"/a.jpg"), base + "/a.jpg"},
		{"canned with query", canned(t, base+"/a?b=1&c=2"), base + "/a?b=1&c=2"},
		{"canned with question marks", canned(t, base+"/a?b=/c?d"), base + "/a?b=/c?d"},
		{"custom", custom(t, base+"/u/7/*"), base + "/u/7/my%20file.jpg"},
		{"custom with query", custom(t, base+"/u/7/*"), base + "/u/7/a?x=%27"},
	}
	for _, algorithm := range algorithms {
		for _, tt := range policies {
			t.Run(algorithm.name+"/"+tt.name, func(t *testing.T) {
				skipSHA1UnderFIPS(t, algorithm.hash)
				signed, err := newSigner(t, algorithm.key, algorithm.hash).Sign(t.Context(), tt.policy)
				if err != nil {
					t.Fatal(err)
				}
				signedURL, err := signed.URL(tt.rawURL)
				if err != nil {
					t.Fatal(err)
				}
				checkSignedURL(t, signedURL, tt.rawURL, tt.policy, algorithm.key.Public(), algorithm.hash)
			})
		}
	}
}

// checkSignedURL takes a signed URL apart without the library.
func checkSignedURL(t testing.TB, signedURL, rawURL string, p policy.Policy, public crypto.PublicKey, hash crypto.Hash) {
	t.Helper()
	parameters, ok := strings.CutPrefix(signedURL, rawURL)
	separator := "?"
	if strings.Contains(rawURL, "?") {
		separator = "&"
	}
	parameters, separated := strings.CutPrefix(parameters, separator)
	if !ok || !separated {
		t.Fatalf("%q does not begin with %q and %s", signedURL, rawURL, separator)
	}
	values, err := url.ParseQuery(parameters)
	if err != nil {
		t.Fatal(err)
	}
	message := p.JSON()
	want := url.Values{"Key-Pair-Id": {keyPairID}, "Signature": values["Signature"]}
	if p.IsCanned() {
		want.Set("Expires", "1767290400")
	} else {
		want["Policy"] = values["Policy"]
		if diff := cmp.Diff(string(message), string(decode(t, values.Get("Policy")))); diff != "" {
			t.Errorf("policy (-want +got):\n%s", diff)
		}
	}
	if hash == crypto.SHA256 {
		want.Set("Hash-Algorithm", "SHA256")
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if !verifies(public, hash, message, decode(t, values.Get("Signature"))) {
		t.Error("the signature does not verify")
	}
}

func TestParameterOrder(t *testing.T) {
	signer := newSigner(t, testkeys.P256(), crypto.SHA256)
	for want, p := range map[string]policy.Policy{
		"Expires Signature Key-Pair-Id Hash-Algorithm": canned(t, base+"/a"),
		"Policy Signature Key-Pair-Id Hash-Algorithm":  custom(t, base+"/a"),
	} {
		signed, err := signer.Sign(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		signedURL, err := signed.URL(base + "/a")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		_, query, _ := strings.Cut(signedURL, "?")
		for parameter := range strings.SplitSeq(query, "&") {
			name, _, _ := strings.Cut(parameter, "=")
			names = append(names, name)
		}
		if diff := cmp.Diff(want, strings.Join(names, " ")); diff != "" {
			t.Errorf("order of AWS's tools (-want +got):\n%s", diff)
		}
	}
}

func TestURLIsCannedInOneCall(t *testing.T) {
	for _, algorithm := range algorithms {
		t.Run(algorithm.name, func(t *testing.T) {
			skipSHA1UnderFIPS(t, algorithm.hash)
			signer := newSigner(t, algorithm.key, algorithm.hash)
			signed, err := signer.Sign(t.Context(), canned(t, base+"/a?b=1"))
			if err != nil {
				t.Fatal(err)
			}
			want, err := signed.URL(base + "/a?b=1")
			if err != nil {
				t.Fatal(err)
			}
			got, err := signer.URL(t.Context(), base+"/a?b=1", expires)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the short way differs, or signing is not deterministic (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	signer, err := sign.New(keyPairID, testkeys.P256(), sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	signedURL, err := signer.URL(t.Context(), base+"/a", time.Now().Add(time.Minute))
	if err != nil || !strings.HasSuffix(signedURL, "&Key-Pair-Id="+keyPairID+"&Hash-Algorithm=SHA256") {
		t.Errorf("SHA-256 and time.Now are the defaults: %v", err)
	}
	if _, err := signer.URL(t.Context(), base+"/a", time.Now().Add(-time.Minute)); !errors.Is(err, sign.ErrExpired) {
		t.Errorf("a past time: %v", err)
	}
	if got := signer.KeyPairID(); got != keyPairID {
		t.Errorf("KeyPairID = %q", got)
	}
}

func TestNewRefuses(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := crypto.Signer(testkeys.P256())
	tests := []struct {
		name    string
		id      string
		key     crypto.Signer
		hash    crypto.Hash
		refused error
		advice  string
	}{
		{"empty ID", "", good, 0, keys.ErrKeyPairID, "public key"},
		{"injection", "K1&Policy=x", good, 0, keys.ErrKeyPairID, "letter or digit"},
		{"long ID", strings.Repeat("K", 65), good, 0, keys.ErrKeyPairID, "64"},
		{"nil key", keyPairID, nil, 0, keys.ErrNoKey, "nil"},
		{"nil rsa key", keyPairID, (*rsa.PrivateKey)(nil), 0, keys.ErrNoKey, "empty"},
		{"p384", keyPairID, p384, 0, keys.ErrUnsupportedKey, "P-384"},
		{"sha-512", keyPairID, good, crypto.SHA512, sign.ErrHash, "crypto.SHA256"},
		{"md5", keyPairID, good, crypto.MD5, sign.ErrHash, "crypto.SHA256"},
		{"unknown hash", keyPairID, good, 999, sign.ErrHash, "crypto.SHA256"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			signer, err := sign.New(tt.id, tt.key, sign.Options{Hash: tt.hash})
			checkRefusal(t, err, tt.refused, tt.advice)
			if signer != nil {
				t.Error("a signer next to the error")
			}
		})
	}
}

func checkRefusal(t *testing.T, err, refused error, advice string) {
	t.Helper()
	if !errors.Is(err, refused) || !strings.Contains(err.Error(), advice) {
		t.Errorf("got error %v, want %v that says %q", err, refused, advice)
	}
}

func TestSHA1UnderFIPS(t *testing.T) {
	_, err := sign.New(keyPairID, testkeys.RSA(), sign.Options{Hash: crypto.SHA1})
	if fips140.Enforced() {
		checkRefusal(t, err, sign.ErrHash, "SHA-256")
	} else if err != nil {
		t.Error(err)
	}
}

func TestExpiredPoliciesRefused(t *testing.T) {
	tests := []struct {
		name    string
		now     time.Time
		refused bool
		unit    bool // whether the error says that a Duration may have no unit
		reason  string
	}{
		{"before", expires.Add(-time.Second), false, false, "one second is left"},
		{"within the last second", expires.Add(-time.Nanosecond), false, false, "the edge counts whole seconds"},
		{"at", expires, true, true, "access ends at that second"},
		{"within", expires.Add(time.Millisecond), true, true, "access has ended"},
		{"a second after", expires.Add(time.Second), true, true, "the clock ticked after time.Now().Add(15)"},
		{"two seconds after", expires.Add(2 * time.Second), true, false, "access has ended"},
		{"after", expires.Add(time.Hour), true, false, "access has ended"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			signer, err := sign.New(keyPairID, testkeys.P256(), sign.Options{Clock: func() time.Time { return tt.now }})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range []policy.Policy{canned(t, base+"/a"), custom(t, base+"/*")} {
				_, err := signer.Sign(t.Context(), p)
				if got := errors.Is(err, sign.ErrExpired); got != tt.refused || !got && err != nil {
					t.Errorf("refused: %t (%v), although %s", got, err, tt.reason)
				}
				if got := err != nil && strings.Contains(err.Error(), "nanoseconds"); got != tt.unit {
					t.Errorf("%v, although %s", err, tt.reason)
				}
			}
			if _, err := signer.URL(t.Context(), base+"/a", expires); errors.Is(err, sign.ErrExpired) != tt.refused {
				t.Errorf("URL: %v", err)
			}
		})
	}
}

func TestZeroValues(t *testing.T) {
	signer := newSigner(t, testkeys.P256(), 0)
	var noContext context.Context
	_, zeroPolicy := signer.Sign(t.Context(), policy.Policy{})
	_, nilContext := signer.Sign(noContext, canned(t, base+"/a"))
	_, zeroSigner := (&sign.Signer{}).Sign(t.Context(), canned(t, base+"/a"))
	_, nilSigner := (*sign.Signer)(nil).URL(t.Context(), base+"/a", expires)
	_, zeroSigned := sign.SignedPolicy{}.URL(base + "/a")
	_, zeroSet := sign.CookieSet{}.Cookies(sign.CookieAttributes{})
	for name, err := range map[string]error{
		"policy": zeroPolicy, "context": nilContext, "signer": zeroSigner, "nil signer": nilSigner,
		"signed policy": zeroSigned, "cookie set": zeroSet,
	} {
		if !errors.Is(err, sign.ErrZeroValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if now := (&sign.Signer{}).Now(); time.Since(now) > time.Minute {
		t.Errorf("the zero signer's clock shows %v", now)
	}
	if now := signer.Now(); !now.Equal(clock()) {
		t.Errorf("the signer's clock shows %v", now)
	}
	var zero sign.SignedPolicy
	if query := zero.AppendUncheckedQuery([]byte("x")); string(query) != "x" {
		t.Errorf("the zero signed policy appends %q", query)
	}
	if zero.Policy() != (policy.Policy{}) || zero.CookieSet() != (sign.CookieSet{}) {
		t.Error("the zero signed policy has something")
	}
	for name := range zero.CookieSet().All() {
		t.Errorf("the zero cookie set has %s", name)
	}
}

// TestReceivedPoliciesRefused: what CloudFront accepts from a viewer is not always what this
// library signs.
func TestReceivedPoliciesRefused(t *testing.T) {
	const conditions = `"Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}`
	parse := func(beginning string) policy.Policy {
		p, err := policy.Parse([]byte(beginning + conditions))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	rebuild := func(url string) policy.Policy {
		p, err := policy.Rebuild(url, expires.Unix())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	tests := []struct {
		name    string
		policy  policy.Policy
		refused bool
		reason  string
	}{
		{"no resource", parse(`{"Statement":[{`), true, "it is for everything"},
		{"no scheme", parse(`{"Statement":[{"Resource":"*example.com/*",`), true, "it is for every host that ends so"},
		{"asterisk in a canned URL", rebuild(base + "/a*"), true, "it would be a wildcard in a custom policy"},
		{"query that clients rewrite", rebuild(base + "/a?b[]=1"), true, "the signature would fit only some clients"},
		{"custom", parse(`{"Statement":[{"Resource":"` + base + `/*",`), false, "the same can be made with Directory"},
		{"canned", rebuild(base + "/a"), false, "the same can be made with Canned"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newSigner(t, testkeys.P256(), 0).Sign(t.Context(), tt.policy)
			if got := errors.Is(err, policy.ErrDocument); got != tt.refused || !got && err != nil {
				t.Errorf("refused: %t (%v), although %s", got, err, tt.reason)
			}
		})
	}
}

func TestAppendUncheckedQuery(t *testing.T) {
	signed, err := newSigner(t, testkeys.P256(), 0).Sign(t.Context(), custom(t, base+"/u/*"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := signed.URL(base + "/u/a")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(signed.AppendUncheckedQuery([]byte(base + "/u/a?"))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestAppendURL: what is appended is the result of URL, behind what was there.
func TestAppendURL(t *testing.T) {
	signed, err := newSigner(t, testkeys.P256(), 0).Sign(t.Context(), custom(t, base+"/u/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, rawURL := range []string{base + "/u/a", base + "/u/a?b=1", base + "/u/", base + "/u/100%25/.a?c=d?"} {
		want, err := signed.URL(rawURL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := signed.AppendURL([]byte("before "), rawURL)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("before "+want, string(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	buffer := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(10, func() { _, _ = signed.AppendURL(buffer, base+"/u/a?b=1") }); n > 0 {
		t.Errorf("%v allocations with a buffer that is long enough", n)
	}
	if _, err := (sign.SignedPolicy{}).AppendURL(nil, base+"/u/a"); !errors.Is(err, sign.ErrZeroValue) {
		t.Errorf("the zero SignedPolicy: %v", err)
	}
}

// TestQueryInTemplate: html/template encodes a query behind the question mark of a link, unless
// the program says that it is one.
func TestQueryInTemplate(t *testing.T) {
	signed, err := newSigner(t, testkeys.P256(), 0).Sign(t.Context(), custom(t, base+"/u/*"))
	if err != nil {
		t.Fatal(err)
	}
	query := string(signed.AppendUncheckedQuery(nil))
	link := template.Must(template.New("").Parse(`<a href="https://cdn.example.com/u/a?{{.}}">`))
	for _, tt := range []struct {
		value any
		want  bool
	}{{query, false}, {template.URL(query), true}} {
		var page strings.Builder
		if err := link.Execute(&page, tt.value); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(html.UnescapeString(page.String()), "/u/a?"+query+`"`); got != tt.want {
			t.Errorf("%T: %s", tt.value, &page)
		}
	}
}

func TestSignedPolicyCoversOnlyItsURLs(t *testing.T) {
	signer := newSigner(t, testkeys.P256(), 0)
	tests := []struct {
		name    string
		policy  policy.Policy
		rawURL  string
		refused error
	}{
		{"canned, other path", canned(t, base+"/a"), base + "/b", policy.ErrNotCovered},
		{"canned, other query", canned(t, base+"/a?b=1"), base + "/a?b=2", policy.ErrNotCovered},
		{"canned, added query", canned(t, base+"/a"), base + "/a?b=2", policy.ErrNotCovered},
		{"custom, other folder", custom(t, base+"/u/7/*"), base + "/u/8/a", policy.ErrNotCovered},
		{"custom, other host", custom(t, base+"/u/7/*"), "https://evil.example/u/7/a", policy.ErrNotCovered},
		{"custom, dots", custom(t, base+"/u/7/*"), base + "/u/7/../8/a", policy.Reason("dot_segment")},
		{"custom, fragment", custom(t, base+"/u/7/*"), base + "/u/7/a#b", policy.Reason("fragment")},
		{"custom, space", custom(t, base+"/u/7/*"), base + "/u/7/a b", policy.Reason("character")},
		{"custom, signed already", custom(t, base+"/u/7/*"), base + "/u/7/a?Policy=x", policy.Reason("reserved_name")},
		{"custom, too long when signed", custom(t, base+"/u/7/*"), base + "/u/7/" + strings.Repeat("a", 8100), policy.ErrTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			signed, err := signer.Sign(t.Context(), tt.policy)
			if err != nil {
				t.Fatal(err)
			}
			got, err := signed.URL(tt.rawURL)
			if !errors.Is(err, tt.refused) || got != "" {
				t.Errorf("got %q, %v", got, err)
			}
			appended, err := signed.AppendURL([]byte("before"), tt.rawURL)
			if !errors.Is(err, tt.refused) || string(appended) != "before" {
				t.Errorf("appended: got %q, %v", appended, err)
			}
			if diff := cmp.Diff(tt.policy, signed.Policy(), cmpopts.EquateComparable(policy.Policy{})); diff != "" {
				t.Errorf("Policy (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := signer.URL(t.Context(), base+"/"+strings.Repeat("a", 8100), expires); !errors.Is(err, policy.ErrTooLong) {
		t.Errorf("a canned URL that is too long when signed: %v", err)
	}
	if _, err := signer.URL(t.Context(), base+"/*", expires); !errors.Is(err, policy.ErrWildcard) {
		t.Errorf("a canned wildcard: %v", err)
	}
}

func TestLongestSignedURL(t *testing.T) {
	signer := newSigner(t, testkeys.RSA(), 0)
	short, err := signer.URL(t.Context(), base+"/a", expires)
	if err != nil {
		t.Fatal(err)
	}
	room := 8192 - len(short)
	for extra, want := range map[int]error{room: nil, room + 1: policy.ErrTooLong} {
		got, err := signer.URL(t.Context(), base+"/a"+strings.Repeat("a", extra), expires)
		if !errors.Is(err, want) || want == nil && len(got) != 8192 {
			t.Errorf("%d bytes: %v", len(short)+extra, err)
		}
	}
}

// remote is a foreign signer of one of three kinds. It counts its uses.
type remote struct {
	crypto.Signer
	calls     *[]string
	sawRand   *bool
	err       error
	signature []byte
}

func newRemote(key crypto.Signer) remote {
	return remote{Signer: key, calls: new([]string), sawRand: new(bool)}
}

func (r remote) answer(kind string, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	*r.calls = append(*r.calls, kind)
	if r.err != nil || r.signature != nil {
		return r.signature, r.err
	}
	return r.Signer.Sign(rand.Reader, digest, opts)
}

func (r remote) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	*r.sawRand = random != nil
	return r.answer("Sign", digest, opts)
}

type messageRemote struct{ remote }

func (r messageRemote) SignMessage(random io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	*r.sawRand = random != nil
	h := opts.HashFunc().New()
	h.Write(message)
	return r.answer("SignMessage", h.Sum(nil), opts)
}

type contextRemote struct{ messageRemote }

func (r contextRemote) SignContext(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.answer("SignContext", digest, opts)
}

var (
	_ keys.ContextSigner   = contextRemote{}
	_ crypto.MessageSigner = messageRemote{}
)

func TestForeignSigners(t *testing.T) {
	for _, algorithm := range algorithms {
		plain, message, withContext := newRemote(algorithm.key), newRemote(algorithm.key), newRemote(algorithm.key)
		tests := []struct {
			name   string
			key    crypto.Signer
			remote remote
			want   string
			reason string
		}{
			{"signer", plain, plain, "Sign", "the least that a key can do"},
			{"message signer", messageRemote{message}, message, "SignMessage", "it hashes itself"},
			{"context signer", contextRemote{messageRemote{withContext}}, withContext, "SignContext", "it can be cancelled"},
		}
		for _, tt := range tests {
			t.Run(algorithm.name+"/"+tt.name, func(t *testing.T) {
				skipSHA1UnderFIPS(t, algorithm.hash)
				got, err := newSigner(t, tt.key, algorithm.hash).URL(t.Context(), base+"/a", expires)
				if err != nil {
					t.Fatal(err)
				}
				checkSignedURL(t, got, base+"/a", canned(t, base+"/a"), algorithm.key.Public(), algorithm.hash)
				if diff := cmp.Diff([]string{tt.want}, *tt.remote.calls); diff != "" {
					t.Errorf("one call, because %s (-want +got):\n%s", tt.reason, diff)
				}
				if tt.want != "SignContext" && !*tt.remote.sawRand {
					t.Error("the signer got no source of randomness: some signers always read it")
				}
			})
		}
	}
}

func TestForeignSignersFail(t *testing.T) {
	failure := errors.New("the device is locked")
	wrong, err := testkeys.OtherP256().Sign(rand.Reader, make([]byte, 32), crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name      string
		err       error
		signature []byte
		want      error
	}{
		{"error", failure, nil, failure},
		{"error and signature", failure, wrong, failure},
		{"nothing", nil, []byte{}, sign.ErrSignature},
		{"another key's", nil, wrong, sign.ErrSignature},
		{"garbage", nil, []byte("signature"), sign.ErrSignature},
		{"raw r and s", nil, make([]byte, 64), sign.ErrSignature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key := newRemote(testkeys.P256())
			key.err, key.signature = tt.err, tt.signature
			signer := newSigner(t, key, 0)
			signed, err := signer.Sign(t.Context(), custom(t, base+"/*"))
			if !errors.Is(err, tt.want) || signed != (sign.SignedPolicy{}) {
				t.Errorf("got %v, %v", signed, err)
			}
			if got, err := signer.URL(t.Context(), base+"/a", expires); !errors.Is(err, tt.want) || got != "" {
				t.Errorf("URL: got %q, %v", got, err)
			}
		})
	}
}

// scribbler is a key that overwrites the digest it gets.
type scribbler struct{ crypto.Signer }

func (s scribbler) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	slices.Reverse(digest)
	return s.Signer.Sign(random, digest, opts)
}

func TestSignatureOverChangedDigest(t *testing.T) {
	got, err := newSigner(t, scribbler{testkeys.P256()}, 0).URL(t.Context(), base+"/a", expires)
	if !errors.Is(err, sign.ErrSignature) || got != "" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCancelledContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the viewer went away"))
	key := newRemote(testkeys.P256())
	for _, k := range []crypto.Signer{testkeys.P256(), testkeys.RSA(), key, contextRemote{messageRemote{key}}} {
		if _, err := newSigner(t, k, 0).URL(ctx, base+"/a", expires); !errors.Is(err, context.Canceled) {
			t.Errorf("%T: %v", k, err)
		}
	}
	if len(*key.calls) != 0 {
		t.Errorf("the key was used after the end: %v", *key.calls)
	}
}

func TestConcurrentUse(t *testing.T) {
	signer := newSigner(t, testkeys.P256(), 0)
	signed, err := signer.Sign(t.Context(), custom(t, base+"/*"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := signer.URL(t.Context(), base+"/a", expires)
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 50 {
				if got, err := signer.URL(t.Context(), base+"/a", expires); err != nil || got != want {
					t.Errorf("got another URL, %v", err)
				}
				if _, err := signed.URL(base + "/b"); err != nil {
					t.Error(err)
				}
				if _, err := signed.CookieSet().Cookies(sign.CookieAttributes{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestLoad: Load is LoadPrivate and New, and says if the arguments are swapped.
func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "private_key.pem")
	if err := os.WriteFile(file, testkeys.P256PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err := sign.Load(keyPairID, file, sign.Options{Within: sign.Bounds{Lifetime: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	for lifetime, want := range map[time.Duration]error{30 * time.Second: nil, time.Hour: sign.ErrBounds} {
		if _, err := signer.URL(t.Context(), "https://cdn.example.com/a", time.Now().Add(lifetime)); !errors.Is(err, want) {
			t.Errorf("for %v: %v, want %v", lifetime, err, want)
		}
	}
	for _, tt := range []struct {
		id, file string
		options  sign.Options
		want     error
		reason   string
	}{
		{keyPairID, file + "x", sign.Options{}, fs.ErrNotExist, "no such file"},
		{file, keyPairID, sign.Options{}, keys.ErrKeyPairID, "swapped"},
		{"", file, sign.Options{}, keys.ErrKeyPairID, "the ID is missing"},
		{keyPairID, file, sign.Options{Hash: crypto.MD5}, sign.ErrHash, "an invalid option"},
	} {
		signer, err := sign.Load(tt.id, tt.file, tt.options)
		if !errors.Is(err, tt.want) || signer != nil {
			t.Errorf("%s: %v, want %v", tt.reason, err, tt.want)
		}
		if saysOrder := strings.Contains(fmt.Sprint(err), "the ID comes first"); saysOrder != (tt.reason == "swapped") {
			t.Errorf("%s: %v", tt.reason, err)
		}
	}
}
