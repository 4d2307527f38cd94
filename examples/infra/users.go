// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"
)

// users are the user pool and the application that signs users in.
type users struct {
	pool   awscognito.UserPool
	client awscognito.UserPoolClient
}

// isAdmin is an attribute of the article (docs/history.md). Users must not be able to set it.
const isAdmin = "isAdmin"

func newUsers(stack awscdk.Stack) users {
	pool := awscognito.NewUserPool(stack, jsii.String("Users"), &awscognito.UserPoolProps{
		SelfSignUpEnabled:   jsii.Bool(true),
		SignInAliases:       &awscognito.SignInAliases{Username: jsii.Bool(true)},
		SignInCaseSensitive: jsii.Bool(false), // Otherwise Ada and ada are two users.
		AutoVerify:          &awscognito.AutoVerifiedAttrs{Email: jsii.Bool(true)},
		KeepOriginal:        &awscognito.KeepOriginalAttrs{Email: jsii.Bool(true)}, // until the new address is verified
		AccountRecovery:     awscognito.AccountRecovery_EMAIL_ONLY,
		UserVerification: &awscognito.UserVerificationConfig{
			EmailStyle:   awscognito.VerificationEmailStyle_CODE,
			EmailSubject: jsii.String("Your verification code"),
			EmailBody:    jsii.String("Welcome! Your verification code is {####}. If you did not sign up, ignore this message."),
		},
		StandardAttributes: &awscognito.StandardAttributes{
			Email:      &awscognito.StandardAttribute{Required: jsii.Bool(true), Mutable: jsii.Bool(true)},
			GivenName:  &awscognito.StandardAttribute{Mutable: jsii.Bool(true)},
			FamilyName: &awscognito.StandardAttribute{Mutable: jsii.Bool(true)},
		},
		CustomAttributes: &map[string]awscognito.ICustomAttribute{
			isAdmin: awscognito.NewBooleanAttribute(&awscognito.CustomAttributeProps{Mutable: jsii.Bool(true)}),
		},
		PasswordPolicy:     passwordPolicy(),
		Mfa:                awscognito.Mfa_OPTIONAL,
		MfaSecondFactor:    &awscognito.MfaSecondFactor{Otp: jsii.Bool(true), Sms: jsii.Bool(false)},
		DeletionProtection: jsii.Bool(true),
		RemovalPolicy:      awscdk.RemovalPolicy_RETAIN,
	})
	return users{pool, newClient(pool)}
}

func passwordPolicy() *awscognito.PasswordPolicy {
	const shortest, invitation = 12, 3
	return &awscognito.PasswordPolicy{
		MinLength:            jsii.Number(shortest),
		RequireLowercase:     jsii.Bool(true),
		RequireUppercase:     jsii.Bool(true),
		RequireDigits:        jsii.Bool(true),
		RequireSymbols:       jsii.Bool(true),
		TempPasswordValidity: days(invitation),
	}
}

// newClient returns the application. It has no secret, because a page in a browser cannot
// keep a secret.
func newClient(pool awscognito.UserPool) awscognito.UserPoolClient {
	const minutes, month = 60, 30
	return pool.AddClient(jsii.String("App"), &awscognito.UserPoolClientOptions{
		GenerateSecret: jsii.Bool(false),
		// SRP proves the password without sending it. The other flow needs AWS credentials for
		// this pool; the README uses it on the command line.
		AuthFlows:    &awscognito.AuthFlow{UserSrp: jsii.Bool(true), AdminUserPassword: jsii.Bool(true)},
		DisableOAuth: jsii.Bool(true), // CDK would allow the implicit grant to example.com.

		AccessTokenValidity:  awscdk.Duration_Minutes(jsii.Number(minutes)),
		IdTokenValidity:      awscdk.Duration_Minutes(jsii.Number(minutes)),
		RefreshTokenValidity: days(month),

		EnableTokenRevocation:      jsii.Bool(true),
		PreventUserExistenceErrors: jsii.Bool(true),

		// Without a list, an application can write everything, even isAdmin.
		WriteAttributes: awscognito.NewClientAttributes().WithStandardAttributes(&awscognito.StandardAttributesMask{
			Email: jsii.Bool(true), GivenName: jsii.Bool(true), FamilyName: jsii.Bool(true),
		}),
	})
}
