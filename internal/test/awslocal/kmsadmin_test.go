// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// TestKMSAdminRefuses what KMS refuses when keys are made and aliases move. The package
// keys/aws/internal/awslocaltest has the rest, with AWS's own client.
func TestKMSAdminRefuses(t *testing.T) {
	alias := func(name string) func(arn string) map[string]any {
		return func(arn string) map[string]any { return map[string]any{"AliasName": name, "TargetKeyId": arn} }
	}
	to := func(target string) func(string) map[string]any {
		return func(string) map[string]any { return map[string]any{"AliasName": "alias/taken", "TargetKeyId": target} }
	}
	body := func(keyvals ...any) func(string) map[string]any {
		request := map[string]any{}
		for i := 0; i < len(keyvals); i += 2 {
			request[keyvals[i].(string)] = keyvals[i+1]
		}
		return func(string) map[string]any { return request }
	}
	tests := []struct {
		name, target string
		prepare      func(k *awslocal.KMS, arn string)
		body         func(arn string) map[string]any
		want         string
	}{
		{"no prefix", awslocal.KMSCreateAlias, nil, alias("cdn"), "ValidationException"},
		{"no name", awslocal.KMSUpdateAlias, nil, alias("alias/"), "ValidationException"},
		{"long name", awslocal.KMSCreateAlias, nil, alias("alias/" + strings.Repeat("a", 251)), "ValidationException"},
		{"reserved", awslocal.KMSCreateAlias, nil, alias("alias/aws/cdn"), "NotAuthorizedException"},
		{"an alias of an alias", awslocal.KMSUpdateAlias, nil, to("alias/taken"), "ValidationException"},
		{"an alias of the ARN of an alias", awslocal.KMSUpdateAlias, nil, to("arn:aws:kms:us-east-1:111122223333:alias/taken"), "ValidationException"},
		{"no key", awslocal.KMSCreateAlias, nil, body("AliasName", "alias/cdn"), "ValidationException"},
		{"no such key", awslocal.KMSCreateAlias, nil, body("AliasName", "alias/cdn", "TargetKeyId", "none"), "NotFoundException"},
		{"no such key to move to", awslocal.KMSUpdateAlias, nil, to("none"), "NotFoundException"},
		{"pending deletion", awslocal.KMSCreateAlias, func(k *awslocal.KMS, arn string) { k.SetState(arn, "PendingDeletion") }, alias("alias/cdn"), "KMSInvalidStateException"},
		{"to a key for something else", awslocal.KMSUpdateAlias, func(k *awslocal.KMS, arn string) {
			k.SetUsage(arn, "ENCRYPT_DECRYPT")
			k.SetAlias("alias/taken", k.Add(testkeys.P256()))
		}, alias("alias/taken"), "ValidationException"},
		{"aliases of no key", awslocal.KMSListAliases, nil, body("KeyId", "none"), "NotFoundException"},
		{"no alias a page", awslocal.KMSListAliases, nil, body("Limit", 0), "ValidationException"},
		{"too many aliases a page", awslocal.KMSListAliases, nil, body("Limit", 101), "ValidationException"},
		{"a symmetric key", awslocal.KMSCreateKey, nil, body("KeyUsage", "ENCRYPT_DECRYPT"), "UnsupportedOperationException"},
		{"a long key", awslocal.KMSCreateKey, nil, body("KeyUsage", "SIGN_VERIFY", "KeySpec", "RSA_4096"), "UnsupportedOperationException"},
		{"a key that does not exist", awslocal.KMSDescribeKey, nil, body("KeyId", "none"), "NotFoundException"},
		{"no ID", awslocal.KMSDescribeKey, nil, body("KeyId", 1), "SerializationException"},
		{"no target", awslocal.KMSDeleteAlias, nil, body("AliasName", 1), "SerializationException"},
		{"no limit", awslocal.KMSListAliases, nil, body("Limit", "ten"), "SerializationException"},
		{"no flag", awslocal.KMSCreateKey, nil, body("MultiRegion", "yes"), "SerializationException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var server awslocal.Server
			kms := awslocal.NewKMS(&server)
			arn := kms.Add(testkeys.RSA())
			kms.SetAlias("alias/taken", arn)
			if tt.prepare != nil {
				tt.prepare(kms, arn)
			}
			if status, answer := callKMS(t, &server, tt.target, tt.body(arn)); status != http.StatusBadRequest || answer["__type"] != tt.want {
				t.Errorf("got %d %v, want %s", status, answer, tt.want)
			}
		})
	}
}
