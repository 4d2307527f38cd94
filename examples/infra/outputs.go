// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// outputs are what you need to know after a deployment.
type outputs struct {
	files   awss3.Bucket
	trusted trusted
	cdn     awscloudfront.Distribution
	users   users
	secrets awsiam.ManagedPolicy
}

// writeOutputs adds the settings of examples/cognito, one by one and in one line for env(1),
// and what the README's commands need. CloudFormation allows no underscore in a name.
func writeOutputs(stack awscdk.Stack, o options, all outputs) {
	domain := &o.domain
	if o.domain == "" {
		domain = all.cdn.DistributionDomainName()
	}
	pool, client := all.users.pool.UserPoolId(), all.users.client.UserPoolClientId()
	output(stack, "REGION", &o.region, "Where the user pool is")
	output(stack, "USERPOOLID", pool, "The user pool")
	output(stack, "APPCLIENTID", client, "The application of the user pool")
	output(stack, "CFDOMAIN", domain, "The host of the distribution")
	output(stack, "SECRETREGION", &o.region, "SECRET_REGION: where the secrets are")
	output(stack, "Environment", jsii.String("REGION="+o.region+" USERPOOLID="+*pool+" APPCLIENTID="+*client+
		" CFDOMAIN="+*domain+" SECRET_REGION="+o.region), "The settings of examples/cognito")

	output(stack, "PolicyARN", all.secrets.ManagedPolicyArn(), "Attach this to the role of the API")
	output(stack, "BucketName", all.files.BucketName(), "Put the files of a user below {sub}/")
	output(stack, "DistributionDomain", all.cdn.DistributionDomainName(), "What the name of your own points to")
	output(stack, "KeyGroupID", all.trusted.group.KeyGroupId(), "The key group, for a program that rotates the key")
	for i, id := range all.trusted.ids {
		output(stack, "PublicKeyID"+strconv.Itoa(i+1), id, "The ID of a trusted key, in the order of publicKeys: the first signs")
	}
}

func output(stack awscdk.Stack, name string, value *string, description string) {
	// CDK would add a hash to some logical IDs.
	awscdk.NewCfnOutput(stack, jsii.String("Output"+name), &awscdk.CfnOutputProps{Value: value, Description: &description}).
		OverrideLogicalId(&name)
}
