// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

var bucketRequirements = []requirement{
	{
		why: "no bucket can be made public",
		holds: every(bucketType, object{"PublicAccessBlockConfiguration": exactly(object{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		})}),
		spoil: set(bucketType, "Files", false, "PublicAccessBlockConfiguration", "BlockPublicPolicy"),
	},
	{
		why:   "no bucket is a website",
		holds: every(bucketType, object{"WebsiteConfiguration": assertions.Match_Absent(), "AccessControl": assertions.Match_Absent()}),
		spoil: set(bucketType, "Files", object{"IndexDocument": "index.html"}, "WebsiteConfiguration"),
	},
	{
		why:   "no bucket has ACLs",
		holds: every(bucketType, object{"OwnershipControls": object{"Rules": []any{object{"ObjectOwnership": "BucketOwnerEnforced"}}}}),
		spoil: set(bucketType, "Files", "ObjectWriter", "OwnershipControls", "Rules", 0, "ObjectOwnership"),
	},
	{
		why: "every bucket encrypts",
		holds: every(bucketType, object{"BucketEncryption": object{"ServerSideEncryptionConfiguration": []any{
			object{"ServerSideEncryptionByDefault": object{"SSEAlgorithm": "AES256"}},
		}}}),
		spoil: drop(bucketType, "Logs", "BucketEncryption"),
	},
	{
		why: "files can be brought back for a month",
		holds: some(bucketType, object{
			"VersioningConfiguration": object{"Status": "Enabled"},
			"LifecycleConfiguration": object{"Rules": []any{like(object{
				"NoncurrentVersionExpiration": object{"NoncurrentDays": 30}, "ExpirationInDays": assertions.Match_Absent(), "Status": "Enabled",
			})}},
		}),
		spoil: set(bucketType, "Files", "Suspended", "VersioningConfiguration", "Status"),
	},
	{
		why:   "logs are not kept for ever",
		holds: some(bucketType, object{"LifecycleConfiguration": object{"Rules": []any{like(object{"ExpirationInDays": 90, "Status": "Enabled"})}}}),
		spoil: set(bucketType, "Logs", "Disabled", "LifecycleConfiguration", "Rules", 0, "Status"),
	},
	{
		why: "what users made stays when the stack is deleted",
		holds: func(t assertions.Template) {
			for _, typ := range []string{bucketType, poolType} {
				t.AllResources(&typ, object{"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"})
			}
		},
		spoil: func(template object) {
			at[object](template, "Resources", nameOf(template, bucketType, "Files"))["DeletionPolicy"] = "Delete"
		},
	},
	{
		why: "nobody talks to a bucket in plain text",
		holds: every(policyType, object{"PolicyDocument": object{"Statement": including(like(object{
			"Effect": "Deny", "Principal": object{"AWS": "*"}, "Action": "s3:*", "Condition": object{"Bool": object{"aws:SecureTransport": "false"}},
		}))}}),
		spoil: set(policyType, "Logs", "s3:GetObject", "PolicyDocument", "Statement", 0, "Action"),
	},
	{
		why: "nobody talks to a bucket with TLS 1.1",
		holds: every(policyType, object{"PolicyDocument": object{"Statement": including(like(object{
			"Effect": "Deny", "Principal": object{"AWS": "*"}, "Action": "s3:*", "Condition": object{"NumericLessThan": object{"s3:TlsVersion": 1.2}},
		}))}}),
		spoil: set(policyType, "Files", 1.1, "PolicyDocument", "Statement", 1, "Condition", "NumericLessThan", "s3:TlsVersion"),
	},
	{
		why:   "nobody may do anything because he is anybody",
		holds: noAllowForAll,
		spoil: set(policyType, "Files", "Allow", "PolicyDocument", "Statement", 0, "Effect"),
	},
	{
		why:   "nor under another name for anybody",
		holds: noAllowForAll,
		spoil: set(policyType, "Files", "*", "PolicyDocument", "Statement", 2, "Principal"),
	},
	{
		why:   "nor as anybody but some",
		holds: noAllowForAll,
		spoil: set(policyType, "Files", object{"AWS": "arn:aws:iam::123456789012:root"}, "PolicyDocument", "Statement", 2, "NotPrincipal"),
	},
	{
		why:   "of all distributions this one reads the files, and only reads",
		holds: onlyAllows("Files", like(object{"Principal": exactly(object{"Service": "cloudfront.amazonaws.com"}), "Action": "s3:GetObject", "Condition": exactly(object{"StringEquals": object{"AWS:SourceArn": exactly(object{"Fn::Join": assertions.Match_AnyValue()})}})})),
		spoil: drop(policyType, "Files", "PolicyDocument", "Statement", 2, "Condition"),
	},
	{
		why:   "and lists no folders",
		holds: onlyAllows("Files", like(object{"Action": "s3:GetObject"})),
		spoil: set(policyType, "Files", []any{"s3:GetObject", "s3:ListBucket"}, "PolicyDocument", "Statement", 2, "Action"),
	},
	{
		why:   "nobody else is allowed anything in the bucket",
		holds: onlyAllows("Files", like(object{"Action": "s3:GetObject"})),
		spoil: func(template object) {
			document := at[object](properties(template, policyType, "Files"), "PolicyDocument")
			document["Statement"] = append(at[[]any](document, "Statement"), object{"Effect": "Allow", "Action": "s3:GetObject"})
		},
	},
	{
		why: "logs of this account alone are written",
		holds: onlyAllows("Logs", like(object{
			"Principal": exactly(object{"Service": "delivery.logs.amazonaws.com"}), "Action": "s3:PutObject",
			"Condition": like(object{"StringEquals": exactly(object{"aws:SourceAccount": object{"Ref": "AWS::AccountId"}, "s3:x-amz-acl": "bucket-owner-full-control"})}),
		})),
		spoil: drop(policyType, "Logs", "PolicyDocument", "Statement", 2, "Condition", "StringEquals", "aws:SourceAccount"),
	},
}

// onlyAllows requires of a bucket's policy that it is the two refusals, and this.
func onlyAllows(bucket string, statement any) func(assertions.Template) {
	return func(t assertions.Template) {
		refusal := like(object{"Effect": "Deny"})
		t.HasResourceProperties(jsii.String(policyType), object{
			"Bucket":         object{"Ref": matching("^" + bucket)},
			"PolicyDocument": object{"Statement": []any{refusal, refusal, statement}},
		})
	}
}

// noAllowForAll refuses statements, wherever they are, that allow something to everybody.
func noAllowForAll(t assertions.Template) {
	var look func(value any)
	look = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, item := range value {
				look(item)
			}
		case object:
			_, allBut := value["NotPrincipal"]
			if value["Effect"] == "Allow" && (allBut || hasStar(value["Principal"])) {
				panic(fmt.Sprint("everybody is allowed ", value["Action"]))
			}
			for _, item := range value {
				look(item)
			}
		}
	}
	look(*t.ToJSON())
}

func hasStar(value any) bool {
	switch value := value.(type) {
	case string:
		return value == "*"
	case []any:
		for _, item := range value {
			if hasStar(item) {
				return true
			}
		}
	case object:
		for _, item := range value {
			if hasStar(item) {
				return true
			}
		}
	}
	return false
}
