// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// A variant is what you can choose in all templates.
type variant struct {
	region     string
	keys       []string // PEM; the first signs
	origins    []any
	domain     string
	api        string   // the host of the API's origin, or ""
	apiPaths   []string // its behaviors
	ipv6       bool
	extraTypes []string // types of resources that only this template has
}

// A requirement is what every template must have.
type requirement struct {
	why  string
	of   func(stack) any
	want func(variant) any
}

func always(want any) func(variant) any { return func(variant) any { return want } }

func property(name string, path ...any) func(stack) any {
	return func(s stack) any { return s.of(name, path...) }
}

// only returns the members of an object with these names. A name that is not there is nil.
func only(value any, names ...string) any {
	members := object{}
	for _, name := range names {
		members[name] = at(value, name)
	}
	return members
}

var requirements = []requirement{
	{
		"no bucket can be made public",
		func(s stack) any {
			return []any{s.of("Files", "PublicAccessBlockConfiguration"), s.of("Logs", "PublicAccessBlockConfiguration")}
		},
		always([]any{blocked, blocked}),
	},
	{
		"files have no ACLs, and CloudFront's older logs need them",
		func(s stack) any {
			return []any{s.of("Files", "OwnershipControls", "Rules"), s.of("Logs", "OwnershipControls", "Rules")}
		},
		func(v variant) any {
			logs := "BucketOwnerEnforced"
			if v.region != "us-east-1" {
				logs = "BucketOwnerPreferred"
			}
			return []any{[]any{object{"ObjectOwnership": "BucketOwnerEnforced"}}, []any{object{"ObjectOwnership": logs}}}
		},
	},
	{
		"no bucket is a website, or has an ACL of its own",
		func(s stack) any {
			return []any{only(s.of("Files"), "WebsiteConfiguration", "AccessControl"), only(s.of("Logs"), "WebsiteConfiguration", "AccessControl")}
		},
		always([]any{object{"WebsiteConfiguration": nil, "AccessControl": nil}, object{"WebsiteConfiguration": nil, "AccessControl": nil}}),
	},
	{
		"every bucket encrypts",
		func(s stack) any {
			path := []any{"BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "SSEAlgorithm"}
			return []any{s.of("Files", path...), s.of("Logs", path...)}
		},
		always([]any{"AES256", "AES256"}),
	},
	{
		"files can be brought back for a month, and never expire",
		func(s stack) any {
			return []any{
				s.of("Files", "VersioningConfiguration", "Status"),
				only(s.of("Files", "LifecycleConfiguration", "Rules", 0), "Status", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload", "ExpirationInDays"),
			}
		},
		always([]any{"Enabled", object{
			"Status": "Enabled", "NoncurrentVersionExpiration": object{"NoncurrentDays": 30},
			"AbortIncompleteMultipartUpload": object{"DaysAfterInitiation": 7}, "ExpirationInDays": nil,
		}}),
	},
	{
		"logs are not kept for ever",
		func(s stack) any {
			return only(s.of("Logs", "LifecycleConfiguration", "Rules", 0), "Status", "ExpirationInDays")
		},
		always(object{"Status": "Enabled", "ExpirationInDays": 90}),
	},
	{
		"files and logs stay when the stack is deleted",
		func(s stack) any {
			return []any{s.resources["Files"]["DeletionPolicy"], s.resources["Logs"]["DeletionPolicy"]}
		},
		always([]any{"Retain", "Retain"}),
	},
	{
		"only this distribution reads the files, with TLS 1.2, and nobody lists or writes them",
		property("FilesPolicy", "PolicyDocument", "Statement"),
		always(append(denied("Files"), object{
			"Effect": "Allow", "Principal": object{"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::Files/*",
			"Condition": object{"StringEquals": object{"AWS:SourceArn": "arn:aws:cloudfront::123456789012:distribution/Distribution"}},
		})),
	},
	{
		"only the log service writes logs, for this account, with TLS 1.2",
		property("LogsPolicy", "PolicyDocument", "Statement"),
		func(v variant) any {
			if v.region != "us-east-1" {
				return denied("Logs")
			}
			return append(denied("Logs"), object{
				"Effect": "Allow", "Principal": object{"Service": "delivery.logs.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::Logs/AWSLogs/123456789012/*",
				"Condition": object{
					"StringEquals": object{"aws:SourceAccount": "123456789012", "s3:x-amz-acl": "bucket-owner-full-control"},
					"ArnLike":      object{"aws:SourceArn": "arn:aws:logs:us-east-1:123456789012:delivery-source:*"},
				},
			})
		},
	},
	{
		"each policy is for its bucket",
		func(s stack) any { return []any{s.of("FilesPolicy", "Bucket"), s.of("LogsPolicy", "Bucket")} },
		always([]any{"Files", "Logs"}),
	},
	{
		"CloudFront signs everything that it asks S3",
		func(s stack) any {
			return only(s.of("OriginAccess", "OriginAccessControlConfig"), "OriginAccessControlOriginType", "SigningBehavior", "SigningProtocol")
		},
		always(object{"OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"}),
	},
	{
		"the bucket has an origin access control and no identity, and the API TLS 1.2",
		func(s stack) any {
			var found []any
			for _, o := range items(s.of("Distribution", "DistributionConfig", "Origins")) {
				found = append(found, object{
					"Domain": at(o, "DomainName"), "Access": at(o, "OriginAccessControlId"), "Identity": fmt.Sprint(at(o, "S3OriginConfig", "OriginAccessIdentity")),
					"Protocol": at(o, "CustomOriginConfig", "OriginProtocolPolicy"), "TLS": at(o, "CustomOriginConfig", "OriginSSLProtocols"),
				})
			}
			return found
		},
		func(v variant) any {
			origins := []any{object{"Domain": "Files.s3.amazonaws.com", "Access": "OriginAccess.Id", "Identity": "", "Protocol": nil, "TLS": nil}}
			if v.api != "" {
				origins = append(origins, object{"Domain": v.api, "Access": nil, "Identity": "<nil>", "Protocol": "https-only", "TLS": []any{"TLSv1.2"}})
			}
			return origins
		},
	},
	{
		"files need a signature, TLS, GET or HEAD, and are cached once for all viewers",
		func(s stack) any {
			return s.behavior(s.of("Distribution", "DistributionConfig", "DefaultCacheBehavior"))
		},
		always(object{
			"PathPattern": nil, "Origin": "Files.s3.amazonaws.com", "TrustedKeyGroups": []any{"KeyGroup"}, "TrustedSigners": nil, "ViewerProtocolPolicy": "https-only",
			"AllowedMethods": []any{"GET", "HEAD"}, "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6", "OriginRequestPolicyId": nil, "ForwardedValues": nil,
			"ResponseHeadersPolicyId": "ResponseHeaders", "FunctionAssociations": nil, "LambdaFunctionAssociations": nil, "Compress": true,
		}),
	},
	{
		"no other path is public than the API's, which gets tokens, cookies and queries, and is not cached",
		func(s stack) any {
			found := []any{}
			for _, b := range items(s.of("Distribution", "DistributionConfig", "CacheBehaviors")) {
				found = append(found, s.behavior(b))
			}
			return found
		},
		func(v variant) any {
			behaviors := []any{}
			for _, path := range v.apiPaths {
				behaviors = append(behaviors, object{
					"PathPattern": path, "Origin": v.api, "TrustedKeyGroups": nil, "TrustedSigners": nil, "ViewerProtocolPolicy": "https-only",
					"AllowedMethods": []any{"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}, "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
					"OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac", "ForwardedValues": nil, "ResponseHeadersPolicyId": nil,
					"FunctionAssociations": nil, "LambdaFunctionAssociations": nil, "Compress": true,
				})
			}
			return behaviors
		},
	},
	{
		"responses are not sniffed, not referred to and not kept, and your origins alone read them",
		func(s stack) any {
			return only(s.of("ResponseHeaders", "ResponseHeadersPolicyConfig"), "CorsConfig", "CustomHeadersConfig", "SecurityHeadersConfig")
		},
		func(v variant) any {
			want := object{
				"CorsConfig":          nil,
				"CustomHeadersConfig": object{"Items": []any{object{"Header": "Cache-Control", "Value": "private, no-cache", "Override": false}}},
				"SecurityHeadersConfig": object{
					"ContentTypeOptions": object{"Override": true}, "ReferrerPolicy": object{"ReferrerPolicy": "no-referrer", "Override": true},
					"StrictTransportSecurity": object{"AccessControlMaxAgeSec": 31536000, "Override": true},
				},
			}
			if len(v.origins) > 0 {
				want["CorsConfig"] = object{
					"AccessControlAllowOrigins": object{"Items": v.origins}, "AccessControlAllowCredentials": true, "OriginOverride": true,
					"AccessControlAllowMethods": object{"Items": []any{"GET", "HEAD"}}, "AccessControlAllowHeaders": object{"Items": []any{"Range"}},
					"AccessControlExposeHeaders": object{"Items": []any{"Accept-Ranges", "Content-Range", "ETag"}},
				}
			}
			return want
		},
	},
	{
		"the distribution is on, in the cheapest price class, and takes IPv6 only if you ask for it",
		func(s stack) any {
			return only(s.of("Distribution", "DistributionConfig"), "Enabled", "HttpVersion", "IPV6Enabled", "PriceClass", "WebACLId", "CustomErrorResponses")
		},
		func(v variant) any {
			return object{"Enabled": true, "HttpVersion": "http2and3", "IPV6Enabled": v.ipv6, "PriceClass": "PriceClass_100", "WebACLId": nil, "CustomErrorResponses": nil}
		},
	},
	{
		"your own domain comes with TLS 1.2 and the ciphers of 2021",
		func(s stack) any {
			return only(s.of("Distribution", "DistributionConfig"), "Aliases", "ViewerCertificate")
		},
		func(v variant) any {
			if v.domain == "" {
				return object{"Aliases": nil, "ViewerCertificate": nil}
			}
			return object{"Aliases": []any{v.domain}, "ViewerCertificate": object{"AcmCertificateArn": certificate, "MinimumProtocolVersion": "TLSv1.2_2021", "SslSupportMethod": "sni-only"}}
		},
	},
	{
		"requests are logged without cookies and, where that is possible, without queries and referrers",
		func(s stack) any {
			return object{
				"older":  only(s.of("Distribution", "DistributionConfig", "Logging"), "Bucket", "IncludeCookies"),
				"source": only(s.of("LogSource"), "LogType", "ResourceArn"), "to": only(s.of("LogDestination"), "DestinationResourceArn", "OutputFormat"),
				"fields": s.of("LogDelivery", "RecordFields"),
			}
		},
		func(v variant) any {
			want := object{
				"older": object{"Bucket": nil, "IncludeCookies": nil}, "source": object{"LogType": "ACCESS_LOGS", "ResourceArn": "arn:aws:cloudfront::123456789012:distribution/Distribution"},
				"to": object{"DestinationResourceArn": "arn:aws:s3:::Logs", "OutputFormat": "json"},
				"fields": []any{
					"date", "time", "c-ip", "cs-method", "x-host-header", "cs-uri-stem", "sc-status", "sc-bytes", "time-taken", "x-edge-location", "x-edge-result-type",
					"x-edge-detailed-result-type", "x-edge-request-id", "cs(User-Agent)", "cs-protocol", "cs-protocol-version", "ssl-protocol", "sc-content-type", "sc-range-start", "sc-range-end",
				},
			}
			if v.region != "us-east-1" {
				want = object{
					"older":  object{"Bucket": "Logs.s3.amazonaws.com", "IncludeCookies": false},
					"source": object{"LogType": nil, "ResourceArn": nil}, "to": object{"DestinationResourceArn": nil, "OutputFormat": nil}, "fields": nil,
				}
			}
			return want
		},
	},
	{
		"the key group has these keys and no other",
		property("KeyGroup", "KeyGroupConfig", "Items"),
		func(v variant) any { return texts(v.keys) },
	},
	{
		"the secret for the private key is empty",
		func(s stack) any { return only(s.of("PrivateKey"), "Name", "SecretString", "GenerateSecretString") },
		always(object{"Name": "BP_COOKIE_SIGNER_PRIVATE_KEY", "SecretString": nil, "GenerateSecretString": nil}),
	},
	{
		"the other secret has the ID of the key that signs",
		func(s stack) any { return only(s.of("PublicKeyID"), "Name", "SecretString") },
		func(v variant) any {
			return object{"Name": "BP_COOKIE_SIGNER_PUBLIC_KEY_ID", "SecretString": v.keys[0]}
		},
	},
	{
		"the API reads both, in their current and previous versions, and nothing else; the policy is attached to nobody",
		func(s stack) any {
			return only(s.of("ReadSigningKey"), "PolicyDocument", "Roles", "Users", "Groups")
		},
		always(object{"PolicyDocument": object{"Version": "2012-10-17", "Statement": []any{object{
			"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": []any{"PrivateKey", "PublicKeyID"},
			"Condition": object{"ForAnyValue:StringEquals": object{"secretsmanager:VersionStage": []any{"AWSCURRENT", "AWSPREVIOUS"}}},
		}}}, "Roles": nil, "Users": nil, "Groups": nil}),
	},
	{
		"the outputs have the names and values that the application needs",
		func(s stack) any { return s.outputs },
		func(v variant) any {
			want := object{
				"REGION": v.region, "SECRETREGION": v.region, "CFDOMAIN": cmp.Or(v.domain, "Distribution.DomainName"), "DistributionDomain": "Distribution.DomainName",
				"PolicyARN": "ReadSigningKey", "BucketName": "Files", "KeyGroupID": "KeyGroup",
			}
			for i, key := range v.keys {
				want[fmt.Sprint("PublicKeyID", i+1)] = key
			}
			return want
		},
	},
	{
		"there are no other resources, such as roles or functions",
		func(s stack) any {
			types := map[string]bool{}
			for _, r := range s.resources {
				types[r["Type"].(string)] = true
			}
			return texts(slices.Sorted(maps.Keys(types)))
		},
		func(v variant) any {
			types := []string{
				"AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::CloudFront::Distribution", "AWS::CloudFront::KeyGroup", "AWS::CloudFront::OriginAccessControl",
				"AWS::CloudFront::PublicKey", "AWS::CloudFront::ResponseHeadersPolicy", "AWS::SecretsManager::Secret", "AWS::IAM::ManagedPolicy",
			}
			if v.region == "us-east-1" {
				types = append(types, "AWS::Logs::Delivery", "AWS::Logs::DeliveryDestination", "AWS::Logs::DeliverySource")
			}
			return texts(slices.Concat(types, v.extraTypes))
		},
	},
}

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0f0e0d0c"

var blocked = object{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true}

// denied are the statements of each bucket against plain text and old versions of TLS.
func denied(bucket string) []any {
	var statements []any
	for _, condition := range []object{{"Bool": object{"aws:SecureTransport": "false"}}, {"NumericLessThan": object{"s3:TlsVersion": "1.2"}}} {
		statements = append(statements, object{
			"Effect": "Deny", "Principal": object{"AWS": "*"}, "Action": "s3:*",
			"Resource": []any{"arn:aws:s3:::" + bucket, "arn:aws:s3:::" + bucket + "/*"}, "Condition": condition,
		})
	}
	return statements
}

// behavior returns a behavior with the domain of its origin in place of the origin's ID.
func (s stack) behavior(b any) any {
	found := only(b, "PathPattern", "TrustedKeyGroups", "TrustedSigners", "ViewerProtocolPolicy", "AllowedMethods", "CachePolicyId", "OriginRequestPolicyId",
		"ForwardedValues", "ResponseHeadersPolicyId", "FunctionAssociations", "LambdaFunctionAssociations", "Compress").(object)
	for _, o := range items(s.of("Distribution", "DistributionConfig", "Origins")) {
		if at(o, "Id") == at(b, "TargetOriginId") {
			found["Origin"] = at(o, "DomainName")
		}
	}
	return found
}

func items(list any) []any {
	found, _ := list.([]any)
	return found
}

func texts(list []string) []any {
	found := []any{}
	for _, text := range list {
		found = append(found, text)
	}
	return found
}

// plain returns a value in a form that can be compared: scalars are texts, lists of texts are in
// alphabetical order, because none of these orders counts, and what is empty is nil.
func plain(value any) any {
	switch value := value.(type) {
	case []any:
		found := make([]any, 0, len(value))
		sortable := true
		for _, item := range value {
			item = plain(item)
			_, isText := item.(string)
			sortable = sortable && isText
			found = append(found, item)
		}
		if sortable {
			slices.SortFunc(found, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		}
		if len(found) == 0 {
			return nil
		}
		return found
	case object:
		members := object{}
		for name, member := range value {
			members[name] = plain(member)
		}
		return members
	case nil:
		return nil
	}
	return fmt.Sprint(value)
}

// diffPlain compares the plain forms of two values.
func diffPlain(want, got any) string { return gocmp.Diff(plain(want), plain(got)) }

// unmet returns the requirements that a stack does not meet, with the differences.
func unmet(s stack, v variant) []string {
	var found []string
	for _, r := range requirements {
		if diff := diffPlain(r.want(v), r.of(s)); diff != "" {
			found = append(found, r.why+": "+diff)
		}
	}
	return found
}

// check reports the requirements that a stack does not meet.
func check(t *testing.T, s stack, v variant) {
	t.Helper()
	for _, problem := range unmet(s, v) {
		t.Error(problem)
	}
}
