// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// terraformTypes are the types of CloudFormation for Terraform's. What is "" is a part of a bucket or
// of a secret.
var terraformTypes = map[string]string{
	"aws_s3_bucket":                                      "AWS::S3::Bucket",
	"aws_s3_bucket_policy":                               "AWS::S3::BucketPolicy",
	"aws_s3_bucket_public_access_block":                  "",
	"aws_s3_bucket_ownership_controls":                   "",
	"aws_s3_bucket_server_side_encryption_configuration": "",
	"aws_s3_bucket_versioning":                           "",
	"aws_s3_bucket_lifecycle_configuration":              "",
	"aws_cloudfront_distribution":                        "AWS::CloudFront::Distribution",
	"aws_cloudfront_key_group":                           "AWS::CloudFront::KeyGroup",
	"aws_cloudfront_public_key":                          "AWS::CloudFront::PublicKey",
	"aws_cloudfront_origin_access_control":               "AWS::CloudFront::OriginAccessControl",
	"aws_cloudfront_response_headers_policy":             "AWS::CloudFront::ResponseHeadersPolicy",
	"aws_cloudwatch_log_delivery":                        "AWS::Logs::Delivery",
	"aws_cloudwatch_log_delivery_destination":            "AWS::Logs::DeliveryDestination",
	"aws_cloudwatch_log_delivery_source":                 "AWS::Logs::DeliverySource",
	"aws_secretsmanager_secret":                          "AWS::SecretsManager::Secret",
	"aws_secretsmanager_secret_version":                  "",
	"aws_iam_policy":                                     "AWS::IAM::ManagedPolicy",
}

// nameOf returns the name in cloudformation.yaml of one of Terraform's resources, by its type and name.
func nameOf(kind, name string) string {
	switch kind {
	case "aws_s3_bucket_policy":
		return strings.ToUpper(name[:1]) + name[1:] + "Policy"
	case "aws_cloudfront_distribution":
		return "Distribution"
	case "aws_cloudfront_key_group":
		return "KeyGroup"
	case "aws_cloudfront_origin_access_control":
		return "OriginAccess"
	case "aws_cloudfront_response_headers_policy":
		return "ResponseHeaders"
	case "aws_cloudwatch_log_delivery":
		return "LogDelivery"
	case "aws_cloudwatch_log_delivery_destination":
		return "LogDestination"
	case "aws_cloudwatch_log_delivery_source":
		return "LogSource"
	case "aws_iam_policy":
		return "ReadSigningKey"
	}
	if name == "public_key_id" {
		return "PublicKeyID"
	}
	return camel(name) // files, logs, private_key and trusted
}

// otherNames are the names of attributes and blocks that differ from CloudFormation's in more than their form.
var otherNames = map[string]string{
	"origin": "Origins", "origin_id": "Id", "ordered_cache_behavior": "CacheBehaviors", "is_ipv6_enabled": "IPV6Enabled",
	"logging_config": "Logging", "origin_ssl_protocols": "OriginSSLProtocols", "web_acl_id": "WebACLId",
	"sse_algorithm": "SSEAlgorithm",
}

// severalBlocks are the blocks that are lists in CloudFormation.
var severalBlocks = []string{"origin", "ordered_cache_behavior", "items", "rule", "custom_error_response", "function_association", "lambda_function_association"}

