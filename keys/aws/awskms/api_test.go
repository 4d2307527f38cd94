// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

// meddler is an API that uses what it is given for its own ends.
type meddler struct{ *ecdsa.PrivateKey }

func (meddler) GetPublicKey(ctx context.Context, input *kms.GetPublicKeyInput, o ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error) {
	return nil, nil
}

func (m meddler) Sign(_ context.Context, input *kms.SignInput, _ ...func(*kms.Options)) (*kms.SignOutput, error) {
	defer clear(input.Message)
	signature, err := m.PrivateKey.Sign(nil, input.Message, crypto.SHA256)
	arn := *input.KeyId
	*input.KeyId = "another"
	return &kms.SignOutput{KeyId: &arn, Signature: signature, SigningAlgorithm: input.SigningAlgorithm}, err
}

// half is an API of two.
type half struct {
	awskms.API // for the public key
	signs      awskms.API
}

func (h half) Sign(ctx context.Context, input *kms.SignInput, o ...func(*kms.Options)) (*kms.SignOutput, error) {
	return h.signs.Sign(ctx, input, o...)
}

// TestOtherAPIs has ones that are not of the SDK.
func TestOtherAPIs(t *testing.T) {
	s := newService(t)
	if _, err := awskms.New(t.Context(), meddler{}, alias, awskms.Options{}); err == nil {
		t.Error("an answer that is nil")
	} else {
		checkKind(t, err, keys.ErrUnavailable)
	}
	key, err := awskms.New(t.Context(), half{s.client, meddler{testkeys.P256()}}, alias, awskms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	own := append([]byte(nil), digest...)
	if _, err := key.SignContext(t.Context(), own, crypto.SHA256); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(digest, own); diff != "" {
		t.Errorf("the caller's digest (-want +got):\n%s", diff)
	}
	if key.ARN() != s.arn {
		t.Errorf("the ARN became %s", key.ARN())
	}
}

// failing is an API with one error for all.
type failing struct {
	awskms.API
	err error
}

func (f failing) GetPublicKey(context.Context, *kms.GetPublicKeyInput, ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error) {
	return nil, f.err
}

// TestErrorsOfOtherAPIs returns the errors of wrappers and mocks.
func TestErrorsOfOtherAPIs(t *testing.T) {
	tests := []struct {
		name, why string
		err, want error
	}{
		{"bare", "an error of the service without what the client adds", &types.NotFoundException{}, keys.ErrKeyNotFound},
		{"own", "a circuit breaker", errors.New("SecretOfTheCaller"), keys.ErrUnavailable},
		{"own end of time", "the breaker's, not the caller's", context.DeadlineExceeded, keys.ErrUnavailable},
		{"no response", "would panic", &smithyhttp.ResponseError{Err: &smithy.GenericAPIError{Code: "Odd"}}, keys.ErrUnavailable},
		{"no cause", "would panic", &smithy.OperationError{}, keys.ErrUnavailable},
		{"a value", "fmt looks into those", valueError{"SecretOfTheCaller"}, keys.ErrUnavailable},
		{"middleware", "a breaker within the client", &smithy.OperationError{ServiceID: "KMS", OperationName: "Sign", Err: errors.New("SecretOfTheCaller")}, keys.ErrUnavailable},
		{"no tokens", "the adaptive retryer's", &smithy.OperationError{ServiceID: "KMS", Err: errors.New("failed to get retry Send token, unable to get attempt token")}, keys.ErrThrottled},
		{"long code", "a line break, and no end", &smithy.GenericAPIError{Code: "Odd\n" + strings.Repeat("SecretOfTheCaller", 100)}, keys.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, err := awskms.New(t.Context(), failing{err: tt.err}, alias, awskms.Options{})
			checkKind(t, err, tt.want)
			checkNoSecret(t, err)
			if key != nil || err == nil {
				t.Errorf("%s: %v", tt.why, err)
			}
		})
	}
}

// A valueError is an error that is no pointer.
type valueError struct{ Output string }

func (valueError) Error() string { return "failed" }

// unasked is an API that must not be used.
type unasked struct{ t *testing.T }

func (u unasked) GetPublicKey(context.Context, *kms.GetPublicKeyInput, ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error) {
	u.t.Error("GetPublicKey")
	return nil, nil
}

func (u unasked) Sign(context.Context, *kms.SignInput, ...func(*kms.Options)) (*kms.SignOutput, error) {
	u.t.Error("Sign")
	return nil, nil
}

// TestEndedContext asks nothing, whether or not the API looks at its context.
func TestEndedContext(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	key, err := awskms.New(ended, unasked{t}, alias, awskms.Options{})
	checkKind(t, err, context.Canceled)
	if key != nil {
		t.Error("a key")
	}
	key, err = awskms.New(t.Context(), half{newService(t).client, unasked{t}}, alias, awskms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	signature, err := key.SignContext(ended, digest, crypto.SHA256)
	checkKind(t, err, context.Canceled)
	if signature != nil {
		t.Error("a signature")
	}
}

// TestRetryQuota: a client that has used up its retries still says what was wrong.
func TestRetryQuota(t *testing.T) {
	s := newService(t)
	client := s.with(func(o *kms.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.RateLimiter = ratelimit.NewTokenRateLimit(0) })
	})
	s.server.Fail(awslocal.KMSGetPublicKey, always, &awslocal.Error{Type: "ThrottlingException"})
	_, err := awskms.New(t.Context(), client, s.arn, awskms.Options{})
	checkKind(t, err, keys.ErrThrottled)
	if diff := cmp.Diff(requests{Public: 1}, s.count()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
