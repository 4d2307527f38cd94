// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/jsii-runtime-go"
)

// newResponseHeaders returns what CloudFront adds to its answers.
func newResponseHeaders(stack awscdk.Stack, appOrigins []string) awscloudfront.ResponseHeadersPolicy {
	return awscloudfront.NewResponseHeadersPolicy(stack, jsii.String("ResponseHeaders"), &awscloudfront.ResponseHeadersPolicyProps{
		CorsBehavior:            cors(appOrigins),
		SecurityHeadersBehavior: securityHeaders(),
		CustomHeadersBehavior: &awscloudfront.ResponseCustomHeadersBehavior{CustomHeaders: &[]*awscloudfront.ResponseCustomHeader{{
			// Without it a browser shows its copy after the signature has expired, and to
			// the next user. It may keep one, but has to ask each time, and gets a 304 for
			// as long as it may. Files with a header of their own keep that.
			Header: jsii.String("Cache-Control"), Value: jsii.String("private, no-cache"), Override: jsii.Bool(false),
		}}},
	})
}

// cors lets scripts of some origins read the answers to requests with cookies, or none.
func cors(appOrigins []string) *awscloudfront.ResponseHeadersCorsBehavior {
	if len(appOrigins) == 0 {
		return nil
	}
	return &awscloudfront.ResponseHeadersCorsBehavior{
		AccessControlAllowOrigins:     jsii.Strings(appOrigins...),
		AccessControlAllowCredentials: jsii.Bool(true),
		AccessControlAllowMethods:     jsii.Strings("GET", "HEAD"),
		AccessControlAllowHeaders:     jsii.Strings("Range"), // required here, and read in preflights only
		AccessControlExposeHeaders:    jsii.Strings("Accept-Ranges", "Content-Range", "ETag"),
		OriginOverride:                jsii.Bool(true), // one place that says who may read
	}
}

func securityHeaders() *awscloudfront.ResponseSecurityHeadersBehavior {
	const year = 365
	return &awscloudfront.ResponseSecurityHeadersBehavior{
		// The files are the users': one that says it is a picture must not run as a script.
		ContentTypeOptions: &awscloudfront.ResponseHeadersContentTypeOptions{Override: jsii.Bool(true)},
		// A signed URL is a credential, and a page would send it along with its links.
		ReferrerPolicy: &awscloudfront.ResponseHeadersReferrerPolicy{
			ReferrerPolicy: awscloudfront.HeadersReferrerPolicy_NO_REFERRER, Override: jsii.Bool(true),
		},
		StrictTransportSecurity: &awscloudfront.ResponseHeadersStrictTransportSecurity{
			AccessControlMaxAge: days(year), Override: jsii.Bool(true),
		},
	}
}
