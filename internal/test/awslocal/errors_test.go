// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// TestStatuses: the statuses are what AWS documents, and an Error can have another one.
func TestStatuses(t *testing.T) {
	for _, tt := range []struct {
		reason string
		e      awslocal.Error
		want   int
	}{
		{"CloudFront has many statuses", awslocal.Error{Type: "AccessDenied"}, 403},
		{"the ETag is old", awslocal.Error{Type: "PreconditionFailed"}, 412},
		{"a key group needs it", awslocal.Error{Type: "PublicKeyInUse"}, 409},
		{"a distribution needs it", awslocal.Error{Type: "ResourceInUse"}, 409},
		{"the name is taken", awslocal.Error{Type: "KeyGroupAlreadyExists"}, 409},
		{"the name is taken", awslocal.Error{Type: "PublicKeyAlreadyExists"}, 409},
		{"there is no such key group", awslocal.Error{Type: "NoSuchResource"}, 404},
		{"the JSON protocol has one status for mistakes", awslocal.Error{Type: "AccessDeniedException"}, 400},
		{"the same", awslocal.Error{Type: "ResourceNotFoundException"}, 400},
		{"the same, with a name as at CloudFront", awslocal.Error{Type: "ParameterAlreadyExists"}, 400},
		{"throttling is no fault of the server", awslocal.Error{Type: "ThrottlingException"}, 400},
		{"a fault of the server", awslocal.Error{Type: "InternalServiceError"}, 500},
		{"the same, of any service", awslocal.Error{Type: "ServiceUnavailable"}, 503},
		{"the same, of services that are newer", awslocal.Error{Type: "ServiceUnavailableException"}, 503},
		{"a dependency of KMS is slow", awslocal.Error{Type: "DependencyTimeoutException"}, 503},
		{"a common error", awslocal.Error{Type: "InternalFailure"}, 500},
		{"its other name", awslocal.Error{Type: "InternalServiceFailure"}, 500},
		{"its name at services with XML", awslocal.Error{Type: "InternalError"}, 500},
		{"the access key does not exist", awslocal.Error{Type: "InvalidClientTokenId"}, 403},
		{"the token of the session has expired", awslocal.Error{Type: "ExpiredToken"}, 403},
		{"the account does not have the service", awslocal.Error{Type: "OptInRequired"}, 403},
		{"the service has no such operation", awslocal.Error{Type: "UnknownOperationException"}, 404},
		{"a test can choose", awslocal.Error{Type: "AccessDenied", Status: 418}, 418},
	} {
		if got := statusOf(t, tt.e); got != tt.want {
			t.Errorf("%s: %v has the status %d, want %d", tt.reason, &tt.e, got, tt.want)
		}
	}
}

// statusOf returns the status with which the server answers an error.
func statusOf(t *testing.T, e awslocal.Error) int {
	t.Helper()
	var server awslocal.Server
	arn := awslocal.NewKMS(&server).Add(testkeys.P256())
	server.Fail(awslocal.KMSGetPublicKey, 1, &e)
	status, answer := callKMS(t, &server, awslocal.KMSGetPublicKey, map[string]any{"KeyId": arn})
	if answer["__type"] != e.Type {
		t.Errorf("got %v, want %v", answer, &e)
	}
	return status
}

// A model is AWS's description of a service, as botocore has it.
type model struct {
	Operations map[string]struct{ Errors []struct{ Shape string } }
	Shapes     map[string]struct {
		Exception, Fault bool
		Error            struct{ HTTPStatusCode int }
	}
}

