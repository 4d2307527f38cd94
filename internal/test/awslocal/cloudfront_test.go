// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

const cloudFrontXMLNS = "http://cloudfront.amazonaws.com/doc/2020-05-31/"

// restRequest returns a request in the form in which AWS's clients send it.
func restRequest(t *testing.T, method, path, body string) *http.Request {
	t.Helper()
	now := time.Now().UTC()
	r := httptest.NewRequestWithContext(t.Context(), method, "/2020-05-31/"+path, strings.NewReader(body))
	r.Host = "cloudfront.amazonaws.com"
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"+now.Format("20060102")+
		"/us-east-1/cloudfront/aws4_request, SignedHeaders=host;x-amz-date, Signature="+strings.Repeat("0", 64))
	return r
}

// A restError is the XML of an error, with its status.
type restError struct {
	XMLName   xml.Name
	Error     struct{ Type, Code, Message string }
	RequestID string `xml:"RequestId"`
}

// serveREST sends a request, and returns the response with the code of its error, if there
// is one.
func serveREST(t *testing.T, server *awslocal.Server, r *http.Request) (w *httptest.ResponseRecorder, code string) {
	t.Helper()
	w = httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code < http.StatusBadRequest {
		return w, ""
	}
	var answer restError
	if err := xml.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	if answer.XMLName.Space != cloudFrontXMLNS || answer.XMLName.Local != "ErrorResponse" || answer.RequestID == "" || answer.RequestID != w.Header().Get("X-Amzn-Requestid") {
		t.Errorf("%s: not the form of an error", w.Body)
	}
	if want := map[bool]string{true: "Receiver", false: "Sender"}[w.Code >= 500]; answer.Error.Type != want || answer.Error.Message == "" {
		t.Errorf("%s: type or message", w.Body)
	}
	return w, answer.Error.Code
}

// encodedKey returns the PEM of a public key.
func encodedKey(t *testing.T, key crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// publicKeyXML is the body of a CreatePublicKey.
func publicKeyXML(t *testing.T, name string, key crypto.PublicKey) string {
	t.Helper()
	return `<PublicKeyConfig xmlns="` + cloudFrontXMLNS + `"><CallerReference>` + name + `</CallerReference><EncodedKey>` + encodedKey(t, key) + `</EncodedKey><Name>` + name + `</Name></PublicKeyConfig>`
}

// create creates a resource, and returns its ID with its ETag.
func create(t *testing.T, server *awslocal.Server, path, body string) (id, etag string) {
	t.Helper()
	w, code := serveREST(t, server, restRequest(t, http.MethodPost, path, body))
	var answer struct {
		ID string `xml:"Id"`
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &answer); w.Code != http.StatusCreated || err != nil {
		t.Fatalf("%d %s %v", w.Code, code, err)
	}
	if want := "https://cloudfront.amazonaws.com/2020-05-31/" + path + "/" + answer.ID; w.Header().Get("Location") != want {
		t.Errorf("location %s, want %s", w.Header().Get("Location"), want)
	}
	return answer.ID, w.Header().Get("ETag")
}

func keyGroupXML(name string, publicKeys ...string) string {
	var items strings.Builder
	for _, id := range publicKeys {
		items.WriteString("<PublicKey>" + id + "</PublicKey>")
	}
	return `<KeyGroupConfig xmlns="` + cloudFrontXMLNS + `"><Name>` + name + `</Name><Items>` + items.String() + `</Items></KeyGroupConfig>`
}

// TestCloudFrontTrusts feeds an edge from the control plane. A key is trusted after its
// deployment.
func TestCloudFrontTrusts(t *testing.T) {
	var server awslocal.Server
	cloudFront := awslocal.NewCloudFront(&server)
	a, _ := create(t, &server, "public-key", publicKeyXML(t, "a", testkeys.P256().Public()))
	b, _ := create(t, &server, "public-key", publicKeyXML(t, "b", testkeys.RSA().Public()))
	first, etag := create(t, &server, "key-group", keyGroupXML("first", a))
	second, _ := create(t, &server, "key-group", keyGroupXML("second", b))
	cloudFront.AddDistribution("E1", "d1.cloudfront.net", first)
	check := func(step string, want map[string]crypto.PublicKey) {
		t.Helper()
		if diff := cmp.Diff(want, cloudFront.Trusted("E1")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
	}
	onlyA := map[string]crypto.PublicKey{a: testkeys.P256().Public()}
	both := map[string]crypto.PublicKey{a: testkeys.P256().Public(), b: testkeys.RSA().Public()}
	check("added", onlyA)
	cloudFront.SetDelay(awslocal.ByHand)
	cloudFront.AddDistribution("E1", "d1.cloudfront.net", first, second)
	check("another key group is on its way", onlyA)
	cloudFront.SetDelay(0)
	check("no delay any more", both)
	cloudFront.AddDistribution("E1", "d1.cloudfront.net", second)
	cloudFront.SetDelay(awslocal.ByHand)
	check("a change without a delay has arrived, unseen", map[string]crypto.PublicKey{b: testkeys.RSA().Public()})
	cloudFront.AddDistribution("E1", "d1.cloudfront.net", first, second)
	cloudFront.Deploy()
	check("both again", both)

	cloudFront.SetDelay(awslocal.ByHand)
	r := restRequest(t, http.MethodPut, "key-group/"+first, keyGroupXML("first", b))
	r.Header.Set("If-Match", etag)
	if w, code := serveREST(t, &server, r); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, code)
	}
	check("a is leaving", both)
	cloudFront.Deploy()
	check("a has left", map[string]crypto.PublicKey{b: testkeys.RSA().Public()})
	cloudFront.Trusted("E1")["K"] = nil
	check("the caller's copy", map[string]crypto.PublicKey{b: testkeys.RSA().Public()})
}

