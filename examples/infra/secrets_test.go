// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

var secretRequirements = []requirement{
	{
		why: "the secret for the private key is empty",
		holds: some(secretType, exactly(object{
			"Name": "BP_COOKIE_SIGNER_PRIVATE_KEY", "Description": assertions.Match_AnyValue(),
		})),
		spoil: set(secretType, "PrivateKey", "-----BEGIN PRIVATE KEY-----", "SecretString"),
	},
	{
		why: "and not filled with a random password",
		holds: some(secretType, exactly(object{
			"Name": "BP_COOKIE_SIGNER_PRIVATE_KEY", "Description": assertions.Match_AnyValue(),
		})),
		spoil: set(secretType, "PrivateKey", object{}, "GenerateSecretString"),
	},
	{
		why: "the other one has the ID of the first key",
		holds: func(t assertions.Template) {
			t.HasResourceProperties(jsii.String(secretType), exactly(object{
				"Name": "BP_COOKIE_SIGNER_PUBLIC_KEY_ID", "Description": assertions.Match_AnyValue(),
				"SecretString": object{"Ref": matching("^PublicKey[0-9a-f]{16}")},
			}))
		},
		spoil: set(secretType, "PublicKeyID", "K2JCJMDEHXQW5F", "SecretString"),
	},
	{
		why: "the API reads both, of their current and former versions, and nothing else",
		holds: every(managedType, like(object{"PolicyDocument": exactly(object{
			"Version": "2012-10-17",
			"Statement": []any{exactly(object{
				"Effect":    "Allow",
				"Action":    "secretsmanager:GetSecretValue",
				"Resource":  []any{object{"Ref": "PrivateKey"}, object{"Ref": "PublicKeyID"}},
				"Condition": object{"ForAnyValue:StringEquals": object{"secretsmanager:VersionStage": []any{"AWSCURRENT", "AWSPREVIOUS"}}},
			})},
		})})),
		spoil: set(managedType, "", []any{"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"}, "PolicyDocument", "Statement", 0, "Action"),
	},
	{
		why:   "and has the policy from who deploys: it is attached to nobody",
		holds: every(managedType, object{"Roles": assertions.Match_Absent(), "Users": assertions.Match_Absent(), "Groups": assertions.Match_Absent()}),
		spoil: set(managedType, "", []any{"api"}, "Roles"),
	},
}