// camel returns min_ttl as MinTtl.
func camel(name string) string {
	if other, ok := otherNames[name]; ok {
		return other
	}
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// properties returns Terraform's values under the names of CloudFormation. What is empty is left out.
func properties(name string, value any) any {
	switch value := value.(type) {
	case []any:
		if len(value) == 1 && !slices.Contains(severalBlocks, name) {
			if block, ok := value[0].(object); ok {
				return properties(name, block)
			}
		}
		found := []any{}
		for _, item := range value {
			found = append(found, properties(name, item))
		}
		if len(found) == 0 {
			return nil
		}
		return found
	case object:
		members := object{}
		for name, member := range value {
			if member = properties(name, member); member != nil && member != "" {
				members[camel(name)] = member
			}
		}
		return members
	}
	return value
}

// converted returns the stack of a plan in which all values are known.
func converted(t testing.TB, plan any) stack {
	t.Helper()
	s := stack{map[string]object{}, object{}}
	keys := map[string]string{}
	for _, r := range items(at(plan, "planned_values", "root_module", "resources")) {
		if at(r, "type") == "aws_cloudfront_public_key" {
			keys[at(r, "values", "id").(string)] = strings.TrimSpace(at(r, "values", "encoded_key").(string))
		}
	}
	for _, r := range items(at(plan, "planned_values", "root_module", "resources")) {
		kind, values := at(r, "type").(string), at(r, "values").(object)
		translated, known := terraformTypes[kind]
		if !known {
			t.Fatalf("the test does not know %s", kind)
		}
		name := nameOf(kind, at(r, "name").(string))
		if kind == "aws_cloudfront_public_key" {
			name += at(r, "index").(string)
		}
		if s.resources[name] == nil {
			s.resources[name] = object{"Properties": object{}}
		}
		if translated != "" {
			s.resources[name]["Type"] = translated
		}
		if at(values, "force_destroy") == false {
			s.resources[name]["DeletionPolicy"] = "Retain" // S3 refuses to delete a bucket with files.
		}
		add(t, s.resources[name]["Properties"].(object), kind, values, keys)
	}
	for name, output := range at(plan, "planned_values", "outputs").(object) {
		value := at(output, "value")
		if key, ok := value.(string); ok && keys[key] != "" {
			value = keys[key]
		}
		if value != nil {
			s.outputs[name] = value
		}
	}
	return s
}

// add adds what a resource of Terraform says to the properties of one of CloudFormation.
func add(t testing.TB, p object, kind string, values object, keys map[string]string) {
	all := properties("", values).(object)
	switch kind {
	case "aws_s3_bucket_public_access_block":
		delete(all, "Bucket")
		delete(all, "Id")
		p["PublicAccessBlockConfiguration"] = all
	case "aws_s3_bucket_ownership_controls":
		p["OwnershipControls"] = object{"Rules": all["Rule"]}
	case "aws_s3_bucket_server_side_encryption_configuration":
		p["BucketEncryption"] = object{"ServerSideEncryptionConfiguration": []any{object{"ServerSideEncryptionByDefault": at(all, "Rule", 0, "ApplyServerSideEncryptionByDefault")}}}
	case "aws_s3_bucket_versioning":
		p["VersioningConfiguration"] = all["VersioningConfiguration"]
	case "aws_s3_bucket_lifecycle_configuration":
		rule := at(all, "Rule", 0).(object)
		rule["ExpirationInDays"] = at(rule, "Expiration", "Days")
		p["LifecycleConfiguration"] = object{"Rules": []any{rule}}
	case "aws_s3_bucket_policy", "aws_iam_policy":
		p["Bucket"], p["PolicyDocument"] = all["Bucket"], parseJSON(t, []byte(all["Policy"].(string)))
	case "aws_cloudfront_public_key":
		p["PublicKeyConfig"] = all
	case "aws_cloudfront_key_group":
		group := []any{}
		for _, id := range items(all["Items"]) {
			group = append(group, keys[id.(string)])
		}
		p["KeyGroupConfig"] = object{"Items": group}
	case "aws_cloudfront_origin_access_control":
		p["OriginAccessControlConfig"] = all
	case "aws_cloudfront_response_headers_policy":
		p["ResponseHeadersPolicyConfig"] = all
	case "aws_cloudfront_distribution":
		certificate, _ := all["ViewerCertificate"].(object)
		if certificate["CloudfrontDefaultCertificate"] == true {
			delete(all, "ViewerCertificate")
		}
		delete(certificate, "CloudfrontDefaultCertificate")
		for _, o := range items(all["Origins"]) {
			if at(o, "CustomOriginConfig") == nil {
				o.(object)["S3OriginConfig"] = object{"OriginAccessIdentity": ""} // as the provider writes it
			}
		}
		slices.SortFunc(items(all["Origins"]), func(a, b any) int { // they are a set
			return strings.Compare(at(b, "Id").(string), at(a, "Id").(string))
		})
		p["DistributionConfig"] = all
	case "aws_cloudwatch_log_delivery_destination":
		p["DestinationResourceArn"], p["OutputFormat"] = at(all, "DeliveryDestinationConfiguration", "DestinationResourceArn"), all["OutputFormat"]
	case "aws_secretsmanager_secret_version":
		p["SecretString"] = keys[all["SecretString"].(string)]
	case "aws_secretsmanager_secret":
		p["Name"] = all["Name"]
	default:
		for name, value := range all {
			p[name] = value
		}
	}
}

// parseJSON returns a JSON value with its numbers as they are written.
func parseJSON(t testing.TB, text []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
