// SPDX-License-Identifier: Apache-2.0

// Package awslocaltest_test tests the local services of package awslocal with the clients of
// the AWS SDK: requests in the SDK's form, answers and errors in its types.
package awslocaltest_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// A service is a local CloudFront, and a client for it.
type service struct {
	*awslocal.CloudFront
	server *awslocal.Server
	client *cloudfront.Client
}

// newService starts a CloudFront on loopback. Its client tries three times, without waiting.
func newService(t *testing.T) *service {
	t.Helper()
	server := &awslocal.Server{}
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	return &service{CloudFront: awslocal.NewCloudFront(server), server: server, client: newClient(listener.URL)}
}

func newClient(endpoint string) *cloudfront.Client {
	return cloudfront.New(cloudfront.Options{
		BaseEndpoint: &endpoint,
		Region:       "us-east-1",
		Credentials:  aws.CredentialsProviderFunc(credentials),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		}),
	})
}

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretOfTheCaller"}, nil
}

// publicKeyConfig is the config of a new public key.
func publicKeyConfig(t *testing.T, name string) *types.PublicKeyConfig {
	t.Helper()
	text, err := keys.MarshalPublic(testkeys.P256().Public())
	if err != nil {
		t.Fatal(err)
	}
	return &types.PublicKeyConfig{CallerReference: aws.String("ref-" + name), Name: &name, EncodedKey: aws.String(string(text)), Comment: aws.String("of " + name)}
}

// createPublicKey creates a public key, and returns its ID with its ETag.
func (s *service) createPublicKey(t *testing.T, name string) (id, etag string) {
	t.Helper()
	answer, err := s.client.CreatePublicKey(t.Context(), &cloudfront.CreatePublicKeyInput{PublicKeyConfig: publicKeyConfig(t, name)})
	if err != nil {
		t.Fatal(err)
	}
	return *answer.PublicKey.Id, *answer.ETag
}

// createKeyGroup creates a key group, and returns its ID with its ETag.
func (s *service) createKeyGroup(t *testing.T, name string, publicKeys ...string) (id, etag string) {
	t.Helper()
	answer, err := s.client.CreateKeyGroup(t.Context(), &cloudfront.CreateKeyGroupInput{
		KeyGroupConfig: &types.KeyGroupConfig{Name: &name, Items: publicKeys, Comment: aws.String("of " + name)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *answer.KeyGroup.Id, *answer.ETag
}
