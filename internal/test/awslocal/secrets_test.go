// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// send posts a JSON body in the form in which AWS's clients do, and returns the status
// with the answer.
func send(t *testing.T, server *awslocal.Server, service, target, body string) (int, map[string]any) {
	t.Helper()
	now := time.Now().UTC()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	if service == "dynamodb" {
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	}
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"+now.Format("20060102")+
		"/us-east-1/"+service+"/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature="+strings.Repeat("0", 64))
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return w.Code, answer
}

// getSecret returns the value, or the type of the error.
func getSecret(t *testing.T, server *awslocal.Server, body string) string {
	t.Helper()
	status, answer := send(t, server, "secretsmanager", awslocal.SecretsGetValue, body)
	if value, ok := answer["SecretString"].(string); ok && status == http.StatusOK {
		return value
	}
	if value, ok := answer["SecretBinary"].(string); ok && status == http.StatusOK {
		decoded, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			t.Fatal(err)
		}
		return string(decoded)
	}
	return answer["__type"].(string)
}

// TestSecrets goes through a rotation, and asks for versions in every way.
func TestSecrets(t *testing.T) {
	var server awslocal.Server
	secrets := awslocal.NewSecrets(&server)
	first := secrets.Put("a", "one")
	second := secrets.PutPending("a", "two")
	secrets.PutBinary("b", []byte("\x00\xff"))
	secrets.Put("gone", "x")
	secrets.Delete("gone")
	check := func(body, want string) {
		t.Helper()
		if got := getSecret(t, &server, body); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
	check(`{"SecretId": "a"}`, "one")
	check(`{"SecretId": "a", "VersionStage": "AWSPENDING"}`, "two")
	check(`{"SecretId": "a", "VersionStage": "AWSPREVIOUS"}`, "ResourceNotFoundException")
	check(`{"SecretId": "b"}`, "\x00\xff")
	check(`{"SecretId": "`+secrets.ARN("a")+`"}`, "one")
	check(`{"SecretId": "`+strings.TrimSuffix(secrets.ARN("a"), "-a1B2c3")+`"}`, "one")
	check(`{"SecretId": "gone"}`, "InvalidRequestException")
	check(`{"SecretId": "never"}`, "ResourceNotFoundException")
	check(`{"SecretId": ""}`, "ValidationException")
	check(`{"SecretId": "a b"}`, "ValidationException")
	check(`{"SecretId": "`+strings.Repeat("a", 2049)+`"}`, "ValidationException")
	check(`{"SecretId": "a", "VersionId": "short"}`, "ValidationException")
	check(`{"SecretId": "a", "VersionStage": "`+strings.Repeat("a", 257)+`"}`, "ValidationException")
	check(`{`, "SerializationException")

	secrets.MoveCurrent("a", second)
	check(`{"SecretId": "a"}`, "two")
	check(`{"SecretId": "a", "VersionStage": "AWSPREVIOUS"}`, "one")
	check(`{"SecretId": "a", "VersionStage": "AWSPENDING"}`, "ResourceNotFoundException")
	check(`{"SecretId": "a", "VersionId": "`+first+`"}`, "one")
	check(`{"SecretId": "a", "VersionId": "`+first+`", "VersionStage": "AWSPREVIOUS"}`, "one")
	check(`{"SecretId": "a", "VersionId": "`+first+`", "VersionStage": "AWSCURRENT"}`, "InvalidRequestException")
	check(`{"SecretId": "a", "VersionId": "`+strings.Repeat("0", 32)+`"}`, "ResourceNotFoundException")
	secrets.MoveCurrent("a", first)
	check(`{"SecretId": "a", "VersionStage": "AWSPREVIOUS"}`, "two")
	secrets.Restore("gone")
	check(`{"SecretId": "gone"}`, "x")

	_, answer := send(t, &server, "secretsmanager", awslocal.SecretsGetValue, `{"SecretId": "a"}`)
	if diff := cmp.Diff([]any{"AWSCURRENT"}, answer["VersionStages"]); diff != "" || answer["VersionId"] != first || answer["ARN"] != secrets.ARN("a") || answer["Name"] != "a" {
		t.Errorf("got %v, labels (-want +got):\n%s", answer, diff)
	}
	if status, answer := send(t, &server, "kms", awslocal.SecretsGetValue, `{"SecretId": "a"}`); status != http.StatusBadRequest || answer["__type"] != "InvalidSignatureException" {
		t.Errorf("signed for another service: %d %v", status, answer)
	}
}

// TestSecretNames: a test cannot have a secret that it could not create at AWS.
func TestSecretNames(t *testing.T) {
	for _, tt := range []struct{ name, reason, want string }{
		{"prod/cdn_+=.@!-1", "all kinds of characters", ""},
		{"aws/cdn", "no name is documented as reserved", ""},
		{strings.Repeat("a", 512), "as long as can be", ""},
		{"", "no name", "write letters, digits"},
		{"a b", "a space", "write letters, digits"},
		{strings.Repeat("a", 513), "too long", "has 513 characters: write up to 512"},
	} {
		func() {
			defer func() {
				got, _ := recover().(string)
				if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
					t.Errorf("%q (%s): got the panic %q, want %q in it", tt.name, tt.reason, got, tt.want)
				}
			}()
			var server awslocal.Server
			awslocal.NewSecrets(&server).Put(tt.name, "value")
			if got := getSecret(t, &server, `{"SecretId": "`+tt.name+`"}`); got != "value" {
				t.Errorf("%q: got %q", tt.name, got)
			}
		}()
	}
}
