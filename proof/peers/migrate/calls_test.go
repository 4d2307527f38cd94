// SPDX-License-Identifier: Apache-2.0

package migrate_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/policy/awspolicy"
	"github.com/cfsign/cfsign/sign"
)

// A call tries one row of the table for the AWS SDK for Go, with one of the two hashes.
type call func(*calls)

// calls has the signers of both sides.
type calls struct {
	*testing.T
	urls    *awssign.URLSigner
	cookies *awssign.CookieSigner
	signer  *sign.Signer
	hash    awssign.HashAlgorithm

	end    time.Time
	folder policy.Resource
}

// rows are the first cells of the table.
var rows = map[string]call{
	"`LoadPEMPrivKeyFile`, `LoadPEMPrivKey`, `LoadPEMPrivKeyPKCS8AsSigner`": (*calls).loadKeys,
	"`NewURLSigner`, `NewCookieSigner`":                                     (*calls).newSigners,
	"`URLSigner.Sign`":                                                      (*calls).url,
	"`URLSigner.Sign`, with a name from the request in the URL":             (*calls).urlWithName,
	"`URLSigner.SignWithPolicy`":                                            (*calls).urlWithPolicy,
	"`URLSigner.SignWithPolicy`, with a start or an address":                (*calls).urlWithConditions,
	"`CookieSigner.Sign`":                                                   (*calls).cookiesForURL,
	"`CookieSigner.SignWithPolicy`":                                         (*calls).cookiesWithPolicy,
	"`Sign` and `SignWithAlgorithm` of `Policy`":                            (*calls).policySign,
	"`NewCannedPolicy`, `Policy`, `Statement`, `Condition`":                 (*calls).awsPolicy,
	"`CookieOptions`":                                                       (*calls).options,
	"`NewCannedPolicy` with a user's ID in its resource":                    (*calls).userFolder,
}

