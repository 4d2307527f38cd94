// SPDX-License-Identifier: Apache-2.0

package awslocaltest_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

const secretName = "prod/cdn"

// secretsService is a local Secrets Manager with a secret, and a client that tries twice.
func secretsService(t *testing.T) (*awslocal.Secrets, *awslocal.Server, *secretsmanager.Client) {
	t.Helper()
	server := &awslocal.Server{}
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	secrets := awslocal.NewSecrets(server)
	secrets.Put(secretName, "one")
	secrets.SetRotation(secretName, true)
	return secrets, server, secretsmanager.New(secretsmanager.Options{
		BaseEndpoint: &listener.URL, Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(credentials), RetryMaxAttempts: 2,
	})
}

// A function is a rotation function, with the value that it makes up.
type function struct {
	client *secretsmanager.Client
	value  string
}

func (f function) handle(ctx context.Context, e awslocal.RotationEvent) error {
	description, err := f.client.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &e.SecretID})
	if err != nil {
		return err
	}
	switch e.Step {
	case "createSecret":
		_, err = f.client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId: &e.SecretID, ClientRequestToken: &e.ClientRequestToken, SecretString: &f.value, VersionStages: []string{"AWSPENDING"},
		})
	case "testSecret":
		_, err = f.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &e.SecretID, VersionId: &e.ClientRequestToken, VersionStage: aws.String("AWSPENDING")})
	case "finishSecret":
		var current *string
		for id, stages := range description.VersionIdsToStages {
			if stages[0] == "AWSCURRENT" {
				current = &id
			}
		}
		if *current == e.ClientRequestToken {
			return nil // it is finished
		}
		_, err = f.client.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
			SecretId: &e.SecretID, VersionStage: aws.String("AWSCURRENT"), MoveToVersionId: &e.ClientRequestToken, RemoveFromVersionId: current,
		})
	}
	return err
}

// value returns the value of a stage, or the error.
func value(t *testing.T, client *secretsmanager.Client, stage string) string {
	t.Helper()
	answer, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(secretName), VersionStage: &stage})
	var missing *types.ResourceNotFoundException
	switch {
	case errors.As(err, &missing):
		return "none"
	case err != nil:
		t.Fatal(err)
	}
	return *answer.SecretString
}

// TestRotation rotates a secret by a function. Each step may come twice, because Secrets
// Manager repeats a rotation from its first step.
func TestRotation(t *testing.T) {
	for name, steps := range map[string][]string{
		"once":       nil,
		"each twice": {"createSecret", "createSecret", "setSecret", "setSecret", "testSecret", "testSecret", "finishSecret", "finishSecret"},
	} {
		t.Run(name, func(t *testing.T) {
			secrets, _, client := secretsService(t)
			f := function{client, "two"}
			err := secrets.Rotate(secretName, func(e awslocal.RotationEvent) error { return f.handle(t.Context(), e) }, steps...)
			if err != nil {
				t.Fatal(err)
			}
			for stage, want := range map[string]string{"AWSCURRENT": "two", "AWSPREVIOUS": "one", "AWSPENDING": "none"} {
				if got := value(t, client, stage); got != want {
					t.Errorf("%s: got %s, want %s", stage, got, want)
				}
			}
		})
	}
}

// TestRotationGoesOn: a rotation that fails is taken up again, with the same version. The
// value of the first attempt stays.
func TestRotationGoesOn(t *testing.T) {
	secrets, server, client := secretsService(t)
	server.Fail(awslocal.SecretsUpdateStage, 2, &awslocal.Error{Status: 500, Type: "InternalServiceError"})
	var tokens []string
	rotate := func(value string) error {
		return secrets.Rotate(secretName, func(e awslocal.RotationEvent) error {
			if e.Step == "createSecret" {
				tokens = append(tokens, e.ClientRequestToken)
			}
			return function{client, value}.handle(t.Context(), e)
		})
	}
	if err := rotate("two"); err == nil {
		t.Fatal("no error")
	}
	var exists *types.ResourceExistsException
	if err := rotate("three"); !errors.As(err, &exists) {
		t.Fatalf("another value for the same version: got %v, want %T", err, exists)
	}
	if err := rotate("two"); err != nil {
		t.Fatal(err)
	}
	if tokens[0] != tokens[1] || tokens[1] != tokens[2] || value(t, client, "AWSCURRENT") != "two" {
		t.Errorf("the versions %v, and the value %s", tokens, value(t, client, "AWSCURRENT"))
	}
}

// TestDescribeSecret has the labels of each version, and whether rotation is turned on.
func TestDescribeSecret(t *testing.T) {
	secrets, _, client := secretsService(t)
	secrets.Put("plain", "text")
	second := secrets.PutPending(secretName, "two")
	describe := func(name string) *secretsmanager.DescribeSecretOutput {
		t.Helper()
		answer, err := client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &name})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	answer := describe(secretName)
	labels := map[string]int{}
	for _, stages := range answer.VersionIdsToStages {
		labels[stages[0]]++
	}
	if diff := cmp.Diff(map[string]int{"AWSCURRENT": 1, "AWSPENDING": 1}, labels); diff != "" || answer.VersionIdsToStages[second][0] != "AWSPENDING" {
		t.Errorf("%v (-want +got):\n%s", answer.VersionIdsToStages, diff)
	}
	if !*answer.RotationEnabled || *answer.ARN != secrets.ARN(secretName) || *answer.Name != secretName || answer.DeletedDate != nil {
		t.Errorf("got %+v", answer)
	}
	secrets.SetRotation(secretName, false)
	secrets.Delete(secretName)
	if answer := describe(secretName); *answer.RotationEnabled || answer.DeletedDate == nil {
		t.Errorf("got %+v", answer)
	}
	if answer := describe("plain"); answer.RotationEnabled != nil {
		t.Errorf("got %+v", answer)
	}
}
