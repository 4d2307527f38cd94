// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"bytes"
	"crypto"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A trial is something else that may have been signed, and what to do if it was.
type trial struct {
	document []byte
	fix      string
}

// signedInstead tries what signers are known to do wrong, and returns how to fix
// what the signature turns out to be, or "".
func (e *examination) signedInstead() string {
	for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA1} {
		if scheme.CheckHash(hash) != nil {
			continue
		}
		if hash != e.hash && e.fits(e.key, hash, e.document) {
			return e.named(e.hashFix(hash))
		}
		if id := e.otherKey(hash); id != "" {
			return e.named(fmt.Sprintf("The signature was made with another trusted key: send %s=%s with it.", wire.ParamKeyPairID, id))
		}
		for _, t := range e.trials() {
			if e.fits(e.key, hash, t.document) {
				return e.named(t.fix)
			}
		}
	}
	return ""
}

// hashFix says what to do about a signature over another hash than was named.
func (e *examination) hashFix(hash crypto.Hash) string {
	switch {
	case hash == crypto.SHA256:
		return "The signature was made with SHA-256: send " + wire.ParamHashAlgorithm + "=" + wire.HashSHA256 + "."
	case e.verifier.allows(hash):
		return "The signature was made with SHA-1: send no " + wire.ParamHashAlgorithm + ", or better sign with SHA-256."
	}
	return "The signature was made with SHA-1: sign with SHA-256."
}

// otherKey returns the ID of another key whose signature this is.
func (e *examination) otherKey(hash crypto.Hash) string {
	for _, id := range e.verifier.Keys.IDs() {
		if key, _ := e.verifier.trusted(id); key != e.key && e.fits(key, hash, e.document) {
			return id
		}
	}
	return ""
}

func (e *examination) trials() []trial {
	if !e.credential.isCanned() {
		return otherForms(e.document)
	}
	var trials []trial
	for _, other := range e.otherURLs() {
		trials = append(trials, trial{cannedDocument(other.url, e.credential.values.get(wire.ParamExpires)), other.fix})
	}
	escaped, _ := json.Marshal(e.credential.url) // which a string never fails
	return append(trials, trial{
		cannedDocument(strings.Trim(string(escaped), `"`), e.credential.values.get(wire.ParamExpires)),
		`The policy was signed with & < > as \u0026 \u003c \u003e: turn off HTML escaping in the JSON encoder.`,
	})
}

// otherForms are those in which a policy document is signed by mistake.
func otherForms(document []byte) []trial {
	const fix = "The policy was signed with other white space than it was sent with: encode exactly the bytes that are signed."
	trials := []trial{
		{append(bytes.Clone(document), '\n'), fix},
		{bytes.TrimSpace(document), fix},
		{bytes.ReplaceAll(document, []byte("\r\n"), []byte("\n")), fix},
		{[]byte(encodeBase64(document)), "The policy was encoded before it was signed: sign the JSON, then encode policy and signature."},
	}
	if _, err := policy.Parse(document); err != nil {
		return trials // what is nested deeply grows out of bounds when it is indented
	}
	for _, indent := range []string{"", "  ", "    ", "\t"} {
		var other bytes.Buffer
		if json.Indent(&other, document, "", indent) == nil {
			trials = append(trials, trial{other.Bytes(), fix})
		}
	}
	var compact bytes.Buffer
	if json.Compact(&compact, document) == nil {
		trials = append(trials, trial{compact.Bytes(), fix})
	}
	return trials
}

// A changedURL is one that may have been signed instead of the requested one.
type changedURL struct{ url, fix string }

func (e *examination) otherURLs() []changedURL {
	requested := e.credential.url
	scheme, rest, _ := strings.Cut(requested, "://")
	other := map[string]string{"https": "http", "http": "https"}[scheme]
	base, query, hasQuery := strings.Cut(requested, "?")
	urls := []changedURL{
		{other + "://" + rest, "The URL was signed with " + other + "://: sign the scheme that viewers use. Behind a proxy that ends TLS, see that the verifier is told of https."},
		{base + "?" + query, "The URL was signed with a question mark at its end: leave it out."},
	}
	if hasQuery {
		urls = append(urls, changedURL{base, "The URL was signed without its query: add the application's parameters before signing."})
	}
	if decoded, err := url.PathUnescape(requested); err == nil && decoded != requested {
		urls = append(urls, changedURL{decoded, "The URL was signed without percent-encoding: sign it as it is requested."})
	}
	if twice := strings.ReplaceAll(requested, "%", "%25"); twice != requested {
		urls = append(urls, changedURL{twice, "The URL was percent-encoded twice for signing: sign it as it is requested."})
	}
	return append(urls, wildcards(base)...)
}

// wildcards are the patterns that cover a URL by one of its directories, or the
// whole host. With a canned policy they cover nothing.
func wildcards(base string) []changedURL {
	const (
		fix     = "A resource with a wildcard was signed, and sent as a canned policy: send Policy instead of Expires."
		deepest = 10
	)
	var urls []changedURL
	scheme := strings.Index(base, "://") + len("://")
	for range deepest {
		end := strings.LastIndexByte(base, '/')
		if end < scheme {
			break
		}
		base = base[:end]
		for _, prefix := range []string{base[:scheme], "http*://", "*://"} {
			urls = append(urls, changedURL{prefix + base[scheme:] + "/*", fix})
		}
	}
	return append(urls, changedURL{"*", fix})
}

// cannedDocument is a canned policy for any text.
func cannedDocument(resource, expires string) []byte {
	return fmt.Appendf(nil, `{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%s}}}]}`, resource, expires)
}

func encodeBase64(b []byte) string { return string(wire.AppendEncode(nil, b)) }
