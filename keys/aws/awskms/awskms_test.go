// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

// digest is one of SHA-256.
var digest = func() []byte {
	sum := sha256.Sum256([]byte("policy"))
	return sum[:]
}()

// A service is a local KMS with a P-256 key, and a client for it.
type service struct {
	*awslocal.KMS
	server  *awslocal.Server
	client  *kms.Client
	options kms.Options
	arn     string
	close   func()
}

const alias = "alias/cloudfront"

// newService starts a KMS on loopback. Its client tries three times, without waiting.
func newService(t testing.TB) *service {
	t.Helper()
	server := &awslocal.Server{}
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	s := &service{KMS: awslocal.NewKMS(server), server: server, close: listener.Close}
	s.arn = s.Add(testkeys.P256())
	s.SetAlias(alias, s.arn)
	s.options = kms.Options{BaseEndpoint: &listener.URL, Region: "us-east-1", Credentials: credentials(good), HTTPClient: listener.Client(), Retryer: impatient()}
	s.client = kms.New(s.options)
	return s
}

func good(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretOfTheCaller", SessionToken: "TokenOfTheSession"}, nil
}

type credentials = aws.CredentialsProviderFunc

// impatient is the retryer that clients have, without its pauses.
func impatient() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// with returns the client of the service with changed options.
func (s *service) with(change func(*kms.Options)) *kms.Client { return kms.New(s.options, change) }

// key returns the key of the service.
func (s *service) key(t testing.TB) *awskms.Key {
	t.Helper()
	key, err := awskms.New(t.Context(), s.client, s.arn, awskms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// count returns the numbers of requests so far.
func (s *service) count() requests {
	return requests{Public: s.server.Count(awslocal.KMSGetPublicKey), Sign: s.server.Count(awslocal.KMSSign)}
}

type requests struct{ Public, Sign int }

// kinds are all that an error can be.
var kinds = []error{
	context.DeadlineExceeded, context.Canceled,
	keys.ErrAccessDenied, keys.ErrKeyNotFound, keys.ErrDisabled, keys.ErrPendingDeletion, keys.ErrThrottled, keys.ErrUnavailable,
	keys.ErrUnsupportedKey, keys.ErrMalformedKey, keys.ErrNoKey, keys.ErrMismatch, keys.ErrSignature, keys.ErrHash,
}

// checkKind fails unless err is of the kind that is wanted and of no other.
func checkKind(t *testing.T, err, want error) {
	t.Helper()
	for _, kind := range kinds {
		if got := errors.Is(err, kind); got != errors.Is(want, kind) {
			t.Errorf("errors.Is(err, %q) is %t: %v", kind, got, err)
		}
	}
}

// handlerClient calls a handler without a network, so that it can be used where time
// stands still. A connection that the handler drops has timed out.
type handlerClient struct{ handler http.Handler }

func (c handlerClient) Do(r *http.Request) (response *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			response, err = nil, timeoutError{errors.New("i/o timeout")}
		}
	}()
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// later is a time until when something can be signed.
func later() time.Time { return time.Now().Add(time.Hour) }
