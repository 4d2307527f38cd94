// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"bytes"
	"crypto"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
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
				return e.named(strings.TrimSpace(t.fix + " " + e.besides(hash)))
			}
		}
	}
	return ""
}

// besides says what is wrong with the hash as well.
func (e *examination) besides(hash crypto.Hash) string {
	if hash == e.hash {
		return ""
	}
	return e.hashFix(hash)
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
	expires := e.credential.values.get(wire.ParamExpires)
	trials := otherForms(e.document)
	for _, other := range otherTimes(expires) {
		trials = append(trials, trial{cannedDocument(e.credential.url, other.expires), other.fix})
	}
	for _, other := range e.otherURLs() {
		trials = append(trials, trial{cannedDocument(other.url, expires), other.fix})
	}
	escaped, _ := json.Marshal(e.credential.url) // which a string never fails
	return append(trials, trial{
		cannedDocument(strings.Trim(string(escaped), `"`), expires),
		`The policy was signed with & < > as \u0026 \u003c \u003e: turn off HTML escaping in the JSON encoder.`,
	})
}

// otherForms are those in which a policy document is signed by mistake.
func otherForms(document []byte) []trial {
	const fix = "The policy was signed with other white space than it was sent with: encode exactly the bytes that are signed."
	const slashes = `The policy was signed with / as \/: turn off the escaping of slashes in the JSON encoder.`
	trials := []trial{
		{spaced(document), fix},
		{bytes.ReplaceAll(document, []byte("/"), []byte(`\/`)), slashes},
		{bytes.ReplaceAll(document, []byte(`\/`), []byte("/")), slashes},
		{unlisted(document), "The policy was signed with a Statement that is no list: write it in brackets, also if there is one."},
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

// spaced is the form that json.dumps of Python writes unless it is told otherwise. It
// is for documents without white space.
func spaced(document []byte) []byte {
	return []byte(strings.NewReplacer(`":`, `": `, `",`, `", `, `},`, `}, `).Replace(string(document)))
}

// unlisted is a policy whose statement stands for itself.
func unlisted(document []byte) []byte {
	return []byte(strings.NewReplacer("[{", "{", "}]", "}").Replace(string(document)))
}

// A changedTime is one that may have been signed instead of the one that was sent.
type changedTime struct{ expires, fix string }

func otherTimes(expires string) []changedTime {
	seconds, err := strconv.ParseInt(expires, 10, 64)
	if err != nil {
		return nil
	}
	const twice = "Another expiry was signed than was sent, as where the time is taken twice: take it once."
	return []changedTime{
		{`"` + expires + `"`, "The expiry was signed in quotation marks: sign it as a number."},
		{expires + "000", "The expiry was signed in milliseconds: sign it in seconds."},
		{strconv.FormatInt(seconds+1, 10), twice},
		{strconv.FormatInt(seconds-1, 10), twice},
	}
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
		urls = append(urls, otherQueries(base, query)...)
	}
	if decoded, err := url.PathUnescape(requested); err == nil && decoded != requested {
		urls = append(urls, changedURL{decoded, "The URL was signed without percent-encoding: sign it as it is requested."})
	}
	if twice := strings.ReplaceAll(requested, "%", "%25"); twice != requested {
		urls = append(urls, changedURL{twice, "The URL was percent-encoded twice for signing: sign it as it is requested."})
	}
	return append(urls, wildcards(base)...)
}

// otherQueries are those without some of the parameters, and with all in their order
// by name.
func otherQueries(base, query string) []changedURL {
	const (
		fix  = "The URL was signed with part of its query, or with the parameters in another order: add all of them before signing, and keep their order."
		most = 20
	)
	parameters := strings.Split(query, "&")
	if len(parameters) < 2 || len(parameters) > most {
		return nil
	}
	sorted := slices.Sorted(slices.Values(parameters))
	urls := []changedURL{{base + "?" + strings.Join(sorted, "&"), fix}}
	for i := range parameters {
		if i > 0 {
			urls = append(urls, changedURL{base + "?" + strings.Join(parameters[:i], "&"), fix})
		}
		rest := slices.Concat(parameters[:i], parameters[i+1:])
		urls = append(urls, changedURL{base + "?" + strings.Join(rest, "&"), fix})
	}
	return urls
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