// TestCalls tries every row of the table with SHA-1 and SHA-256, and the table has no other
// rows.
func TestCalls(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(rows)), firstCells(string(text), "From the AWS SDK for Go")); diff != "" {
		t.Errorf("the page and the test differ (-test +page):\n%s", diff)
	}
	folder, err := policy.Directory(strings.TrimSuffix(videos, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for name, hash := range map[awssign.HashAlgorithm]crypto.Hash{"": crypto.SHA1, awssign.HashSHA256: crypto.SHA256} {
		for row, try := range rows {
			t.Run(row+" "+hash.String(), func(t *testing.T) {
				c := &calls{
					T: t, urls: awssign.NewURLSigner(keyPairID, key()), cookies: awssign.NewCookieSigner(keyPairID, key()),
					signer: newSigner(t, hash), hash: name, end: time.Now().Add(time.Hour), folder: folder,
				}
				c.urls.HashAlg, c.cookies.HashAlg = name, name
				try(c)
			})
		}
	}
}

// firstCells returns the first cells of the table below a heading, in alphabetical order.
func firstCells(page, heading string) []string {
	_, section, _ := strings.Cut(page, "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var cells []string
	for line := range strings.Lines(section) {
		if cell, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok && strings.HasPrefix(line, "| `") {
			cells = append(cells, cell)
		}
	}
	slices.Sort(cells)
	return cells
}

// same compares bytes.
func (c *calls) same(what, theirs string, theirErr error, ours string, ourErr error) {
	c.Helper()
	if theirErr != nil || ourErr != nil {
		c.Fatalf("%s: %v, %v", what, theirErr, ourErr)
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		c.Errorf("%s (-before +after):\n%s", what, diff)
	}
}

func (c *calls) loadKeys() {
	der, err := x509.MarshalPKCS8PrivateKey(key())
	if err != nil {
		c.Fatal(err)
	}
	file := keyFile(c.T)
	fromFile, err := awssign.LoadPEMPrivKeyFile(file)
	if err != nil {
		c.Fatal(err)
	}
	loaded, err := keys.LoadPrivate(file)
	if err != nil || !fromFile.Equal(loaded) {
		c.Errorf("LoadPrivate: %v", err)
	}
	for _, text := range [][]byte{pkcs1(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})} {
		if parsed, err := keys.ParsePrivate(text); err != nil || !fromFile.Equal(parsed) {
			c.Errorf("ParsePrivate: %v", err)
		}
		_, pkcs1Err := awssign.LoadPEMPrivKey(bytes.NewReader(text))
		_, pkcs8Err := awssign.LoadPEMPrivKeyPKCS8AsSigner(bytes.NewReader(text))
		if (pkcs1Err == nil) == (pkcs8Err == nil) {
			c.Errorf("each of the SDK's functions reads one form: %v, %v", pkcs1Err, pkcs8Err)
		}
	}
}

func (c *calls) newSigners() {
	if theirs := awssign.NewURLSigner("not an ID", nil); theirs == nil {
		c.Error("the SDK has learned to refuse it")
	}
	if _, err := sign.New("not an ID", key(), sign.Options{}); err == nil {
		c.Error("an invalid ID was accepted")
	}
	if _, err := sign.New(keyPairID, nil, sign.Options{}); err == nil {
		c.Error("a nil key was accepted")
	}
}

func (c *calls) url() {
	theirs, theirErr := c.urls.Sign(report+"?a=1&b=2", c.end)
	ours, err := c.signer.URL(c.Context(), report+"?a=1&b=2", c.end)
	c.same("URL", theirs, theirErr, ours, err)
}

// urlWithName: the usual name gives the same URL. Child encodes what clients would rewrite, and refuses a
// name that ends the path or leads out of the folder.
func (c *calls) urlWithName() {
	prefix := strings.TrimSuffix(videos, "*")
	sign := func(name string) (string, error) {
		file, err := c.folder.Child(name)
		if err != nil {
			return "", err
		}
		return c.signer.URL(c.Context(), file, c.end)
	}
	theirs, theirErr := c.urls.Sign(prefix+"trailer.mp4", c.end)
	ours, ourErr := sign("trailer.mp4")
	c.same("the URL", theirs, theirErr, ours, ourErr)
	if spaced, err := sign("my film.mp4"); err != nil || !strings.HasPrefix(spaced, prefix+"my%20film.mp4?") {
		c.Errorf("a space: %v", err)
	}
	for _, name := range []string{"a?b", "../secret.pdf"} {
		if _, err := c.urls.Sign(prefix+name, c.end); err != nil {
			c.Errorf("the SDK refuses %q: %v", name, err)
		}
		if _, err := sign(name); !errors.Is(err, policy.ErrSegment) {
			c.Errorf("%q: %v, want %v", name, err, policy.ErrSegment)
		}
	}
}

func (c *calls) urlWithPolicy() {
	theirs, theirErr := c.urls.SignWithPolicy(trailer, awssign.NewCannedPolicy(videos, c.end))
	ours, err := c.signer.CustomURL(c.Context(), trailer, c.folder, policy.Conditions{Expires: c.end})
	c.same("CustomURL", theirs, theirErr, ours, err)
	signed, err := c.signer.SignResource(c.Context(), c.folder, policy.Conditions{Expires: c.end})
	if err != nil {
		c.Fatal(err)
	}
	ours, err = signed.URL(trailer)
	c.same("SignResource and URL", theirs, theirErr, ours, err)
}

// urlWithConditions: the SDK writes the address, the start and the end, and this library the
// end, the address and the start, as AWS's other tools do. A policy that the SDK wrote keeps its
// bytes through policy.Parse.
func (c *calls) urlWithConditions() {
	start := c.end.Add(-time.Minute)
	p := awssign.NewCannedPolicy(videos, c.end)
	p.Statements[0].Condition.DateGreaterThan = awssign.NewAWSEpochTime(start)
	p.Statements[0].Condition.IPAddress = &awssign.IPAddress{SourceIP: "192.0.2.0/24"}
	theirs, err := c.urls.SignWithPolicy(trailer, p)
	if err != nil {
		c.Fatal(err)
	}
	conditions := policy.Conditions{Expires: c.end, NotBefore: start, SourceIP: new(netip.MustParsePrefix("192.0.2.0/24"))}
	ours, err := c.signer.CustomURL(c.Context(), trailer, c.folder, conditions)
	if err != nil {
		c.Fatal(err)
	}
	_, old := split(c.T, theirs)
	_, now := split(c.T, ours)
	oldText, oldValues := document(c.T, old["Policy"])
	text, values := document(c.T, now["Policy"])
	if diff := cmp.Diff(oldValues, values); diff != "" || oldText == text || old["Signature"] == now["Signature"] {
		c.Errorf("the policies (-before +after):\n%s", diff)
	}
	data, err := json.Marshal(p)
	if err != nil || string(data) != oldText {
		c.Errorf("json.Marshal returns %s, %v, and the SDK signs %s", data, err, oldText)
	}
	received, err := policy.Parse(data)
	if err != nil {
		c.Fatal(err)
	}
	signed, err := c.signer.Sign(c.Context(), received)
	if err != nil {
		c.Fatal(err)
	}
	ours, err = signed.URL(trailer)
	c.same("Parse", theirs, nil, ours, err)
}

func (c *calls) cookiesForURL() {
	theirs, err := c.cookies.Sign(report, c.end)
	if err != nil {
		c.Fatal(err)
	}
	file, err := policy.URL(report)
	if err != nil {
		c.Fatal(err)
	}
	ours, err := c.signer.Cookies(c.Context(), file, policy.Conditions{Expires: c.end}, sign.CookieAttributes{})
	if diff := cmp.Diff(valuesOf(theirs), valuesOf(ours)); err != nil || diff != "" {
		c.Errorf("%v (-before +after):\n%s", err, diff)
	}
	canned, err := policy.Canned(report, c.end)
	if err != nil {
		c.Fatal(err)
	}
	signed, err := c.signer.Sign(c.Context(), canned)
	if _, ok := maps.Collect(signed.CookieSet().All())["CloudFront-Expires"]; err != nil || !ok {
		c.Errorf("no canned cookies: %v", err)
	}
}

func (c *calls) cookiesWithPolicy() {
	theirs, err := c.cookies.SignWithPolicy(awssign.NewCannedPolicy(videos, c.end))
	if err != nil {
		c.Fatal(err)
	}
	ours, err := c.signer.Cookies(c.Context(), c.folder, policy.Conditions{Expires: c.end}, sign.CookieAttributes{Path: "/videos/"})
	if diff := cmp.Diff(valuesOf(theirs), valuesOf(ours)); err != nil || diff != "" {
		c.Errorf("%v (-before +after):\n%s", err, diff)
	}
}

func (c *calls) policySign() {
	signature, encoded, err := awssign.NewCannedPolicy(videos, c.end).SignWithAlgorithm(key(), c.hash)
	if err != nil {
		c.Fatal(err)
	}
	signed, err := c.signer.SignResource(c.Context(), c.folder, policy.Conditions{Expires: c.end})
	if err != nil {
		c.Fatal(err)
	}
	values := maps.Collect(signed.CookieSet().All())
	c.same("policy", string(encoded), nil, values["CloudFront-Policy"], nil)
	c.same("signature", string(signature), nil, values["CloudFront-Signature"], nil)
}

// awsPolicy: with awspolicy, both sides can keep their policies.
func (c *calls) awsPolicy() {
	theirs := awssign.NewCannedPolicy(videos, c.end)
	p, err := awspolicy.From(theirs)
	if err != nil {
		c.Fatal(err)
	}
	want, err := policy.Custom(c.folder, policy.Conditions{Expires: c.end})
	if err != nil || p != want {
		c.Errorf("From: %v, %v", p, err)
	}
	back, err := awspolicy.To(p)
	if err != nil {
		c.Fatal(err)
	}
	signed, err := c.signer.Sign(c.Context(), p)
	if err != nil {
		c.Fatal(err)
	}
	ours, err := signed.URL(trailer)
	before, theirErr := c.urls.SignWithPolicy(trailer, back)
	c.same("To, signed by the SDK", before, theirErr, ours, err)
	theirs.Statements = append(theirs.Statements, theirs.Statements[0])
	if _, err := awspolicy.From(theirs); err == nil {
		c.Error("two statements were accepted")
	}
}

// options: the attributes are the same, except for the defaults.
func (c *calls) options() {
	c.defaults()
	theirs, err := c.cookies.SignWithPolicy(awssign.NewCannedPolicy(videos, c.end), func(o *awssign.CookieOptions) {
		o.Domain, o.Path, o.Secure, o.SameSite = "example.com", "/videos/", true, http.SameSiteLaxMode
	})
	if err != nil {
		c.Fatal(err)
	}
	ours, err := c.signer.Cookies(c.Context(), c.folder, policy.Conditions{Expires: c.end}, sign.CookieAttributes{Domain: "example.com", Path: "/videos/"})
	if err != nil {
		c.Fatal(err)
	}
	for i, cookie := range theirs {
		c.same("Set-Cookie", cookie.String(), nil, ours[i].String(), nil)
	}
}

// defaults: the page lists them.
func (c *calls) defaults() {
	theirs, err := c.cookies.SignWithPolicy(awssign.NewCannedPolicy(videos, c.end))
	if err != nil {
		c.Fatal(err)
	}
	ours, err := c.signer.Cookies(c.Context(), c.folder, policy.Conditions{Expires: c.end}, sign.CookieAttributes{})
	if err != nil {
		c.Fatal(err)
	}
	for i, cookie := range theirs {
		value := cookie.Name + "=" + cookie.Value
		c.same("the SDK's defaults", value+"; HttpOnly", nil, cookie.String(), nil)
		c.same("our defaults", value+"; Path=/; HttpOnly; Secure; SameSite=Lax", nil, ours[i].String(), nil)
	}
}