// TestCloudFrontPanics tells a test that it has a mistake.
func TestCloudFrontPanics(t *testing.T) {
	var server awslocal.Server
	cloudFront := awslocal.NewCloudFront(&server)
	for name, mistake := range map[string]func(){
		"a key group that does not exist":    func() { cloudFront.AddDistribution("E1", "d1.cloudfront.net", "none") },
		"a distribution that does not exist": func() { cloudFront.Trusted("E1") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			mistake()
		})
	}
}

// TestCloudFrontRefuses what CloudFront refuses before it looks at a resource. The package
// keys/aws/internal/awslocaltest has the other refusals, with AWS's own client.
func TestCloudFrontRefuses(t *testing.T) {
	valid := publicKeyXML(t, "a", testkeys.P256().Public())
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	replace := func(old, replacement string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), old, replacement))
		}
	}
	tests := []struct {
		name               string
		method, path, body string
		change             func(*http.Request)
		status             int
		want               string
	}{
		{"no signature", "POST", "public-key", valid, header("Authorization", ""), 403, "MissingAuthenticationToken"},
		{"signed for another service", "POST", "public-key", valid, replace("/cloudfront/", "/kms/"), 403, "SignatureDoesNotMatch"},
		{"host not signed", "POST", "public-key", valid, replace("host;", ""), 403, "SignatureDoesNotMatch"},
		{"date not signed", "POST", "public-key", valid, replace(";x-amz-date", ""), 403, "SignatureDoesNotMatch"},
		{"another day", "POST", "public-key", valid, replace(time.Now().UTC().Format("20060102"), "20200101"), 403, "SignatureDoesNotMatch"},
		{"old", "POST", "public-key", valid, header("X-Amz-Date", "20200101T000000Z"), 403, "SignatureDoesNotMatch"},
		{"no XML", "POST", "public-key", "{}", nil, 400, "MalformedInput"},
		{"another root", "POST", "public-key", keyGroupXML("a", "K1"), nil, 400, "MalformedInput"},
		{"another namespace", "POST", "public-key", strings.ReplaceAll(valid, "2020-05-31", "2019-03-26"), nil, 400, "MalformedInput"},
		{"no XML of a key group", "POST", "key-group", "", nil, 400, "MalformedInput"},
		{"no XML of a change", "PUT", "key-group/g", "", nil, 400, "MalformedInput"},
		{"no XML of a comment", "PUT", "public-key/K1/config", "", nil, 400, "MalformedInput"},
		{"too long", "POST", "public-key", strings.Repeat("a", 1<<20+1), nil, 413, "RequestEntityTooLarge"},
		{"unknown path", "GET", "distribution", "", nil, 501, "UnknownOperationException"},
		{"unknown method", "PATCH", "public-key/K1", "", nil, 501, "UnknownOperationException"},
		{"no number", "GET", "public-key?MaxItems=ten", "", nil, 400, "InvalidArgument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var server awslocal.Server
			awslocal.NewCloudFront(&server)
			r := restRequest(t, tt.method, tt.path, tt.body)
			if tt.change != nil {
				tt.change(r)
			}
			if w, code := serveREST(t, &server, r); w.Code != tt.status || code != tt.want {
				t.Errorf("got %d %s, want %d %s", w.Code, code, tt.status, tt.want)
			}
		})
	}
}

// TestCloudFrontAtTwoServers: requests to the second server count at the first one, and get its
// faults.
func TestCloudFrontAtTwoServers(t *testing.T) {
	var first, second awslocal.Server
	awslocal.NewCloudFront(&first).AddTo(&second)
	if w, code := serveREST(t, &second, restRequest(t, http.MethodPost, "public-key", publicKeyXML(t, "a", testkeys.P256().Public()))); w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, code)
	}
	if w, _ := serveREST(t, &first, restRequest(t, http.MethodGet, "public-key", "")); !strings.Contains(w.Body.String(), "<Quantity>1<") {
		t.Errorf("%s", w.Body)
	}
	first.Fail("ListPublicKeys", 1, &awslocal.Error{Type: "AccessDenied", Message: "no"})
	if w, code := serveREST(t, &second, restRequest(t, http.MethodGet, "public-key", "")); w.Code != http.StatusForbidden || code != "AccessDenied" {
		t.Errorf("%d %s", w.Code, code)
	}
	if first, second := first.Count("ListPublicKeys"), second.Count("ListPublicKeys"); first != 2 || second != 0 {
		t.Errorf("%d and %d requests, want 2 and 0", first, second)
	}
}

