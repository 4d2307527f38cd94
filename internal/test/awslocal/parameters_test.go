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
	for _, other := range []string{"arn:aws:ssm:us-west-2:111122223333:", "arn:aws:ssm:us-east-1:444455556666:", "arn:aws-cn:ssm:us-east-1:111122223333:"} {
		check(other+"parameter/a/b", true, "ParameterNotFound")
		check(other+"parameter/a/b:1", true, "ParameterNotFound")
	}
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

// TestParameterNames: a test cannot have a parameter that it could not create at AWS.
func TestParameterNames(t *testing.T) {
	const scope = len("arn:aws:ssm:us-east-1:111122223333:parameter/")
	levels := strings.Repeat("/a", 15)
	for _, tt := range []struct{ name, reason, want string }{
		{"cdn", "a name without levels", ""},
		{"/cdn", "one level", ""},
		{"/prod/My.cdn_1-a", "all kinds of characters", ""},
		{"/prod/aws/ssm", "reserved at the beginning only", ""},
		{"sawsm", "the same", ""},
		{levels, "15 levels", ""},
		{strings.Repeat("a", 1011-scope), "1,011 characters with the ARN", ""},
		{"/" + strings.Repeat("a", 1011-scope), "the slash is in each ARN", ""},
		{"", "no name", "write letters, digits"},
		{"a:1", "a version", "write letters, digits"},
		{"a b", "a space", "write letters, digits"},
		{"awsTestParameter", "in the documentation", "AWS reserves"},
		{"SSM-testparameter", "in the documentation", "AWS reserves"},
		{"/aws/testparam1", "in the documentation", "AWS reserves"},
		{"/AWSsec/a", "not only the whole level", "AWS reserves"},
		{"MyParameter3/L1", "in the documentation", `write "/MyParameter3/L1"`},
		{"/", "no level", "empty level"},
		{"//a", "an empty level", "empty level"},
		{"/a//b", "an empty level", "empty level"},
		{"/a/", "a slash at the end", "empty level"},
		{levels + "/a", "16 levels", "16 levels: write up to 15"},
		{strings.Repeat("a", 1012-scope), "1,012 characters with the ARN", "ARN has 1012 characters"},
	} {
		func() {
			defer func() {
				got, _ := recover().(string)
				if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
					t.Errorf("%q (%s): got the panic %q, want %q in it", tt.name, tt.reason, got, tt.want)
				}
			}()
			var server awslocal.Server
			parameters := awslocal.NewParameters(&server)
			parameters.Put(tt.name, "value")
			if got := getParameter(t, &server, `{"Name": "`+tt.name+`", "WithDecryption": true}`); got != "value" {
				t.Errorf("%q: got %q", tt.name, got)
			}
		}()
	}
}
