// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// TestServerClock: the dates of answers and of what the services make are the clock's. Clients
// follow it, so the date of a signature may differ from today's.
func TestServerClock(t *testing.T) {
	var server awslocal.Server
	cloudFront := awslocal.NewCloudFront(&server)
	kms := awslocal.NewKMS(&server)
	clock := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	server.SetClock(func() time.Time { return clock })
	arn := kms.Add(testkeys.P256())
	status, answer := callKMS(t, &server, awslocal.KMSDescribeKey, map[string]any{"KeyId": arn})
	if got, _ := answer["KeyMetadata"].(map[string]any); status != http.StatusOK || got["CreationDate"] != float64(clock.Unix()) {
		t.Errorf("status %d, got %v", status, answer)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, signedRequest(t, awslocal.KMSListAliases, "kms", clock.Add(-24*time.Hour)))
	if w.Code != http.StatusOK {
		t.Errorf("a client with another clock: %s", w.Body)
	}
	if got := w.Header().Get("Date"); got != clock.Format(http.TimeFormat) {
		t.Errorf("the date of the answer is %q", got)
	}
	der, err := x509.MarshalPKIXPublicKey(testkeys.P256().Public())
	if err != nil {
		t.Fatal(err)
	}
	key, err := cloudFront.AddPublicKey("first", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
	if err != nil {
		t.Fatal(err)
	}
	group, err := cloudFront.AddKeyGroup("viewers", key)
	if err != nil {
		t.Fatal(err)
	}
	cloudFront.SetDelay(time.Hour)
	cloudFront.AddDistribution("E1", "d1.cloudfront.net", group)
	cloudFront.AddDistribution("E1", "d1.cloudfront.net") // without the key group, in an hour
	for _, tt := range []struct {
		later time.Duration
		want  int
	}{{0, 1}, {59 * time.Minute, 1}, {time.Minute, 0}} {
		clock = clock.Add(tt.later)
		if got := len(cloudFront.Trusted("E1")); got != tt.want {
			t.Errorf("%v later: %d keys are trusted, want %d", tt.later, got, tt.want)
		}
	}
	server.SetClock(nil)
	w = httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
	if got := w.Header().Get("Date"); got != "" {
		t.Errorf("without a clock, the server sets the date to %q", got)
	}
}

// signedRequest returns a request without parameters, signed at a time as AWS's clients do.
func signedRequest(t *testing.T, target, service string, at time.Time) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("{}"))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("X-Amz-Date", at.Format("20060102T150405Z"))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"+at.Format("20060102")+"/us-east-1/"+service+
		"/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature="+strings.Repeat("0", 64))
	return r
}
