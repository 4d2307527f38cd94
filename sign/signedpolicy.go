// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"crypto"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A SignedPolicy is a policy with its signature. You sign once, and use the result for
// any number of URLs and cookies that the policy covers. It is immutable and safe for
// concurrent use. The zero SignedPolicy covers nothing. Two SignedPolicies are equal
// with == if they come from the same call of [Signer.Sign].
//
// A SignedPolicy is a bearer credential. fmt and log/slog print what it covers, and not
// the part that gives access.
type SignedPolicy struct {
	secret
}

// Policy returns the policy that was signed, or the zero Policy for the zero
// SignedPolicy.
func (s SignedPolicy) Policy() policy.Policy {
	if s.isZero() {
		return policy.Policy{}
	}
	return s.reveal().policy
}

// KeyPairID returns the ID of the key that signed, or "" for the zero SignedPolicy.
// After [Signer.Rotate], it can differ from the signer's ID.
func (s SignedPolicy) KeyPairID() string {
	if s.isZero() {
		return ""
	}
	return s.reveal().keyPairID
}

// URL returns rawURL, byte for byte, followed by the signing parameters. It does not use
// the private key.
//
// If the policy does not cover rawURL, or clients would rewrite it, URL returns an error
// of [policy.Resource.CheckStrict]. If the signed URL is longer than CloudFront accepts, it
// returns [policy.ErrTooLong]. The zero SignedPolicy returns [ErrZeroValue].
//
// CloudFront compares the result byte for byte. You can pass it to http.Redirect and
// encoding/json, whose \u0026 is an ampersand for every JSON parser. html/template changes "(",
// ")" and "'" in links, and in srcset a comma, also in a template.URL: percent-encode them in
// rawURL. Some clients change more. The page docs/clients.md lists them.
func (s SignedPolicy) URL(rawURL string) (string, error) {
	if err := s.check(rawURL); err != nil {
		return "", err
	}
	return s.reveal().url(rawURL)
}

// AppendURL appends the result of [SignedPolicy.URL] to dst, and allocates nothing if dst has
// the capacity. It is for code that writes many URLs, such as a page of links. If it returns
// an error, which is an error of URL, it has appended nothing.
func (s SignedPolicy) AppendURL(dst []byte, rawURL string) ([]byte, error) {
	if err := s.check(rawURL); err != nil {
		return dst, err
	}
	return s.reveal().appendURL(dst, rawURL)
}

// check returns an error if the policy does not cover rawURL.
func (s SignedPolicy) check(rawURL string) error {
	if s.isZero() {
		return errNothingSigned
	}
	return s.reveal().policy.Resource().CheckStrict(rawURL)
}

// AppendUncheckedQuery appends the signing parameters to dst, in the form of a URL's query:
// Policy=…&Signature=…&Key-Pair-Id=…. It is for code that writes many URLs. You must first
// check each URL with [policy.Resource.Matches]: a URL of another host would give the
// credential to that host. The zero SignedPolicy appends nothing.
//
// In html/template, do not write this text behind the "?" of a link, where it becomes
// Policy%3d…: pass the whole URL, or convert the text to template.URL.
func (s SignedPolicy) AppendUncheckedQuery(dst []byte) []byte {
	if s.isZero() {
		return dst
	}
	return append(dst, s.reveal().query...)
}

// CookieSet returns the signed cookies for the policy. It does not use the private key.
// The cookies for a canned policy give access to its one URL only.
func (s SignedPolicy) CookieSet() CookieSet { return CookieSet(s) }

// A signedQuery is a policy with the query that gives access to what it covers.
type signedQuery struct {
	policy    policy.Policy
	keyPairID string
	query     string // Policy=…&Signature=…&Key-Pair-Id=…
}

// bufferSize is enough bytes for most queries.
const bufferSize = 768

func newSignedQuery(p *policy.Policy, key *privateKey, signature []byte) signedQuery {
	var buffer [bufferSize]byte
	return signedQuery{policy: *p, keyPairID: key.id, query: string(appendQuery(buffer[:0], p, key, signature))}
}

