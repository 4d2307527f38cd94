// SPDX-License-Identifier: Apache-2.0

package awstest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// An AWS is a Region of an account in a local AWS, without keys, secrets and distributions at
// first. Create one with [New] or [Start], in us-east-1: the zero AWS panics. [AWS.Region] returns
// the other Regions. An AWS is safe for concurrent use.
type AWS struct {
	// Config leads the clients of the AWS SDK to the local AWS. Clients try a request three
	// times, as they do by default, but without pauses. You can change a copy. If your code
	// chooses another Region for a client, its requests go to that [AWS.Region].
	Config aws.Config
	// KMS has the keys of Key Management Service.
	KMS *KMS
	// Secrets has the secrets of Secrets Manager.
	Secrets *Secrets
	// Parameters has the parameters of Parameter Store.
	Parameters *Parameters
	// CloudFront has public keys, key groups and distributions. It is global: all Regions of an
	// account have the same one.
	CloudFront *CloudFront

	account *account
	server  *awslocal.Server
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
func Start() *AWS { return newAccount().home }

// Region returns the same account in another Region, such as us-west-2. Each Region has its own
// keys, secrets and parameters, and its own counts and faults of their operations. All Regions
// share CloudFront, the clock, and Close, and have one endpoint. A multi-Region key gets to a
// Region with [KMS.Replicate].
//
// Region panics for a name outside of the partition aws, such as cn-north-1 and us-gov-west-1,
// because an account is in one partition. It also panics for a new Region after [AWS.Close].
func (a *AWS) Region(name string) *AWS {
	r, err := a.account.region(name)
	if err != nil {
		panic(fmt.Sprintf("awstest: the Region is %q: %v", name, err))
	}
	return r
}

// Close ends the local AWS in all Regions, and all requests that hang. You can call it again.
func (a *AWS) Close() { a.account.close() }

// SetClock sets the clock of the local AWS in all Regions: for the dates of keys and secrets, for
// the date of answers, by which package keygroup judges the age of retired keys, and for
// [CloudFront.SetDelay]. Nil: time.Now, as at first. The jumps of [AWS.Hasten] are added to it.
func (a *AWS) SetClock(clock func() time.Time) { a.account.clock.set(clock) }

// Hasten makes the clock of the local AWS jump forward by d each time the local AWS reads it. Then
// code that waits for CloudFront, such as a keygroup.Rotator for its Options.Settle of 5 minutes,
// goes on at once if d is longer. The jumps are added to the clock of [AWS.SetClock], whichever
// you call first. Zero: no more jumps, but those before remain. Hasten panics if d is negative.
func (a *AWS) Hasten(d time.Duration) {
	checkDuration("Hasten", d)
	a.account.clock.hasten(d)
}

// start starts the services of a Region, except CloudFront.
func (a *account) start(region string) *AWS {
	r := &AWS{account: a, server: &awslocal.Server{}}
	r.server.SetClock(a.clock.now)
	r.Secrets = &Secrets{awslocal.NewSecretsIn(r.server, region)}
	r.Parameters = &Parameters{awslocal.NewParametersIn(r.server, region)}
	r.Config = aws.Config{
		Region:       region,
		BaseEndpoint: aws.String("http://" + a.listener.Listener.Addr().String()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretAccessKeyOfTheExample"}, nil
		}),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}
	return r
}
