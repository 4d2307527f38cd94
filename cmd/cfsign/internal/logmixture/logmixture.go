// SPDX-License-Identifier: Apache-2.0

// Package logmixture sends a known mixture of requests to a local distribution, so that tests know
// what is in its access log:
//
//	sent := logmixture.Send(t, 5000)
//	want := sent.Refused[refusals.Expired]
package logmixture

import (
	"context"
	"crypto"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// The key pair IDs in the log. The last one has no trusted key.
const (
	KeyID   = "K2JCJMDEHXQW5F"
	OtherID = "K3D5EWEUDCCXON"
	GoneID  = "K1GONEGONEGONE"
)

const (
	host        = "cdn.example.com"
	viewerField = "Test-Viewer" // the address that a test viewer comes from
)

// A kind is one kind of request in the mixture.
type kind struct {
	why   string
	share int // of 1,000 requests
	want  refusals.Name
	make  func(m *mixture, i int) *http.Request
}

// kinds are the whole mixture. The empty name: allowed.
var kinds = []kind{
	{"a signed URL with a canned policy", 300, "", func(m *mixture, i int) *http.Request { return m.get(m.canned(m.signer, i, time.Hour)) }},
	{"a signed URL with a custom policy", 200, "", func(m *mixture, i int) *http.Request { return m.get(m.folder.url(m, segment(i))) }},
	{"signed cookies", 200, "", func(m *mixture, i int) *http.Request { return m.folder.cookies(m, m.get(segment(i))) }},
	{"a signed URL with parameters of its own", 50, "", func(m *mixture, i int) *http.Request {
		return m.get(m.sign(m.signer, "http://"+host+"/v/"+strconv.Itoa(i)+"/a.ts?x=1&y=%7Ba%20b%7D&z=~(!)", time.Hour))
	}},
	{"nothing signed", 60, refusals.NotSigned, func(m *mixture, i int) *http.Request { return m.get(segment(i)) }},
	{"cookies of the application alone", 10, refusals.NotSigned, func(m *mixture, i int) *http.Request {
		r := m.get(segment(i))
		r.Header.Set("Cookie", "session=a b; theme={dark}")
		return r
	}},
	{"the signature is missing", 10, refusals.Incomplete, func(m *mixture, i int) *http.Request {
		before, after, _ := strings.Cut(m.folder.url(m, segment(i)), "&Signature=")
		_, rest, _ := strings.Cut(after, "&")
		return m.get(before + "&" + rest)
	}},
	{"expired an hour ago", 40, refusals.Expired, func(m *mixture, i int) *http.Request { return m.get(m.canned(m.past, i, -time.Hour)) }},
	{"expired two minutes ago, in cookies", 20, refusals.Expired, func(m *mixture, i int) *http.Request { return m.late.cookies(m, m.get(segment(i))) }},
	{"valid in an hour", 10, refusals.NotYetValid, func(m *mixture, i int) *http.Request { return m.get(m.early.url(m, segment(i))) }},
	{"a key that is gone", 10, refusals.UnknownKey, func(m *mixture, i int) *http.Request { return m.get(m.canned(m.gone, i, time.Hour)) }},
	{"another private key for this ID", 10, refusals.WrongSignature, func(m *mixture, i int) *http.Request { return m.get(m.canned(m.wrong, i, time.Hour)) }},
	{"a parameter added after signing", 10, refusals.WrongSignature, func(m *mixture, i int) *http.Request {
		return m.get(m.canned(m.signer, i, time.Hour) + "&utm_source=mail")
	}},
	{"another user's folder", 20, refusals.WrongResource, func(m *mixture, i int) *http.Request {
		return m.folder.cookies(m, m.get(fmt.Sprintf("http://%s/w/%d.ts", host, i)))
	}},
	{"another IPv4 address", 5, refusals.WrongAddress, func(m *mixture, i int) *http.Request {
		return m.from("203.0.113.9", m.get(m.office.url(m, segment(i))))
	}},
	{"IPv6", 5, refusals.WrongAddressIPv6, func(m *mixture, i int) *http.Request {
		return m.from("2001:db8::9", m.get(m.office.url(m, segment(i))))
	}},
	{"the right address", 5, "", func(m *mixture, i int) *http.Request {
		return m.from("192.0.2.77", m.get(m.office.url(m, segment(i))))
	}},
	{"a signature in base64url", 5, refusals.MalformedSignature, func(m *mixture, i int) *http.Request {
		return m.get(strings.Replace(m.canned(m.signer, i, time.Hour), "&Signature=", "&Signature=+", 1))
	}},
	{"a policy that was cut", 5, refusals.MalformedPolicy, func(m *mixture, i int) *http.Request {
		before, after, _ := strings.Cut(m.folder.url(m, segment(i)), "&")
		return m.get(before[:len(before)-1] + "&" + after)
	}},
	{"S3's own 403 for a file that does not exist", 20, refusals.Origin, func(m *mixture, i int) *http.Request {
		return m.get(m.sign(m.signer, fmt.Sprintf("http://%s/gone/%d", host, i), time.Hour))
	}},
	{"a method that is not allowed", 5, refusals.InvalidRequest, func(m *mixture, i int) *http.Request {
		r := m.get(segment(i))
		r.Method = http.MethodDelete
		return r
	}},
}

func segment(i int) string { return fmt.Sprintf("http://%s/v/%d/a.ts", host, i) }

// A mixture makes requests.
type mixture struct {
	t                         testing.TB
	server                    string
	signer, past, gone, wrong *sign.Signer
	folder, late, early       grant
	office                    grant
}

// A grant is a policy that was signed once.
type grant struct{ signed sign.SignedPolicy }

func (g grant) url(m *mixture, rawURL string) string {
	signed, err := g.signed.URL(rawURL)
	if err != nil {
		m.t.Error(err)
	}
	return signed
}

func (g grant) cookies(_ *mixture, r *http.Request) *http.Request {
	r.AddCookie(&http.Cookie{Name: "session", Value: "1"})
	for name, value := range g.signed.CookieSet().All() {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func newMixture(t testing.TB, server string) *mixture {
	m := &mixture{t: t, server: server}
	m.signer = m.newSigner(KeyID, testkeys.P256(), 0)
	m.past = m.newSigner(KeyID, testkeys.P256(), -24*time.Hour)
	m.gone = m.newSigner(GoneID, testkeys.P256(), 0)
	m.wrong = m.newSigner(KeyID, testkeys.OtherP256(), 0)
	rsa := m.newSigner(OtherID, testkeys.RSA(), 0)
	now, all := time.Now(), resource(t, "http://"+host+"/v/*")
	office := netip.MustParsePrefix("192.0.2.0/24")
	m.folder = m.grant(rsa, all, policy.Conditions{Expires: now.Add(3 * time.Hour)})
	m.late = m.grant(m.past, all, policy.Conditions{Expires: now.Add(-2 * time.Minute)})
	m.early = m.grant(m.signer, all, policy.Conditions{Expires: now.Add(2 * time.Hour), NotBefore: now.Add(time.Hour)})
	m.office = m.grant(m.signer, all, policy.Conditions{Expires: now.Add(time.Hour), SourceIP: &office})
	return m
}

func resource(t testing.TB, pattern string) policy.Resource {
	r, err := policy.PatternFromConfig(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (m *mixture) newSigner(id string, key crypto.Signer, shift time.Duration) *sign.Signer {
	signer, err := sign.New(id, key, sign.Options{Clock: func() time.Time { return time.Now().Add(shift) }})
	if err != nil {
		m.t.Fatal(err)
	}
	return signer
}

func (m *mixture) grant(s *sign.Signer, r policy.Resource, c policy.Conditions) grant {
	p, err := policy.Custom(r, c)
	if err != nil {
		m.t.Fatal(err)
	}
	signed, err := s.Sign(m.t.Context(), p)
	if err != nil {
		m.t.Fatal(err)
	}
	return grant{signed}
}

func (m *mixture) canned(s *sign.Signer, i int, lifetime time.Duration) string {
	return m.sign(s, segment(i), lifetime)
}

func (m *mixture) sign(s *sign.Signer, rawURL string, lifetime time.Duration) string {
	signed, err := s.URL(context.Background(), rawURL, time.Now().Add(lifetime))
	if err != nil {
		m.t.Error(err)
	}
	return signed
}

// get returns a request for a URL to the server.
func (m *mixture) get(rawURL string) *http.Request {
	target := strings.TrimPrefix(rawURL, "http://"+host)
	r, err := http.NewRequest(http.MethodGet, m.server, nil)
	if err != nil {
		m.t.Error(err)
		return &http.Request{}
	}
	r.Host = host
	r.URL.Opaque, r.URL.RawQuery, _ = strings.Cut(target, "?") // as it is, byte for byte
	return r
}

func (m *mixture) from(viewer string, r *http.Request) *http.Request {
	r.Header.Set(viewerField, viewer)
	return r
}
