// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// TestKMSRefuses what KMS refuses.
func TestKMSRefuses(t *testing.T) {
	digest := make([]byte, 32)
	sign := func(arn, algorithm, messageType string, message []byte) map[string]any {
		return map[string]any{"KeyId": arn, "SigningAlgorithm": algorithm, "MessageType": messageType, "Message": message}
	}
	const pkcs1 = "RSASSA_PKCS1_V1_5_SHA_256"
	tests := []struct {
		name    string
		prepare func(k *awslocal.KMS, arn string)
		target  string
		body    func(arn string) map[string]any
		want    string
		message string
	}{
		{"no name", nil, awslocal.KMSSign, func(string) map[string]any { return sign("", pkcs1, "DIGEST", digest) }, "ValidationException", "keyId"},
		{"other ID", nil, awslocal.KMSSign, func(string) map[string]any { return sign("other", pkcs1, "DIGEST", digest) }, "NotFoundException", "does not exist"},
		{"other alias", nil, awslocal.KMSGetPublicKey, func(string) map[string]any { return map[string]any{"KeyId": "alias/other"} }, "NotFoundException", "alias/other is not found"},
		{"other account", nil, awslocal.KMSGetPublicKey, func(string) map[string]any {
			return map[string]any{"KeyId": "arn:aws:kms:us-east-1:444455556666:key/1"}
		}, "AccessDeniedException", "444455556666"},
		{"other Region", nil, awslocal.KMSSign, func(string) map[string]any {
			return sign("arn:aws:kms:eu-west-1:111122223333:key/1", pkcs1, "DIGEST", digest)
		}, "NotFoundException", "Invalid arn eu-west-1"},
		{"alias in another Region", nil, awslocal.KMSGetPublicKey, func(string) map[string]any {
			return map[string]any{"KeyId": "arn:aws:kms:eu-west-1:111122223333:alias/cdn"}
		}, "NotFoundException", "Invalid arn eu-west-1"},
		{"other Region of another account", nil, awslocal.KMSGetPublicKey, func(string) map[string]any {
			return map[string]any{"KeyId": "arn:aws:kms:eu-west-1:444455556666:key/1"}
		}, "NotFoundException", "Invalid arn eu-west-1"},
		{"other partition", nil, awslocal.KMSGetPublicKey, func(string) map[string]any {
			return map[string]any{"KeyId": "arn:aws-cn:kms:us-east-1:111122223333:key/1"}
		}, "InvalidArnException", "aws-cn"},
		{"other service", nil, awslocal.KMSGetPublicKey, func(string) map[string]any {
			return map[string]any{"KeyId": "arn:aws:ssm:us-east-1:111122223333:parameter/cdn"}
		}, "InvalidArnException", "arn:aws:ssm"},
		{"ARN of a key without key/", nil, awslocal.KMSGetPublicKey, func(arn string) map[string]any {
			return map[string]any{"KeyId": strings.Replace(arn, ":key/", ":", 1)}
		}, "InvalidArnException", "Invalid arn"},
		{"no ARN", nil, awslocal.KMSGetPublicKey, func(string) map[string]any { return map[string]any{"KeyId": "arn:aws:kms:us-east-1"} }, "InvalidArnException", "arn:aws:kms"},
		{"short digest", nil, awslocal.KMSSign, func(arn string) map[string]any { return sign(arn, pkcs1, "DIGEST", digest[:20]) }, "ValidationException", "Digest is invalid length"},
		{"digest of another hash", nil, awslocal.KMSSign, func(arn string) map[string]any {
			return sign(arn, "RSASSA_PKCS1_V1_5_SHA_512", "DIGEST", digest)
		}, "ValidationException", "Digest is invalid length"},
		{"nothing to sign", nil, awslocal.KMSSign, func(arn string) map[string]any { return sign(arn, pkcs1, "RAW", nil) }, "ValidationException", "'message'"},
		{"long message", nil, awslocal.KMSSign, func(arn string) map[string]any { return sign(arn, pkcs1, "RAW", make([]byte, 4097)) }, "ValidationException", "4096"},
		{"message type", nil, awslocal.KMSSign, func(arn string) map[string]any { return sign(arn, pkcs1, "digest", digest) }, "ValidationException", "'messageType'"},
		{"no SHA-1", nil, awslocal.KMSSign, func(arn string) map[string]any {
			return sign(arn, "RSASSA_PKCS1_V1_5_SHA_1", "DIGEST", digest[:20])
		}, "ValidationException", "'signingAlgorithm'"},
		{"algorithm of another key", nil, awslocal.KMSSign, func(arn string) map[string]any { return sign(arn, "ECDSA_SHA_256", "DIGEST", digest) }, "InvalidKeyUsageException", "key spec RSA_2048"},
		{"for encryption", func(k *awslocal.KMS, arn string) { k.SetUsage(arn, "ENCRYPT_DECRYPT") }, awslocal.KMSSign, func(arn string) map[string]any {
			return sign(arn, pkcs1, "DIGEST", digest)
		}, "InvalidKeyUsageException", "ENCRYPT_DECRYPT"},
		{"disabled", func(k *awslocal.KMS, arn string) { k.SetState(arn, "Disabled") }, awslocal.KMSSign, func(arn string) map[string]any {
			return sign(arn, pkcs1, "DIGEST", digest)
		}, "DisabledException", "is disabled"},
		{"pending deletion", func(k *awslocal.KMS, arn string) { k.SetState(arn, "PendingDeletion") }, awslocal.KMSGetPublicKey, func(arn string) map[string]any {
			return map[string]any{"KeyId": arn}
		}, "KMSInvalidStateException", "is pending deletion"},
		{"pending import", func(k *awslocal.KMS, arn string) { k.SetState(arn, "PendingImport") }, awslocal.KMSSign, func(arn string) map[string]any {
			return sign(arn, pkcs1, "DIGEST", digest)
		}, "KMSInvalidStateException", "is pending import"},
		{"pending replica deletion", func(k *awslocal.KMS, arn string) { k.SetState(arn, "PendingReplicaDeletion") }, awslocal.KMSGetPublicKey, func(arn string) map[string]any {
			return map[string]any{"KeyId": arn}
		}, "KMSInvalidStateException", "is pending replica deletion"},
		{"ID of another account's key", func(k *awslocal.KMS, _ string) { k.SetForeign() }, awslocal.KMSGetPublicKey, func(arn string) map[string]any {
			return map[string]any{"KeyId": strings.TrimPrefix(arn, "arn:aws:kms:us-east-1:111122223333:key/")}
		}, "NotFoundException", "account of the caller"},
		{"no base64", nil, awslocal.KMSSign, func(arn string) map[string]any {
			return map[string]any{"KeyId": arn, "SigningAlgorithm": pkcs1, "Message": "%"}
		}, "SerializationException", "JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var server awslocal.Server
			kms := awslocal.NewKMS(&server)
			arn := kms.Add(testkeys.RSA())
			if tt.prepare != nil {
				tt.prepare(kms, arn)
			}
			status, answer := callKMS(t, &server, tt.target, tt.body(arn))
			message, _ := answer["message"].(string)
			if status != http.StatusBadRequest || answer["__type"] != tt.want || !strings.Contains(message, tt.message) || answer["Signature"] != nil {
				t.Errorf("got %d %v, want %s: %s", status, answer, tt.want, tt.message)
			}
		})
	}
}
