// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"crypto/fips140"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/libcrypto"
	"github.com/cfsign/cfsign/playlist"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// All signers sign the same URL and the same policy with the same keys.
const (
	base    = "https://d111111abcdef8.cloudfront.net/users"
	fileURL = base + "/7/images/photo-0001.jpg?width=640"
)

var expires = time.Now().Add(24 * time.Hour).Truncate(time.Second)

// An algorithm is a kind of key, with its name in reports and its name for peers.
type algorithm struct {
	name, peers string
	key         crypto.Signer
}

var algorithms = []algorithm{
	{"RSA", "rsa", testkeys.RSA()},
	{"P256", "p256", testkeys.P256()},
}

// folder is the custom policy for one user's files.
func folder(tb testing.TB) policy.Policy {
	tb.Helper()
	files, err := policy.Under(base, "7")
	if err != nil {
		tb.Fatal(err)
	}
	p, err := policy.Custom(files, policy.Conditions{Expires: expires})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func newSigner(tb testing.TB, key crypto.Signer) *sign.Signer {
	tb.Helper()
	s, err := sign.New(peer.KeyPairID, key, sign.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// checkURL fails unless the signed URL verifies: speed is worth nothing without the right
// result. The tests in proof/peers compare every byte.
func checkURL(tb testing.TB, key crypto.Signer, signedURL string) {
	tb.Helper()
	check(tb, key, verify.Request{URL: signedURL})
}

func check(tb testing.TB, key crypto.Signer, r verify.Request) {
	tb.Helper()
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{peer.KeyPairID: key.Public()})
	if err != nil {
		tb.Fatal(err)
	}
	v := verify.Verifier{Keys: trusted, AllowSHA1: true}
	if _, err := v.Verify(r); err != nil {
		tb.Fatal("what it makes does not verify: ", err)
	}
}

// measureGo measures the operation with a key of each algorithm.
func measureGo(b *testing.B, signer string, operation func(b *testing.B, key crypto.Signer) func() error) {
	for _, a := range algorithms {
		b.Run(signer+"/"+a.name, func(b *testing.B) {
			operate := operation(b, a.key)
			b.ReportAllocs()
			for b.Loop() {
				if err := operate(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// measureLibcrypto measures the operation with the same keys in OpenSSL.
func measureLibcrypto(b *testing.B, operation func(b *testing.B, key crypto.Signer) func() error) {
	measureGo(b, "cfsign-libcrypto", func(b *testing.B, key crypto.Signer) func() error {
		native, err := libcrypto.New(key, libcrypto.Options{FIPS: fips140.Enforced()})
		if err != nil {
			b.Skip(err)
		}
		b.Cleanup(func() { native.Close() })
		return operation(b, native)
	})
}

// needSHA1 skips what the AWS SDK for Go and botocore sign, where it is not available.
func needSHA1(b *testing.B) {
	if fips140.Enforced() {
		b.Skip("SHA-1 is not available with GODEBUG=fips140=only")
	}
}

func BenchmarkPrivateKey(b *testing.B) {
	operate := func(b *testing.B, key crypto.Signer) func() error {
		digest := scheme.Digest(crypto.SHA256, folder(b).JSON())
		return func() error {
			_, err := key.Sign(nil, digest, crypto.SHA256)
			return err
		}
	}
	measureGo(b, "cfsign", operate)
	measureLibcrypto(b, operate)
	measureGo(b, "aws-sdk-go", func(b *testing.B, key crypto.Signer) func() error {
		needSHA1(b)
		digest := scheme.Digest(crypto.SHA1, folder(b).JSON())
		return func() error {
			_, err := key.Sign(rand.Reader, digest, crypto.SHA1)
			return err
		}
	})
	runPeers(b, peer.Request{Op: "sign", Message: folder(b).JSON()})
	runOpenSSL(b, "sign/s")
}

func BenchmarkCannedURL(b *testing.B) {
	operate := func(b *testing.B, key crypto.Signer) func() error {
		s := newSigner(b, key)
		return operateURL(b, key, func() (string, error) { return s.URL(b.Context(), fileURL, expires) })
	}
	measureGo(b, "cfsign", operate)
	measureLibcrypto(b, operate)
	measureGo(b, "aws-sdk-go", func(b *testing.B, key crypto.Signer) func() error {
		needSHA1(b)
		s := awssign.NewURLSigner(peer.KeyPairID, key)
		return operateURL(b, key, func() (string, error) { return s.Sign(fileURL, expires) })
	})
	runPeers(b, peer.Request{Op: "url", Canned: true})
}

func BenchmarkCustomURL(b *testing.B) {
	p := folder(b)
	operate := func(b *testing.B, key crypto.Signer) func() error {
		s := newSigner(b, key)
		return operateURL(b, key, func() (string, error) {
			signed, err := s.Sign(b.Context(), p)
			if err != nil {
				return "", err
			}
			return signed.URL(fileURL)
		})
	}
	measureGo(b, "cfsign", operate)
	measureLibcrypto(b, operate)
	measureGo(b, "aws-sdk-go", func(b *testing.B, key crypto.Signer) func() error {
		needSHA1(b)
		s := awssign.NewURLSigner(peer.KeyPairID, key)
		custom := awssign.NewCannedPolicy(p.Resource().String(), expires)
		return operateURL(b, key, func() (string, error) { return s.SignWithPolicy(fileURL, custom) })
	})
	runPeers(b, peer.Request{Op: "url", Document: string(p.JSON())})
}

// operateURL returns an operation that makes a signed URL, after a look at the URL.
func operateURL(b *testing.B, key crypto.Signer, makeURL func() (string, error)) func() error {
	signedURL, err := makeURL()
	if err != nil {
		b.Fatal(err)
	}
	checkURL(b, key, signedURL)
	return func() error {
		_, err := makeURL()
		return err
	}
}

// BenchmarkNextURL applies a policy that is signed already to one more URL. The other
// signers sign each URL again.
func BenchmarkNextURL(b *testing.B) {
	measureGo(b, "cfsign", func(b *testing.B, key crypto.Signer) func() error {
		signed := signFolder(b, key)
		return operateURL(b, key, func() (string, error) { return signed.URL(fileURL) })
	})
}

// BenchmarkAppendURL does the same into a buffer.
func BenchmarkAppendURL(b *testing.B) {
	measureGo(b, "cfsign", func(b *testing.B, key crypto.Signer) func() error {
		signed, buffer := signFolder(b, key), make([]byte, 0, 1024)
		operateURL(b, key, func() (string, error) {
			signedURL, err := signed.AppendURL(nil, fileURL)
			return string(signedURL), err
		})
		return func() error {
			_, err := signed.AppendURL(buffer, fileURL)
			return err
		}
	})
}

func signFolder(b *testing.B, key crypto.Signer) sign.SignedPolicy {
	b.Helper()
	signed, err := newSigner(b, key).Sign(b.Context(), folder(b))
	if err != nil {
		b.Fatal(err)
	}
	return signed
}

func BenchmarkCookies(b *testing.B) {
	p := folder(b)
	operate := func(b *testing.B, key crypto.Signer) func() error {
		s := newSigner(b, key)
		return operateCookies(b, key, func() ([]*http.Cookie, error) {
			signed, err := s.Sign(b.Context(), p)
			if err != nil {
				return nil, err
			}
			return signed.CookieSet().Cookies(sign.CookieAttributes{})
		})
	}
	measureGo(b, "cfsign", operate)
	measureLibcrypto(b, operate)
	measureGo(b, "aws-sdk-go", func(b *testing.B, key crypto.Signer) func() error {
		needSHA1(b)
		rsaKey, ok := key.(*rsa.PrivateKey)
		if !ok {
			b.Skip("it takes RSA keys only")
		}
		s := awssign.NewCookieSigner(peer.KeyPairID, rsaKey)
		custom := awssign.NewCannedPolicy(p.Resource().String(), expires)
		attributes := func(o *awssign.CookieOptions) { o.Path, o.Secure = "/", true }
		return operateCookies(b, key, func() ([]*http.Cookie, error) { return s.SignWithPolicy(custom, attributes) })
	})
	runPeers(b, peer.Request{Op: "cookies", Document: string(p.JSON())})
}

// BenchmarkCookiesAgain makes cookies for a user whose policy is in a cache.
func BenchmarkCookiesAgain(b *testing.B) {
	measureGo(b, "cfsign", func(b *testing.B, key crypto.Signer) func() error {
		cache, err := sign.NewCache(newSigner(b, key), time.Hour, sign.CacheOptions{})
		if err != nil {
			b.Fatal(err)
		}
		files := folder(b).Resource()
		return operateCookies(b, key, func() ([]*http.Cookie, error) {
			signed, err := cache.SignResource(b.Context(), files, policy.Conditions{})
			if err != nil {
				return nil, err
			}
			return signed.CookieSet().Cookies(sign.CookieAttributes{})
		})
	})
}

func operateCookies(b *testing.B, key crypto.Signer, makeCookies func() ([]*http.Cookie, error)) func() error {
	cookies, err := makeCookies()
	if err != nil {
		b.Fatal(err)
	}
	check(b, key, verify.Request{URL: fileURL, Cookies: cookies})
	return func() error {
		_, err := makeCookies()
		return err
	}
}

// BenchmarkBulkOne signs 100 URLs with a policy each, one after the other.
func BenchmarkBulkOne(b *testing.B) { bulk(b, 1) }

// BenchmarkBulkTwo does so with two workers, which need two cores.
func BenchmarkBulkTwo(b *testing.B) { bulk(b, 2) }

func bulk(b *testing.B, workers int) {
	var rawURLs []string
	for i := range 100 {
		rawURLs = append(rawURLs, fmt.Sprintf("%s/7/images/photo-%04d.jpg", base, i))
	}
	measureGo(b, "cfsign", func(b *testing.B, key crypto.Signer) func() error {
		s := newSigner(b, key)
		return func() error {
			_, err := s.URLs(b.Context(), rawURLs, expires, sign.BulkOptions{Workers: workers})
			return err
		}
	})
}

// BenchmarkPlaylist rewrites an HLS playlist of 5,000 segments and 500 KB.
func BenchmarkPlaylist(b *testing.B) {
	measureGo(b, "cfsign", func(b *testing.B, key crypto.Signer) func() error {
		signed, text := signFolder(b, key), hlsPlaylist()
		return func() error {
			_, err := playlist.RewriteHLS(io.Discard, bytes.NewReader(text), base+"/7/video/1080p.m3u8", signed)
			return err
		}
	})
}

func hlsPlaylist() []byte {
	var text bytes.Buffer
	text.WriteString("#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n")
	start := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	for i := range 5000 {
		at := start.Add(time.Duration(i) * 6 * time.Second).Format("2006-01-02T15:04:05.000Z")
		fmt.Fprintf(&text, "#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:6.000,\n1080p/2026-01-01/segment-%05d.m4s\n", at, i)
	}
	text.WriteString("#EXT-X-ENDLIST\n")
	return text.Bytes()
}

// BenchmarkPublicKey is the part of BenchmarkVerify that no verifier can do without.
func BenchmarkPublicKey(b *testing.B) {
	measureGo(b, "cfsign", func(b *testing.B, key crypto.Signer) func() error {
		digest := scheme.Digest(crypto.SHA256, folder(b).JSON())
		signature, err := key.Sign(nil, digest, crypto.SHA256)
		if err != nil {
			b.Fatal(err)
		}
		public := key.Public()
		return func() error { return scheme.Verify(public, crypto.SHA256, digest, signature) }
	})
	runOpenSSL(b, "verify/s")
}

func BenchmarkVerify(b *testing.B) {
	measureGo(b, "cfsign", func(b *testing.B, key crypto.Signer) func() error {
		signedURL, err := newSigner(b, key).URL(b.Context(), fileURL, expires)
		if err != nil {
			b.Fatal(err)
		}
		trusted, err := keys.NewSet(map[string]crypto.PublicKey{peer.KeyPairID: key.Public()})
		if err != nil {
			b.Fatal(err)
		}
		v := verify.Verifier{Keys: trusted}
		return func() error {
			_, err := v.Verify(verify.Request{URL: signedURL})
			return err
		}
	})
}
