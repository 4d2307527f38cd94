// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"crypto"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

// TestTime ends operations of all kinds at the right time, with the retries that the
// SDK has by default. No real time passes.
func TestTime(t *testing.T) {
	const sign = awslocal.KMSSign
	slow := func(s *awslocal.Server) { s.Delay(sign, always, time.Hour) }
	throttle := func(s *awslocal.Server) {
		s.Fail(sign, always, &awslocal.Error{Type: "ThrottlingException", Message: "Rate exceeded"})
	}
	tests := []struct {
		name, why string
		prepare   func(*awslocal.Server)
		options   awskms.Options
		deadline  time.Duration // of the context; 0: none
		cancel    time.Duration // 0: never
		want      error
		after     time.Duration
		advice    string
	}{
		{"deadline", "no answer", slow, awskms.Options{}, time.Second, 0, context.DeadlineExceeded, time.Second, "the context ended"},
		{"cancelled", "the viewer is gone", slow, awskms.Options{}, 0, time.Second, context.Canceled, time.Second, "the context ended"},
		{"default timeout", "a context without a deadline", slow, awskms.Options{}, 0, 0, context.DeadlineExceeded, 10 * time.Second, "within 10s"},
		{"timeout", "earlier than the deadline", slow, awskms.Options{Timeout: 2 * time.Second}, time.Minute, 0, context.DeadlineExceeded, 2 * time.Second, "Options.Timeout"},
		{"long timeout", "later than the deadline", slow, awskms.Options{Timeout: time.Hour}, time.Minute, 0, context.DeadlineExceeded, time.Minute, "the context ended"},
		{"deadline in a pause", "the SDK waits to try again", throttle, awskms.Options{}, time.Nanosecond, 0, context.DeadlineExceeded, time.Nanosecond, "the context ended"},
		{"cancelled in a pause", "the SDK waits to try again", throttle, awskms.Options{}, 0, time.Nanosecond, context.Canceled, time.Nanosecond, "the context ended"},
		{"timeout in a pause", "the SDK waits to try again", throttle, awskms.Options{Timeout: time.Nanosecond}, 0, 0, context.DeadlineExceeded, time.Nanosecond, "Options.Timeout"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &awslocal.Server{}
				local := awslocal.NewKMS(server)
				key, err := awskms.New(t.Context(), inProcess(server, steady()), local.Add(testkeys.P256()), tt.options)
				if err != nil {
					t.Fatal(err)
				}
				tt.prepare(server)
				ctx, end := context.WithCancel(t.Context())
				defer end()
				if tt.deadline != 0 {
					ctx, end = context.WithTimeout(ctx, tt.deadline)
					defer end()
				}
				if tt.cancel != 0 {
					time.AfterFunc(tt.cancel, end)
				}
				start := time.Now()
				signature, err := key.SignContext(ctx, digest, crypto.SHA256)
				checkKind(t, err, tt.want)
				if signature != nil || err == nil || !strings.Contains(err.Error(), tt.advice) {
					t.Errorf("%s: %v: want an error that says %q", tt.why, err, tt.advice)
				}
				if took := time.Since(start); took != tt.after {
					t.Errorf("it took %v, want %v", took, tt.after)
				}
			})
		})
	}
}

// TestTimeOfNew bounds the one request that New makes.
func TestTimeOfNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &awslocal.Server{}
		arn := awslocal.NewKMS(server).Add(testkeys.P256())
		server.Delay(awslocal.KMSGetPublicKey, always, time.Hour)
		start := time.Now()
		key, err := awskms.New(t.Context(), inProcess(server, steady()), arn, awskms.Options{})
		checkKind(t, err, context.DeadlineExceeded)
		if took := time.Since(start); key != nil || took != 10*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// TestSignTime bounds Sign, which has no context.
func TestSignTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &awslocal.Server{}
		key, err := awskms.New(t.Context(), inProcess(server, steady()), awslocal.NewKMS(server).Add(testkeys.P256()), awskms.Options{})
		if err != nil {
			t.Fatal(err)
		}
		server.Delay(awslocal.KMSSign, always, time.Hour)
		start := time.Now()
		signature, err := key.Sign(nil, digest, crypto.SHA256)
		checkKind(t, err, context.DeadlineExceeded)
		if took := time.Since(start); signature != nil || took != 10*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// TestTimeoutOfTheTransport: a timeout of the transport is not a timeout of the context.
// Waiting longer would not have helped, and errors.Is must not say so.
func TestTimeoutOfTheTransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &awslocal.Server{}
		key, err := awskms.New(t.Context(), inProcess(server, impatient()), awslocal.NewKMS(server).Add(testkeys.P256()), awskms.Options{})
		if err != nil {
			t.Fatal(err)
		}
		server.Drop(awslocal.KMSSign, always)
		signature, err := key.SignContext(t.Context(), digest, crypto.SHA256)
		checkKind(t, err, keys.ErrUnavailable)
		var timeout net.Error
		if signature != nil || !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("the error of the transport is not found: %v", err)
		}
	})
}

// steady is the retryer that clients have, with pauses of a second.
func steady() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Second, nil })
	})
}

// inProcess returns a client without a network.
func inProcess(server *awslocal.Server, retryer aws.Retryer) *kms.Client {
	return kms.New(kms.Options{Region: "us-east-1", Credentials: credentials(good), HTTPClient: handlerClient{server}, Retryer: retryer})
}

// timeoutError is a deadline of a connection, as package net has it.
type timeoutError struct{ error }

func (timeoutError) Timeout() bool     { return true }
func (timeoutError) Temporary() bool   { return true }
func (timeoutError) Is(err error) bool { return err == context.DeadlineExceeded }
