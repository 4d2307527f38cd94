// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// getParameter returns the value, or the type of the error.
func getParameter(t *testing.T, server *awslocal.Server, body string) string {
	t.Helper()
	status, answer := send(t, server, "ssm", awslocal.ParametersGet, body)
	if status != http.StatusOK {
		return answer["__type"].(string)
	}
	return answer["Parameter"].(map[string]any)["Value"].(string)
}

// TestParameters asks for versions in every way.
func TestParameters(t *testing.T) {
	var server awslocal.Server
	parameters := awslocal.NewParameters(&server)
	parameters.Put("/a/b", "one")
	parameters.Put("/a/b", "two")
	parameters.Label("/a/b", "before", 1)
	parameters.PutAs(awslocal.TypeString, "plain", "text")
	check := func(name string, decrypt bool, want string) {
		t.Helper()
		body := `{"Name": "` + name + `"}`
		if decrypt {
			body = `{"Name": "` + name + `", "WithDecryption": true}`
		}
		if got := getParameter(t, &server, body); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
	check("/a/b", true, "two")
	check(" /a/b ", true, "two")
	check("/a/b:1", true, "one")
	check("/a/b:2", true, "two")
	check("/a/b:before", true, "one")
	check(parameters.ARN("/a/b"), true, "two")
	check(parameters.ARN("/a/b")+":1", true, "one")
	check(parameters.ARN("plain"), false, "text")
	check("plain", false, "text")
	check("/a/b:0", true, "ParameterVersionNotFound")
	check("/a/b:3", true, "ParameterVersionNotFound")
	check("/a/b:99999999999999999999", true, "ParameterVersionNotFound")
	check("/a/b:after", true, "ParameterVersionNotFound")
	check("/a/b:9a", true, "ParameterVersionNotFound")
	check("/a/b:a*", true, "ValidationException")
	check("a/b", true, "ParameterNotFound")
	check("/plain", true, "ParameterNotFound")
	check("a b", true, "ValidationException")
	check("", true, "ValidationException")
	check(strings.Repeat("a", 2049), true, "ValidationException")
	if got := getParameter(t, &server, `{"Name": "/a/b"}`); strings.Contains(got, "two") || got == "ParameterNotFound" {
		t.Errorf("without decryption it is %q", got)
	}
	if got := getParameter(t, &server, `{`); got != "SerializationException" {
		t.Errorf("got %q", got)
	}
	parameters.Delete("/a/b")
	check("/a/b", true, "ParameterNotFound")
	if version := parameters.Put("/a/b", "anew"); version != 1 {
		t.Errorf("it begins with version %d", version)
	}
	_, answer := send(t, &server, "ssm", awslocal.ParametersGet, `{"Name": "/a/b:1"}`)
	p := answer["Parameter"].(map[string]any)
	if p["Selector"] != ":1" || p["Version"] != 1.0 || p["Type"] != "SecureString" || p["ARN"] != parameters.ARN("/a/b") {
		t.Errorf("got %v", p)
	}
}
