// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"crypto"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
	"github.com/google/go-cmp/cmp"
)

const keyPairID = "K2JCJMDEHXQW5F"

// The local edge answers like CloudFront, so Classify must understand its responses.
func TestClassifyLocalEdge(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	signer, trusted := newKey(t, now)
	stranger, _ := newKey(t, now)
	distribution := newDistribution(t, trusted, now)
	signed := func(s *sign.Signer, url string) string {
		link, err := s.URL(context.Background(), url, now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return link
	}
	const file, missing = "https://example.com/a.mp4", "https://example.com/b.mp4"
	link := signed(signer, file)

	tests := []struct {
		name   string
		why    string
		method string
		url    string
		want   verdict
	}{
		{"nothing signed", "no parameter, no cookie", "GET", file, verdict{response.KeyCheck, response.Failed, "MissingKey"}},
		{"nothing signed, HEAD", "without a body", "HEAD", file, verdict{response.KeyCheck, response.Failed, ""}},
		{"another ID", "of no key group", "GET", strings.Replace(link, keyPairID, "KOTHER", 1), verdict{response.KeyCheck, response.Failed, "InvalidKey"}},
		{"another key", "the signature does not verify", "GET", signed(stranger, file), verdict{response.KeyCheck, response.Failed, "AccessDenied"}},
		{"not base64", "the signature was damaged", "GET", strings.Replace(link, "Signature=", "Signature=*", 1), verdict{response.KeyCheck, response.Failed, "MalformedSignature"}},
		{"not a time", "the canned policy cannot be built", "GET", strings.Replace(link, "Expires=", "Expires=x", 1), verdict{response.KeyCheck, response.Failed, "MalformedPolicy"}},
		{"no such file", "the bucket refuses what the check let pass", "GET", signed(signer, missing), verdict{response.S3, response.Passed, "AccessDenied"}},
		{"method", "the behavior is for GET and HEAD", "POST", link, verdict{response.CloudFront, response.NotVisible, ""}},
		{"plain HTTP", "it is redirected", "GET", "http://example.com/a.mp4", verdict{response.CloudFront, response.NotVisible, ""}},
		{"served", "no refusal", "GET", link, verdict{response.Success, response.Passed, ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recorder := httptest.NewRecorder()
			distribution.ServeHTTP(recorder, httptest.NewRequest(test.method, test.url, nil))
			dump, err := httputil.DumpResponse(recorder.Result(), test.method != http.MethodHead)
			if err != nil {
				t.Fatal(err)
			}
			saved, err := capture.ParseResponse(dump)
			if err != nil {
				t.Fatal(err)
			}
			got := response.Classify(saved)
			if diff := cmp.Diff(test.want, verdict{got.Source, got.Signature, got.Code}); diff != "" {
				t.Errorf("%s (-want +got):\n%s\n%s", test.why, diff, dump)
			}
			if got.Explanation == "" {
				t.Errorf("%s: the edge's explanation is lost", test.why)
			}
		})
	}
}

func newKey(t *testing.T, now time.Time) (*sign.Signer, keys.Set) {
	t.Helper()
	key, err := keys.GenerateECDSA()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := sign.New(keyPairID, key, sign.Options{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: key.Public()})
	if err != nil {
		t.Fatal(err)
	}
	return signer, trusted
}

func newDistribution(t *testing.T, trusted keys.Set, now time.Time) http.Handler {
	t.Helper()
	distribution, err := edge.New(edge.Config{
		Default: edge.Behavior{
			Origin:               edge.Bucket(fstest.MapFS{"a.mp4": {Data: []byte("MP4")}}),
			TrustedKeyGroups:     []keys.Set{trusted},
			ViewerProtocolPolicy: edge.RedirectToHTTPS,
		},
		Clock:  func() time.Time { return now },
		Debug:  true,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return distribution
}
