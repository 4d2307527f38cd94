// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// putSecret returns the labels of the version, or the type of the error.
func putSecret(t *testing.T, server *awslocal.Server, body string) string {
	t.Helper()
	status, answer := send(t, server, "secretsmanager", awslocal.SecretsPutValue, body)
	if status == http.StatusOK {
		return fmt.Sprint(answer["VersionStages"])
	}
	return answer["__type"].(string)
}

// TestSecretsPut puts values with and without labels. A version keeps its value.
func TestSecretsPut(t *testing.T) {
	var server awslocal.Server
	secrets := awslocal.NewSecrets(&server)
	secrets.Put("a", "one")
	secrets.Put("gone", "x")
	secrets.Delete("gone")
	token := func(digit string) string { return `"ClientRequestToken": "` + strings.Repeat(digit, 32) + `"` }
	for _, tt := range []struct{ name, body, want string }{
		{"pending", `{"SecretId": "a", ` + token("2") + `, "SecretString": "two", "VersionStages": ["AWSPENDING"]}`, "[AWSPENDING]"},
		{"the same again", `{"SecretId": "a", ` + token("2") + `, "SecretString": "two", "VersionStages": ["AWSPENDING"]}`, "[AWSPENDING]"},
		{"the same with other labels, which it ignores", `{"SecretId": "a", ` + token("2") + `, "SecretString": "two", "VersionStages": ["OTHER"]}`, "[AWSPENDING]"},
		{"another value", `{"SecretId": "a", ` + token("2") + `, "SecretString": "three"}`, "ResourceExistsException"},
		{"the value as bytes", `{"SecretId": "a", ` + token("2") + `, "SecretBinary": "dHdv"}`, "ResourceExistsException"},
		{"current by default", `{"SecretId": "a", ` + token("3") + `, "SecretString": "three"}`, "[AWSCURRENT]"},
		{"bytes", `{"SecretId": "a", ` + token("4") + `, "SecretBinary": "AP8=", "VersionStages": ["x", "y"]}`, "[x y]"},
		{"the same bytes", `{"SecretId": "a", ` + token("4") + `, "SecretBinary": "AP8="}`, "[x y]"},
		{"other bytes", `{"SecretId": "a", ` + token("4") + `, "SecretBinary": "AP4="}`, "ResourceExistsException"},
		{"no token", `{"SecretId": "a", "SecretString": "two"}`, "InvalidRequestException"},
		{"short token", `{"SecretId": "a", "ClientRequestToken": "1", "SecretString": "two"}`, "ValidationException"},
		{"no value", `{"SecretId": "a", ` + token("5") + `}`, "InvalidRequestException"},
		{"two values", `{"SecretId": "a", ` + token("5") + `, "SecretString": "five", "SecretBinary": "AP8="}`, "InvalidParameterException"},
		{"empty", `{"SecretId": "a", ` + token("5") + `, "SecretString": ""}`, "ValidationException"},
		{"too long", `{"SecretId": "a", ` + token("5") + `, "SecretString": "` + strings.Repeat("a", 65537) + `"}`, "ValidationException"},
		{"too many labels", `{"SecretId": "a", ` + token("5") + `, "SecretString": "five", "VersionStages": ["` + strings.Repeat(`a","`, 20) + `b"]}`, "ValidationException"},
		{"no such secret", `{"SecretId": "b", ` + token("5") + `, "SecretString": "five"}`, "ResourceNotFoundException"},
		{"deleted", `{"SecretId": "gone", ` + token("5") + `, "SecretString": "five"}`, "InvalidRequestException"},
		{"no JSON", `{`, "SerializationException"},
	} {
		if got := putSecret(t, &server, tt.body); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	for stage, want := range map[string]string{"AWSCURRENT": "three", "AWSPREVIOUS": "one", "AWSPENDING": "two", "y": "\x00\xff", "OTHER": "ResourceNotFoundException"} {
		if got := getSecret(t, &server, `{"SecretId": "a", "VersionStage": "`+stage+`"}`); got != want {
			t.Errorf("%s is %q, want %q", stage, got, want)
		}
	}
}

// TestSecretsUpdateStage moves labels. A move has to say where the label is now.
func TestSecretsUpdateStage(t *testing.T) {
	tests := []struct {
		name, body string // 1 and 2 are the versions
		want       string // the error, or the values of AWSCURRENT, AWSPREVIOUS and AWSPENDING
	}{
		{"finish", `"VersionStage": "AWSCURRENT", "MoveToVersionId": "2", "RemoveFromVersionId": "1"`, "two one -"},
		{"not from the current version", `"VersionStage": "AWSCURRENT", "MoveToVersionId": "2", "RemoveFromVersionId": "2"`, "InvalidParameterException"},
		{"not from any version", `"VersionStage": "AWSCURRENT", "MoveToVersionId": "2"`, "InvalidParameterException"},
		{"from a version without the label", `"VersionStage": "OTHER", "MoveToVersionId": "2", "RemoveFromVersionId": "1"`, "InvalidParameterException"},
		{"a new label", `"VersionStage": "OTHER", "MoveToVersionId": "2"`, "one - two"},
		{"to where it is", `"VersionStage": "AWSCURRENT", "MoveToVersionId": "1"`, "one - two"},
		{"remove", `"VersionStage": "AWSPENDING", "RemoveFromVersionId": "2"`, "one - -"},
		{"remove from another version", `"VersionStage": "AWSPENDING", "RemoveFromVersionId": "1"`, "InvalidParameterException"},
		{"remove the current one", `"VersionStage": "AWSCURRENT", "RemoveFromVersionId": "1"`, "InvalidParameterException"},
		{"neither", `"VersionStage": "AWSCURRENT"`, "InvalidParameterException"},
		{"no label", `"MoveToVersionId": "2"`, "ValidationException"},
		{"no such version", `"VersionStage": "OTHER", "MoveToVersionId": "00000000-0000-0000-0000-000000000000"`, "ResourceNotFoundException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var server awslocal.Server
			secrets := awslocal.NewSecrets(&server)
			first, second := secrets.Put("a", "one"), secrets.PutPending("a", "two")
			body := strings.NewReplacer(`Id": "1"`, `Id": "`+first+`"`, `Id": "2"`, `Id": "`+second+`"`).Replace(tt.body)
			status, answer := send(t, &server, "secretsmanager", awslocal.SecretsUpdateStage, `{"SecretId": "a", `+body+`}`)
			got, _ := answer["__type"].(string)
			if status == http.StatusOK {
				var values []string
				for _, stage := range []string{"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"} {
					value := getSecret(t, &server, `{"SecretId": "a", "VersionStage": "`+stage+`"}`)
					values = append(values, strings.ReplaceAll(value, "ResourceNotFoundException", "-"))
				}
				got = strings.Join(values, " ")
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestSecretsKeepPending: AWSPENDING leaves a version that becomes AWSCURRENT, or stays on it.
func TestSecretsKeepPending(t *testing.T) {
	for keep, want := range map[bool]string{false: "ResourceNotFoundException", true: "two"} {
		var server awslocal.Server
		secrets := awslocal.NewSecrets(&server)
		secrets.KeepPending(keep)
		secrets.Put("a", "one")
		secrets.MoveCurrent("a", secrets.PutPending("a", "two"))
		if got := getSecret(t, &server, `{"SecretId": "a", "VersionStage": "AWSPENDING"}`); got != want {
			t.Errorf("KeepPending(%t): AWSPENDING is %q, want %q", keep, got, want)
		}
	}
}

// TestSecretsRotate has the steps of a rotation. The version has no value until it is put.
func TestSecretsRotate(t *testing.T) {
	var server awslocal.Server
	secrets := awslocal.NewSecrets(&server)
	first := secrets.Put("a", "one")
	noFunction := func(awslocal.RotationEvent) error { return nil }
	if err := secrets.Rotate("a", noFunction); err == nil || !strings.Contains(err.Error(), "SetRotation") {
		t.Errorf("not turned on: got %v", err)
	}
	secrets.SetRotation("a", true)
	var steps []string
	err := secrets.Rotate("a", func(e awslocal.RotationEvent) error {
		steps = append(steps, e.Step)
		if e.SecretID != secrets.ARN("a") || e.ClientRequestToken == first || e.RotationToken == "" {
			t.Errorf("got %+v", e)
		}
		for _, body := range []string{`"VersionId": "` + e.ClientRequestToken + `"`, `"VersionStage": "AWSPENDING"`} {
			if got := getSecret(t, &server, `{"SecretId": "a", `+body+`}`); got != "ResourceNotFoundException" {
				t.Errorf("%s: got %s before there is a value", body, got)
			}
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "finishSecret") {
		t.Errorf("a function that does nothing: got %v", err)
	}
	if diff := cmp.Diff(awslocal.RotationSteps, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	broken := errors.New("broken")
	err = secrets.Rotate("a", func(awslocal.RotationEvent) error { return broken }, "setSecret")
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "setSecret") {
		t.Errorf("got %v", err)
	}
	err = secrets.Rotate("a", func(e awslocal.RotationEvent) error {
		body := `{"SecretId": "a", "ClientRequestToken": "` + e.ClientRequestToken + `", "SecretString": "two", "VersionStages": ["AWSPENDING"]}`
		if got := putSecret(t, &server, body); got != "[AWSPENDING]" {
			t.Errorf("a value for the version of the rotation: got %s", got)
		}
		return nil
	}, "createSecret", "createSecret")
	if err != nil {
		t.Errorf("a step twice, and no other: %v", err)
	}
}
