// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"io"
	"testing"
	"time"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

const benchURL = "https://d111111abcdef8.cloudfront.net/users/7/images/photo-0001.jpg?width=640"

// free is a key whose operation costs nothing, so that a benchmark measures only the
// library.
type free struct {
	public    crypto.PublicKey
	signature []byte
}

func (f free) Public() crypto.PublicKey { return f.public }

func (f free) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return f.signature, nil }

func freeKey(b *testing.B, key crypto.Signer) free {
	b.Helper()
	digest := sha256.Sum256(nil)
	signature, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		b.Fatal(err)
	}
	return free{key.Public(), signature}
}

// BenchmarkKey is the bare operation of the private key.
func BenchmarkKey(b *testing.B) {
	for name, key := range map[string]crypto.Signer{"RSA": testkeys.RSA(), "P256": testkeys.P256()} {
		b.Run(name, func(b *testing.B) {
			digest := sha256.Sum256([]byte(benchURL))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := key.Sign(nil, digest[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkURL is a canned URL with the key operation.
func BenchmarkURL(b *testing.B) {
	for name, key := range map[string]crypto.Signer{"RSA": testkeys.RSA(), "P256": testkeys.P256()} {
		b.Run(name, func(b *testing.B) {
			s, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
			if err != nil {
				b.Fatal(err)
			}
			benchmarkURL(b, s)
		})
	}
}

// BenchmarkURLOverhead is a canned URL without the key operation: the cost of the library
// itself.
func BenchmarkURLOverhead(b *testing.B) {
	for name, key := range map[string]crypto.Signer{"RSA": testkeys.RSA(), "P256": testkeys.P256()} {
		b.Run(name, func(b *testing.B) {
			s, err := sign.NewTrusting("K2JCJMDEHXQW5F", freeKey(b, key), sign.Options{})
			if err != nil {
				b.Fatal(err)
			}
			benchmarkURL(b, s)
		})
	}
}

func benchmarkURL(b *testing.B, s *sign.Signer) {
	b.Helper()
	expires := time.Now().Add(time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.URL(b.Context(), benchURL, expires); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAWSSDKOverhead is the cost of the AWS SDK for Go itself.
func BenchmarkAWSSDKOverhead(b *testing.B) {
	for name, key := range map[string]crypto.Signer{"RSA": testkeys.RSA(), "P256": testkeys.P256()} {
		b.Run(name, func(b *testing.B) {
			s := awssign.NewURLSigner("K2JCJMDEHXQW5F", freeKey(b, key))
			expires := time.Now().Add(time.Hour)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Sign(benchURL, expires); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSignedPolicyURL uses a signed policy for one more URL.
func BenchmarkSignedPolicyURL(b *testing.B) {
	for name, key := range map[string]crypto.Signer{"RSA": testkeys.RSA(), "P256": testkeys.P256()} {
		b.Run(name, func(b *testing.B) {
			signed := signFolder(b, key)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := signed.URL(benchURL); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAppendURL writes one more URL into a buffer.
func BenchmarkAppendURL(b *testing.B) {
	for name, key := range map[string]crypto.Signer{"RSA": testkeys.RSA(), "P256": testkeys.P256()} {
		b.Run(name, func(b *testing.B) {
			signed := signFolder(b, key)
			buffer := make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := signed.AppendURL(buffer, benchURL); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCookies makes the cookies of a signed policy.
func BenchmarkCookies(b *testing.B) {
	set := signFolder(b, testkeys.P256()).CookieSet()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := set.Cookies(sign.CookieAttributes{}); err != nil {
			b.Fatal(err)
		}
	}
}

// signFolder signs a policy for the folder that benchURL is in.
func signFolder(tb testing.TB, key crypto.Signer) sign.SignedPolicy {
	tb.Helper()
	s, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	folder, err := policy.Under("https://d111111abcdef8.cloudfront.net/users", "7")
	if err != nil {
		tb.Fatal(err)
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: time.Now().Add(time.Hour)})
	if err != nil {
		tb.Fatal(err)
	}
	signed, err := s.Sign(tb.Context(), p)
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

// BenchmarkCache returns a policy from the cache, and its cookies.
func BenchmarkCache(b *testing.B) {
	signer, err := sign.New("K2BENCH", testkeys.RSA(), sign.Options{})
	if err != nil {
		b.Fatal(err)
	}
	cache, err := sign.NewCache(signer, 24*time.Hour, sign.CacheOptions{})
	if err != nil {
		b.Fatal(err)
	}
	folder, err := policy.Under("https://d111111abcdef8.cloudfront.net/users", "7")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("policy", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := cache.SignResource(b.Context(), folder, policy.Conditions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("policy, parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := cache.SignResource(b.Context(), folder, policy.Conditions{}); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("cookies", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			signed, err := cache.SignResource(b.Context(), folder, policy.Conditions{})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := signed.CookieSet().Cookies(sign.CookieAttributes{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("canned URL", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := cache.URL(b.Context(), benchURL); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkBulk signs 64 URLs with one worker and with all cores.
func BenchmarkBulk(b *testing.B) {
	rawURLs := manyURLs(64)
	for name, key := range map[string]crypto.Signer{"RSA": testkeys.RSA(), "P256": testkeys.P256()} {
		signer, err := sign.New("K2BENCH", key, sign.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, workers := range []int{1, 0} {
			b.Run(fmt.Sprint(name, " workers=", workers), func(b *testing.B) {
				for b.Loop() {
					if _, err := signer.URLs(b.Context(), rawURLs, time.Now().Add(time.Hour), sign.BulkOptions{Workers: workers}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
