// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
)

// The names of the secrets, as in the article (docs/history.md).
const (
	privateKeySecret  = "BP_COOKIE_SIGNER_PRIVATE_KEY"
	publicKeyIDSecret = "BP_COOKIE_SIGNER_PUBLIC_KEY_ID"
)

// newSecrets returns a policy for the API that reads both secrets.
//
// The secret for the private key is empty. You must put the key there yourself, so neither the
// template nor CloudFormation ever sees it. (The construct of a higher level would fill the
// secret with a random password.)
func newSecrets(stack awscdk.Stack, t trusted) awsiam.ManagedPolicy {
	privateKey := awssecretsmanager.NewCfnSecret(stack, jsii.String("PrivateKey"), &awssecretsmanager.CfnSecretProps{
		Name:        jsii.String(privateKeySecret),
		Description: jsii.String("The private key that signs for CloudFront, as PEM. Put it here by hand."),
	})
	publicKeyID := awssecretsmanager.NewCfnSecret(stack, jsii.String("PublicKeyID"), &awssecretsmanager.CfnSecretProps{
		Name:         jsii.String(publicKeyIDSecret),
		Description:  jsii.String("The ID that CloudFront gave to the public key of " + privateKeySecret),
		SecretString: t.ids[0],
	})
	return awsiam.NewManagedPolicy(stack, jsii.String("ReadSigningKey"), &awsiam.ManagedPolicyProps{
		Description: jsii.String("For the API that signs: reads its key, and nothing else"),
		Statements:  &[]awsiam.PolicyStatement{readSecrets(privateKey.Ref(), publicKeyID.Ref())},
	})
}

// readSecrets allows reading the current version and the previous one, but not AWSPENDING,
// which a rotation has not finished. A request must name the stage, as those of package
// awssecrets do.
func readSecrets(arns ...*string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("secretsmanager:GetSecretValue"),
		Resources: &arns,
		Conditions: &map[string]any{
			"ForAnyValue:StringEquals": map[string]any{"secretsmanager:VersionStage": []string{"AWSCURRENT", "AWSPREVIOUS"}},
		},
	})
}