// appendQuery appends the parameters in the order of AWS's own tools.
func appendQuery(dst []byte, p *policy.Policy, key *privateKey, signature []byte) []byte {
	if p.IsCanned() {
		dst = append(dst, wire.ParamExpires+"="...)
		dst = strconv.AppendInt(dst, p.Expires().Unix(), 10)
	} else {
		var document [bufferSize]byte
		dst = append(dst, wire.ParamPolicy+"="...)
		dst = wire.AppendEncode(dst, p.AppendJSON(document[:0]))
	}
	dst = append(dst, "&"+wire.ParamSignature+"="...)
	dst = wire.AppendEncode(dst, signature)
	dst = append(dst, "&"+wire.ParamKeyPairID+"="...)
	dst = append(dst, key.id...)
	if key.hash == crypto.SHA256 {
		dst = append(dst, "&"+wire.ParamHashAlgorithm+"="+wire.HashSHA256...)
	}
	return dst
}

// url returns rawURL with the query. The policy must cover rawURL.
func (q *signedQuery) url(rawURL string) (string, error) {
	if err := checkLength(len(rawURL) + len("?") + len(q.query)); err != nil {
		return "", err
	}
	return rawURL + separator(rawURL) + q.query, nil
}

// appendURL is url, appended to dst.
func (q *signedQuery) appendURL(dst []byte, rawURL string) ([]byte, error) {
	if err := checkLength(len(rawURL) + len("?") + len(q.query)); err != nil {
		return dst, err
	}
	dst = append(dst, rawURL...)
	dst = append(dst, separator(rawURL)...)
	return append(dst, q.query...), nil
}

// checkLength refuses signed URLs of too many bytes.
func checkLength(n int) error {
	if n > wire.MaxURL {
		return fmt.Errorf("sign: the signed URL is %w: it has %d bytes, and CloudFront accepts %d: shorten the path, or use signed cookies", policy.ErrTooLong, n, wire.MaxURL)
	}
	return nil
}

// separator returns what stands between rawURL and a query.
func separator(rawURL string) string {
	if strings.Contains(rawURL, "?") {
		return "&"
	}
	return "?"
}

// resource returns what the policy covers, without the query. The query of the
// application may be a secret of its own.
func (q *signedQuery) resource() string { return wire.WithoutQuery(q.policy.Resource().String()) }

func (q *signedQuery) expires() string { return q.policy.Expires().Format(time.RFC3339) }

// A secret holds a signedQuery, and keeps it out of logs. The zero secret holds nothing.
//
// It holds a pointer to a pointer: fmt does not call the methods of a value in an
// unexported field of another type. There it prints the fields instead, and follows one
// pointer, but not two.
type secret struct {
	held **heldQuery
}

// A heldQuery is a signedQuery that many callers share.
type heldQuery struct {
	signedQuery
	// attributes are the last ones that passed all checks for cookies of this query, or nil.
	attributes atomic.Pointer[CookieAttributes]
}

func newSecret(q signedQuery) secret {
	held := &heldQuery{signedQuery: q}
	return secret{&held}
}

func (s secret) isZero() bool { return s.held == nil }

// reveal returns what the secret holds. The secret must not be zero.
func (s secret) reveal() *heldQuery { return *s.held }

// parameters returns the names and values of the query. The zero secret has none.
func (s secret) parameters() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		if s.isZero() {
			return
		}
		for parameter := range strings.SplitSeq(s.reveal().query, "&") {
			name, value, _ := strings.Cut(parameter, "=")
			if !yield(name, value) {
				return
			}
		}
	}
}

// String says what was signed, without the part that gives access.
func (s secret) String() string {
	if s.isZero() {
		return "nothing signed"
	}
	q := s.reveal()
	return "signed with " + q.keyPairID + " until " + q.expires() + ": " + q.resource() + " (signature withheld)"
}

// GoString returns String.
func (s secret) GoString() string { return s.String() }

// Format writes String for every verb.
func (s secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns the parts of String as attributes for log/slog.
func (s secret) LogValue() slog.Value {
	if s.isZero() {
		return slog.StringValue(s.String())
	}
	q := s.reveal()
	return slog.GroupValue(
		slog.String("resource", q.resource()),
		slog.String("expires", q.expires()),
		slog.String("keyPairID", q.keyPairID),
	)
}
