// SPDX-License-Identifier: Apache-2.0

package awstest

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// An AWS is an account in a local AWS, without keys, secrets and distributions at first. Create
// one with [New] or [Start]: the zero AWS panics. An AWS is safe for concurrent use.
type AWS struct {
	// Config leads the clients of the AWS SDK to the local AWS. Clients try a request three
	// times, as they do by default, but without pauses. You can change a copy.
	Config aws.Config
	// KMS has the keys of Key Management Service.
	KMS *KMS
	// Secrets has the secrets of Secrets Manager.
	Secrets *Secrets
	// Parameters has the parameters of Parameter Store.
	Parameters *Parameters
	// CloudFront has public keys, key groups and distributions.
	CloudFront *CloudFront

	server   *awslocal.Server
	listener *httptest.Server
	end      context.CancelFunc // of requests that hang
	clock    clock

	mu      sync.Mutex
	regions map[string]*AWS // other Regions
}

// New starts a local AWS for a test. It stops at the end of the test.
func New(t testing.TB) *AWS {
	t.Helper()
	a := Start()
	t.Cleanup(a.Close)
	return a
}

// Start starts a local AWS for a program, such as your application on your own machine. End it
// with [AWS.Close].
func Start() *AWS { return startIn("us-east-1") }

func startIn(region string) *AWS {
	a := &AWS{server: &awslocal.Server{}, regions: map[string]*AWS{}}
	a.server.SetClock(a.clock.now)
	a.KMS = &KMS{awslocal.NewKMSIn(a.server, "aws", region)}
	a.Secrets = &Secrets{awslocal.NewSecrets(a.server)}
	a.Parameters = &Parameters{awslocal.NewParameters(a.server)}
	a.CloudFront = &CloudFront{service: awslocal.NewCloudFront(a.server)}
	a.listener = httptest.NewUnstartedServer(a.server)
	requests, end := context.WithCancel(context.Background())
	a.end, a.listener.Config.BaseContext = end, func(net.Listener) context.Context { return requests }
	a.listener.Start()
	a.Config = aws.Config{
		Region:       region,
		BaseEndpoint: &a.listener.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretAccessKeyOfTheExample"}, nil
		}),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}
	return a
}

// Region returns the same account in another Region, such as us-west-2, with requests, faults and
// a clock of its own. Only its KMS is of that Region: it is for the replicas of multi-Region keys,
// from [KMS.Replicate]. It ends with a.
func (a *AWS) Region(name string) *AWS {
	if name == a.Config.Region {
		return a
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.regions[name] == nil {
		a.regions[name] = startIn(name)
	}
	return a.regions[name]
}

// Close ends the local AWS with its other Regions, and all requests that hang.
func (a *AWS) Close() {
	a.mu.Lock()
	for _, region := range a.regions {
		region.Close()
	}
	a.mu.Unlock()
	a.end()
	a.listener.CloseClientConnections()
	a.listener.Close()
}

// SetClock sets the clock of the local AWS: for the dates of keys and secrets, for the date of
// answers, by which package keygroup judges the age of retired keys, and for
// [CloudFront.SetDelay]. Nil: time.Now, as at first. The jumps of [AWS.Hasten] are added to it.
func (a *AWS) SetClock(clock func() time.Time) { a.clock.set(clock) }

// Hasten makes the clock of the local AWS jump forward by d each time the local AWS reads it. Then
// code that waits for CloudFront, such as a keygroup.Rotator for its Options.Settle of 5 minutes,
// goes on at once if d is longer. The jumps are added to the clock of [AWS.SetClock], whichever
// you call first. Zero: no more jumps, but those before remain.
func (a *AWS) Hasten(d time.Duration) { a.clock.hasten(d) }

// Count returns the number of requests for an operation so far, such as "kms:Sign". Each try of
// a client counts. It panics if the local AWS does not have the operation.
func (a *AWS) Count(operation string) int { return a.server.Count(a.target(operation)) }

// Fail answers the next requests for an operation with an error, such as "ThrottlingException",
// and does not carry them out. Clients try three times if the error can be temporary. times is
// the number of requests. Zero: all, until [AWS.Recover]. Faults of one operation come one after
// the other. Fail panics if the local AWS does not have the operation, or if code is empty.
func (a *AWS) Fail(operation string, times int, code string) {
	if code == "" {
		panic("awstest: Fail needs the code of an error, such as ThrottlingException")
	}
	a.server.Fail(a.target(operation), times, &awslocal.Error{Status: statusOf(code), Type: code, Message: "awstest: a fault of the test"})
}

// Answer answers the next requests for an operation with a status and a body, which can be
// anything, and does not carry them out. times is as for [AWS.Fail]. Answer panics if the local
// AWS does not have the operation.
func (a *AWS) Answer(operation string, times, status int, body string) {
	a.server.Answer(a.target(operation), times, status, body)
}

// Hang does not answer the next requests for an operation until the client gives up: when its
// context ends, for example. times is as for [AWS.Fail]. Hang panics if the local AWS does not
// have the operation.
func (a *AWS) Hang(operation string, times int) {
	a.server.Delay(a.target(operation), times, math.MaxInt64)
}

// Recover removes the remaining faults of an operation. It panics if the local AWS does not have
// the operation.
func (a *AWS) Recover(operation string) { a.server.Recover(a.target(operation)) }

// prefixes are the targets of a service without its operations, by the service in IAM policies.
var prefixes = map[string]string{"kms": "TrentService.", "secretsmanager": "secretsmanager.", "ssm": "AmazonSSM.", "cloudfront": ""}

// target returns what awslocal calls an operation.
func (a *AWS) target(operation string) string {
	service, name, _ := strings.Cut(operation, ":")
	if prefix, ok := prefixes[service]; ok && slices.Contains(a.server.Operations(), prefix+name) {
		return prefix + name
	}
	panic(fmt.Sprintf("awstest: there is no operation %q: write one of %s", operation, strings.Join(a.operations(), ", ")))
}

// operations returns the names of all operations, in their order.
func (a *AWS) operations() []string {
	var names []string
	for _, target := range a.server.Operations() {
		prefix, name, ok := strings.Cut(target, ".")
		if !ok {
			prefix, name = "", target
		}
		for service, of := range prefixes {
			if strings.TrimSuffix(of, ".") == prefix {
				names = append(names, service+":"+name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// statusOf returns the status with which AWS sends an error. Clients try again if it is a fault
// of the server.
//
// Sources: "Common errors" and the errors of each operation in the API references, such as
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
func statusOf(code string) int {
	switch code {
	case "AccessDenied": // of CloudFront
		return 403
	case "KMSInternalException", "KeyUnavailableException", "InternalServiceError", "InternalServerError", "InternalFailure":
		return 500
	case "DependencyTimeoutException", "ServiceUnavailable", "ServiceUnavailableException":
		return 503
	}
	return 400
}
