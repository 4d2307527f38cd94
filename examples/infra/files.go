// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// Days after which things are deleted.
const (
	keepOldVersions = 30
	keepHalfUploads = 7
	keepLogs        = 90 // they have IP addresses, which are personal data in many places
)

// newFiles returns the bucket with the users' files. Only CloudFront reads it.
func newFiles(stack awscdk.Stack) awss3.Bucket {
	props := privateBucket()
	props.ObjectOwnership = awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED // no ACLs, which could open single files
	props.Versioned = jsii.Bool(true)                                   // a file that was overwritten can be brought back
	props.LifecycleRules = &[]*awss3.LifecycleRule{{
		NoncurrentVersionExpiration:         days(keepOldVersions),
		AbortIncompleteMultipartUploadAfter: days(keepHalfUploads),
	}}
	return awss3.NewBucket(stack, jsii.String("Files"), props)
}

// privateBucket returns what both buckets have. They have no name of their own, because
// names are those of the whole world; and they stay when the stack is deleted.
func privateBucket() *awss3.BucketProps {
	return &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		// S3's own keys: one in KMS costs a dollar per month and its requests, and would
		// protect from nobody else, since CloudFront had to be allowed to use it.
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		MinimumTLSVersion: jsii.Number(1.2),
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
	}
}

func days(n float64) awscdk.Duration { return awscdk.Duration_Days(&n) }
