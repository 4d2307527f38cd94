// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/aws/aws-cdk-go/awscdk/v2/assertions"

func spoilPool(value any, path ...any) func(object)   { return set(poolType, "", value, path...) }
func spoilClient(value any, path ...any) func(object) { return set(clientType, "", value, path...) }

var userRequirements = []requirement{
	{
		why:   "users sign up by themselves",
		holds: every(poolType, object{"AdminCreateUserConfig": object{"AllowAdminCreateUserOnly": false}}),
		spoil: spoilPool(true, "AdminCreateUserConfig", "AllowAdminCreateUserOnly"),
	},
	{
		why: "and prove their address with a code",
		holds: every(poolType, object{
			"AutoVerifiedAttributes": []any{"email"},
			"VerificationMessageTemplate": like(object{
				"DefaultEmailOption": "CONFIRM_WITH_CODE", "EmailSubject": "Your verification code", "EmailMessage": matching("\\{####\\}"),
			}),
			"UserAttributeUpdateSettings": object{"AttributesRequireVerificationBeforeUpdate": []any{"email"}},
		}),
		spoil: spoilPool("no code", "VerificationMessageTemplate", "EmailMessage"),
	},
	{
		why:   "a lost password is sent to that address alone",
		holds: every(poolType, object{"AccountRecoverySetting": object{"RecoveryMechanisms": []any{object{"Name": "verified_email", "Priority": 1}}}}),
		spoil: spoilPool("verified_phone_number", "AccountRecoverySetting", "RecoveryMechanisms", 0, "Name"),
	},
	{
		why: "passwords are long",
		holds: every(poolType, object{"Policies": object{"PasswordPolicy": exactly(object{
			"MinimumLength": 12, "RequireLowercase": true, "RequireUppercase": true, "RequireNumbers": true, "RequireSymbols": true, "TemporaryPasswordValidityDays": 3,
		})}}),
		spoil: spoilPool(8, "Policies", "PasswordPolicy", "MinimumLength"),
	},
	{
		why:   "a second factor is possible, and no SMS, which costs and can be stolen",
		holds: every(poolType, object{"MfaConfiguration": "OPTIONAL", "EnabledMfas": []any{"SOFTWARE_TOKEN_MFA"}}),
		spoil: spoilPool([]any{"SOFTWARE_TOKEN_MFA", "SMS_MFA"}, "EnabledMfas"),
	},
	{
		why: "the article's attributes",
		holds: every(poolType, object{"Schema": []any{
			object{"Name": "email", "Required": true, "Mutable": true},
			object{"Name": "family_name", "Required": false, "Mutable": true},
			object{"Name": "given_name", "Required": false, "Mutable": true},
			object{"Name": "isAdmin", "AttributeDataType": "Boolean", "Mutable": true},
		}}),
		spoil: spoilPool(false, "Schema", 0, "Required"),
	},
	{
		why:   "of which users do not write isAdmin",
		holds: every(clientType, object{"WriteAttributes": []any{"email", "family_name", "given_name"}}),
		spoil: drop(clientType, "", "WriteAttributes"),
	},
	{
		why:   "nobody deletes the users by mistake",
		holds: every(poolType, object{"DeletionProtection": "ACTIVE"}),
		spoil: spoilPool("INACTIVE", "DeletionProtection"),
	},
	{
		why:   "Ada is ada",
		holds: every(poolType, object{"UsernameConfiguration": object{"CaseSensitive": false}}),
		spoil: spoilPool(true, "UsernameConfiguration", "CaseSensitive"),
	},
	{
		why: "passwords are not sent but by who has AWS credentials",
		holds: every(clientType, object{"ExplicitAuthFlows": []any{
			"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
		}}),
		spoil: spoilClient([]any{"ALLOW_USER_PASSWORD_AUTH"}, "ExplicitAuthFlows"),
	},
	{
		why:   "no OAuth flow, of which CDK allows the implicit one by default",
		holds: every(clientType, object{"AllowedOAuthFlowsUserPoolClient": false, "AllowedOAuthFlows": assertions.Match_Absent(), "CallbackURLs": assertions.Match_Absent()}),
		spoil: spoilClient([]any{"implicit"}, "AllowedOAuthFlows"),
	},
	{
		why:   "a page keeps no secret",
		holds: every(clientType, object{"GenerateSecret": false}),
		spoil: spoilClient(true, "GenerateSecret"),
	},
	{
		why: "tokens live for an hour, and are renewed for a month",
		holds: every(clientType, object{
			"AccessTokenValidity": 60, "IdTokenValidity": 60, "RefreshTokenValidity": 30 * 24 * 60,
			"TokenValidityUnits": object{"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "minutes"},
		}),
		spoil: spoilClient("hours", "TokenValidityUnits", "AccessToken"),
	},
	{
		why:   "a signed-out user's refresh token ends",
		holds: every(clientType, object{"EnableTokenRevocation": true}),
		spoil: spoilClient(false, "EnableTokenRevocation"),
	},
	{
		why:   "nobody learns who has an account",
		holds: every(clientType, object{"PreventUserExistenceErrors": "ENABLED"}),
		spoil: spoilClient("LEGACY", "PreventUserExistenceErrors"),
	},
}