// TestCloudFrontFaults has faults before and after the operation. Both count.
func TestCloudFrontFaults(t *testing.T) {
	unavailable := &awslocal.Error{Status: http.StatusServiceUnavailable, Type: "ServiceUnavailable", Message: "later"}
	tests := []struct {
		name  string
		fault func(s *awslocal.Server)
		code  string // "": no answer at all
		done  bool
	}{
		{"before", func(s *awslocal.Server) { s.Fail("CreatePublicKey", 1, unavailable) }, "ServiceUnavailable", false},
		{"after", func(s *awslocal.Server) { s.FailLate("CreatePublicKey", 1, unavailable) }, "ServiceUnavailable", true},
		{"dropped before", func(s *awslocal.Server) { s.Drop("CreatePublicKey", 1) }, "", false},
		{"dropped after", func(s *awslocal.Server) { s.DropLate("CreatePublicKey", 1) }, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var server awslocal.Server
			awslocal.NewCloudFront(&server)
			tt.fault(&server)
			code := ""
			func() {
				defer func() {
					if r := recover(); r != nil && r != http.ErrAbortHandler {
						panic(r)
					}
				}()
				_, code = serveREST(t, &server, restRequest(t, http.MethodPost, "public-key", publicKeyXML(t, "a", testkeys.P256().Public())))
			}()
			w, _ := serveREST(t, &server, restRequest(t, http.MethodGet, "public-key", ""))
			if done := strings.Contains(w.Body.String(), "<Quantity>1<"); code != tt.code || done != tt.done {
				t.Errorf("got %q, and done: %t; want %q, and done: %t", code, done, tt.code, tt.done)
			}
			if got := server.Count("CreatePublicKey"); got != 1 {
				t.Errorf("%d requests, want 1", got)
			}
		})
	}
}

// TestCloudFrontAnswers with a body that a test makes up.
func TestCloudFrontAnswers(t *testing.T) {
	var server awslocal.Server
	awslocal.NewCloudFront(&server)
	server.Answer("GetKeyGroup", 1, http.StatusOK, "<odd/>")
	w, _ := serveREST(t, &server, restRequest(t, http.MethodGet, "key-group/g", ""))
	if w.Body.String() != "<odd/>" || w.Header().Get("Content-Type") != "text/xml" {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
}

// TestHooks sees each step of each protocol, in order. A hook may use the server.
func TestHooks(t *testing.T) {
	var server awslocal.Server
	cloudFront := awslocal.NewCloudFront(&server)
	awslocal.NewSecrets(&server).Put("a", "one")
	var steps []string
	server.Before(func(target string) { steps = append(steps, "before "+target) })
	server.After(func(target string) {
		steps = append(steps, "after "+target)
		cloudFront.Deploy()
	})
	server.Fail("ListKeyGroups", 1, &awslocal.Error{Type: "Throttling", Message: "Rate exceeded"})
	server.DropLate("ListPublicKeys", 1)
	for _, path := range []string{"key-group", "key-group/none", "public-key"} {
		func() {
			defer func() { _ = recover() }() // of the dropped one
			serveREST(t, &server, restRequest(t, http.MethodGet, path, ""))
		}()
	}
	getSecret(t, &server, `{"SecretId": "a"}`)
	want := []string{
		"before ListKeyGroups",
		"before GetKeyGroup", "after GetKeyGroup",
		"before ListPublicKeys", "after ListPublicKeys",
		"before secretsmanager.GetSecretValue", "after secretsmanager.GetSecretValue",
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCloudFrontConcurrently has many clients for one key group. An ETag lets one of them
// through.
func TestCloudFrontConcurrently(t *testing.T) {
	var server awslocal.Server
	cloudFront := awslocal.NewCloudFront(&server)
	a, _ := create(t, &server, "public-key", publicKeyXML(t, "a", testkeys.P256().Public()))
	group, etag := create(t, &server, "key-group", keyGroupXML("g", a))
	cloudFront.AddDistribution("E1", "d1.cloudfront.net", group)
	const clients = 20
	statuses := make(chan int, clients)
	for i := range clients {
		r := restRequest(t, http.MethodPut, "key-group/"+group, keyGroupXML(fmt.Sprint("g", i), a))
		r.Header.Set("If-Match", etag)
		go func() {
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r)
			cloudFront.Trusted("E1")
			statuses <- w.Code
		}()
	}
	counts := map[int]int{}
	for range clients {
		counts[<-statuses]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusOK: 1, http.StatusPreconditionFailed: clients - 1}, counts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