// documentedErrors returns the errors of the operations of a server by their codes, from
// botocore's model of a service.
func (m *model) documentedErrors(server *awslocal.Server) []string {
	var codes []string
	for _, target := range server.Operations() {
		_, name, ok := strings.Cut(target, ".")
		if !ok {
			name = target
		}
		version := regexp.MustCompile(`^` + name + `(\d{4}_\d{2}_\d{2})?$`) // CloudFront's names have the version of the API
		for documented, operation := range m.Operations {
			if !version.MatchString(documented) {
				continue
			}
			for _, e := range operation.Errors {
				codes = append(codes, e.Shape)
			}
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// services are the services by their folders in botocore.
var services = map[string]func(*awslocal.Server){
	"cloudfront":     func(s *awslocal.Server) { awslocal.NewCloudFront(s) },
	"dynamodb":       func(s *awslocal.Server) { awslocal.NewDynamoDB(s) },
	"kms":            func(s *awslocal.Server) { awslocal.NewKMS(s) },
	"secretsmanager": func(s *awslocal.Server) { awslocal.NewSecrets(s) },
	"ssm":            func(s *awslocal.Server) { awslocal.NewParameters(s) },
}

// TestDocumentedStatuses: each error that AWS's model of an operation has gets the status in the
// model. Models of services with the JSON protocol only say whether it is a fault of the server.
func TestDocumentedStatuses(t *testing.T) {
	data := botocoreData(t)
	for service, add := range services {
		m := readModel(t, filepath.Join(data, service))
		var server awslocal.Server
		add(&server)
		codes := m.documentedErrors(&server)
		if len(codes) < 4 {
			t.Errorf("%s: the model has the errors %v only", service, codes)
		}
		for _, code := range codes {
			shape, got := m.Shapes[code], statusOf(t, awslocal.Error{Type: code})
			switch want := shape.Error.HTTPStatusCode; {
			case !shape.Exception:
				t.Errorf("%s: %s is no error in the model", service, code)
			case want != 0 && got != want, want == 0 && !shape.Fault && got != http.StatusBadRequest, shape.Fault && got < http.StatusInternalServerError:
				t.Errorf("%s: %s has the status %d; the model says %d, a fault of the server: %t", service, code, got, want, shape.Fault)
			}
		}
	}
}

// undocumented are the errors that services send and that their models do not have.
var undocumented = map[string]string{
	"AccessDeniedException":               "common",
	"IncompleteSignatureException":        "common",
	"InvalidSignatureException":           "common",
	"MalformedInput":                      "common",
	"MissingAuthenticationToken":          "common",
	"MissingAuthenticationTokenException": "common",
	"NotAuthorizedException":              "KMS, for alias/aws/",
	"RequestEntityTooLarge":               "common",
	"SerializationException":              "common",
	"SignatureDoesNotMatch":               "common",
	"UnknownOperationException":           "common",
	"ValidationException":                 "common",
}

// TestErrorsAreDocumented: the errors in the code of this package are in the models.
func TestErrorsAreDocumented(t *testing.T) {
	data := botocoreData(t)
	known := map[string]bool{}
	for service, add := range services {
		m := readModel(t, filepath.Join(data, service))
		var server awslocal.Server
		add(&server)
		for _, code := range m.documentedErrors(&server) {
			known[code] = true
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`\bError\{Type: "(\w+)"`).FindAllStringSubmatch(string(text), -1) {
			code := match[1]
			if used[code] = true; !known[code] && undocumented[code] == "" {
				t.Errorf("%s has the error %s, and no operation here documents it", name, code)
			}
		}
	}
	if len(used) < len(undocumented) {
		t.Errorf("the files have the errors %v only", used)
	}
	for code := range undocumented {
		if known[code] || !used[code] {
			t.Errorf("%s must not be in the list of undocumented errors", code)
		}
	}
}

// botocoreData returns the folder of botocore's models.
func botocoreData(t *testing.T) string {
	t.Helper()
	// A python3 in the PATH may hide Debian's, which has Debian's modules.
	for _, python := range []string{needs.Command(t, "python3", "python3"), "/usr/bin/python3"} {
		output, err := exec.CommandContext(t.Context(), python, "-c", "import botocore; print(botocore.__path__[0])").Output()
		if err == nil {
			return filepath.Join(strings.TrimSpace(string(output)), "data")
		}
	}
	needs.Missing(t, "Python with botocore", "apt-get install python3-botocore")
	return ""
}

// readModel reads the newest model in the folder of a service. Releases at PyPI have it
// compressed, and Debian's do not.
func readModel(t *testing.T, folder string) *model {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*", "service-2.json*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s has no models: %v", folder, err)
	}
	newest := slices.Max(paths)
	file, err := os.Open(newest)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var reader io.Reader = file
	if strings.HasSuffix(newest, ".gz") {
		if reader, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	m := &model{}
	if err := json.NewDecoder(reader).Decode(m); err != nil {
		t.Fatal(err)
	}
	return m
}
