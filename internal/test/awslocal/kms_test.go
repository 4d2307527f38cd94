// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
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

// callKMS sends a request in the form in which AWS's clients do, and returns the
// status with the answer.
func callKMS(t *testing.T, server *awslocal.Server, target string, body any) (int, map[string]any) {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(data))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"+now.Format("20060102")+
		"/us-east-1/kms/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature="+strings.Repeat("0", 64))
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return w.Code, answer
}

// TestKMSSigns verifies what every algorithm gives with the public key that the same
// server hands out.
func TestKMSSigns(t *testing.T) {
	var server awslocal.Server
	kms := awslocal.NewKMS(&server)
	rsaKey, p256Key := kms.Add(testkeys.RSA()), kms.Add(testkeys.P256())
	message := []byte("message")
	digest := sha256.Sum256(message)
	tests := []struct {
		name, arn, algorithm, messageType string
		message                           []byte
		verify                            func(public crypto.PublicKey, signature []byte) bool
	}{
		{"pkcs1 digest", rsaKey, "RSASSA_PKCS1_V1_5_SHA_256", "DIGEST", digest[:], isPKCS1(digest[:])},
		{"pkcs1 raw", rsaKey, "RSASSA_PKCS1_V1_5_SHA_256", "RAW", message, isPKCS1(digest[:])},
		{"raw by default", rsaKey, "RSASSA_PKCS1_V1_5_SHA_256", "", message, isPKCS1(digest[:])},
		{"pss", rsaKey, "RSASSA_PSS_SHA_256", "DIGEST", digest[:], isPSS(digest[:])},
		{"ecdsa", p256Key, "ECDSA_SHA_256", "DIGEST", digest[:], isECDSA(digest[:])},
		{"4,096 bytes", p256Key, "ECDSA_SHA_256", "RAW", make([]byte, 4096), isECDSA(sum(make([]byte, 4096)))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			request := map[string]any{"KeyId": tt.arn, "Message": tt.message, "SigningAlgorithm": tt.algorithm}
			if tt.messageType != "" {
				request["MessageType"] = tt.messageType
			}
			status, answer := callKMS(t, &server, awslocal.KMSSign, request)
			if status != http.StatusOK || answer["KeyId"] != tt.arn || answer["SigningAlgorithm"] != tt.algorithm {
				t.Fatalf("%d %v", status, answer)
			}
			if !tt.verify(publicOf(t, &server, tt.arn), blob(t, answer["Signature"])) {
				t.Error("the signature does not verify")
			}
		})
	}
}

func isPKCS1(digest []byte) func(crypto.PublicKey, []byte) bool {
	return func(public crypto.PublicKey, signature []byte) bool {
		return rsa.VerifyPKCS1v15(public.(*rsa.PublicKey), crypto.SHA256, digest, signature) == nil
	}
}

func isPSS(digest []byte) func(crypto.PublicKey, []byte) bool {
	return func(public crypto.PublicKey, signature []byte) bool {
		return rsa.VerifyPSS(public.(*rsa.PublicKey), crypto.SHA256, digest, signature, nil) == nil
	}
}

func isECDSA(digest []byte) func(crypto.PublicKey, []byte) bool {
	return func(public crypto.PublicKey, signature []byte) bool {
		return ecdsa.VerifyASN1(public.(*ecdsa.PublicKey), digest, signature)
	}
}

func sum(message []byte) []byte {
	digest := sha256.Sum256(message)
	return digest[:]
}

// blob decodes bytes as JSON has them.
func blob(t *testing.T, value any) []byte {
	t.Helper()
	quoted, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var decoded []byte
	if err := json.Unmarshal(quoted, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

func publicOf(t *testing.T, server *awslocal.Server, name string) crypto.PublicKey {
	t.Helper()
	status, answer := callKMS(t, server, awslocal.KMSGetPublicKey, map[string]any{"KeyId": name})
	if status != http.StatusOK {
		t.Fatalf("%d %v", status, answer)
	}
	public, err := x509.ParsePKIXPublicKey(blob(t, answer["PublicKey"]))
	if err != nil {
		t.Fatal(err)
	}
	return public
}

// TestKMSNames finds a key under each of its names, and an alias where it was moved to.
func TestKMSNames(t *testing.T) {
	var server awslocal.Server
	kms := awslocal.NewKMS(&server)
	first, second := kms.Add(testkeys.P256()), kms.Add(testkeys.OtherP256())
	kms.SetAlias("alias/cloudfront", first)
	_, id, _ := strings.Cut(first, ":key/")
	aliasARN := strings.Replace(first, "key/"+id, "alias/cloudfront", 1)
	for _, name := range []string{first, id, "alias/cloudfront", aliasARN} {
		if diff := cmp.Diff(testkeys.P256().Public(), publicOf(t, &server, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	kms.SetAlias("alias/cloudfront", second)
	if diff := cmp.Diff(testkeys.OtherP256().Public(), publicOf(t, &server, "alias/cloudfront")); diff != "" {
		t.Errorf("moved alias (-want +got):\n%s", diff)
	}
}

// TestKMSRegions: a replica has the ID and the key of the primary, and a state of its own.
func TestKMSRegions(t *testing.T) {
	var east, west awslocal.Server
	primary, replica := awslocal.NewKMSIn(&east, "aws-cn", "cn-north-1"), awslocal.NewKMSIn(&west, "aws-cn", "cn-northwest-1")
	arn := primary.AddMultiRegion(testkeys.P256())
	if want := "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef000000000001"; arn != want {
		t.Errorf("got the ARN %s, want %s", arn, want)
	}
	primary.SetState(arn, "Disabled")
	replicaARN := primary.Replicate(arn, replica)
	if want := strings.Replace(arn, "cn-north-1", "cn-northwest-1", 1); replicaARN != want {
		t.Errorf("got the ARN %s, want %s", replicaARN, want)
	}
	for _, name := range []string{replicaARN, strings.TrimPrefix(arn, "arn:aws-cn:kms:cn-north-1:111122223333:key/")} {
		if diff := cmp.Diff(testkeys.P256().Public(), publicOf(t, &west, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, answer := callKMS(t, &west, awslocal.KMSGetPublicKey, map[string]any{"KeyId": arn}); answer["__type"] != "NotFoundException" || answer["message"] != "Invalid arn cn-north-1" {
		t.Errorf("the ARN of another Region: %v", answer)
	}
}

// TestKMSRegionsOfAnAccount: no two keys of an account have the same ID, except replicas.
func TestKMSRegionsOfAnAccount(t *testing.T) {
	var east, west awslocal.Server
	primary := awslocal.NewKMSIn(&east, "aws-cn", "cn-north-1")
	replicas := primary.InRegion(&west, "cn-northwest-1")
	want := []string{
		"arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef000000000001",
		"arn:aws-cn:kms:cn-northwest-1:111122223333:key/mrk-1234abcd12ab34cd56ef000000000002",
		"arn:aws-cn:kms:cn-northwest-1:111122223333:key/mrk-1234abcd12ab34cd56ef000000000001",
	}
	arn := primary.AddMultiRegion(testkeys.P256())
	got := []string{arn, replicas.AddMultiRegion(testkeys.OtherP256()), primary.Replicate(arn, replicas)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ARNs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(testkeys.P256().Public(), publicOf(t, &west, got[2])); diff != "" {
		t.Errorf("replica (-want +got):\n%s", diff)
	}
}

// TestKMSRelatedKeys: each key of a multi-Region key says which keys there are, and what it is.
func TestKMSRelatedKeys(t *testing.T) {
	var servers [3]awslocal.Server
	east := awslocal.NewKMS(&servers[0])
	west, ireland := east.InRegion(&servers[1], "us-west-2"), east.InRegion(&servers[2], "eu-west-1")
	describe := func(server *awslocal.Server, arn string) (configuration, isMultiRegion any) {
		t.Helper()
		_, answer := callKMS(t, server, awslocal.KMSDescribeKey, map[string]any{"KeyId": arn})
		metadata, _ := answer["KeyMetadata"].(map[string]any)
		return metadata["MultiRegionConfiguration"], metadata["MultiRegion"]
	}
	if got, isMultiRegion := describe(&servers[0], east.Add(testkeys.P256())); got != nil || isMultiRegion != false {
		t.Errorf("a key of one Region: got %v, multi-Region: %v", got, isMultiRegion)
	}
	arn := east.AddMultiRegion(testkeys.P256())
	key := func(region string) map[string]any {
		return map[string]any{"Region": region, "Arn": strings.Replace(arn, "us-east-1", region, 1)}
	}
	check := func(server *awslocal.Server, region, kind string, replicas ...any) {
		t.Helper()
		want := map[string]any{"MultiRegionKeyType": kind, "PrimaryKey": key("us-east-1"), "ReplicaKeys": append([]any{}, replicas...)}
		got, isMultiRegion := describe(server, key(region)["Arn"].(string))
		if diff := cmp.Diff(any(want), got); diff != "" || isMultiRegion != true {
			t.Errorf("%s, %d replicas, multi-Region: %v (-want +got):\n%s", region, len(replicas), isMultiRegion, diff)
		}
	}
	check(&servers[0], "us-east-1", "PRIMARY")
	replica := east.Replicate(arn, west)
	check(&servers[0], "us-east-1", "PRIMARY", key("us-west-2"))
	check(&servers[1], "us-west-2", "REPLICA", key("us-west-2"))
	west.Replicate(replica, ireland)
	for i, tt := range [][2]string{{"us-east-1", "PRIMARY"}, {"us-west-2", "REPLICA"}, {"eu-west-1", "REPLICA"}} {
		check(&servers[i], tt[0], tt[1], key("us-west-2"), key("eu-west-1"))
	}
}

// TestKMSMistakes: what a test does wrong says what is wrong.
func TestKMSMistakes(t *testing.T) {
	var east, west awslocal.Server
	kms := awslocal.NewKMS(&east)
	other := kms.InRegion(&west, "us-west-2")
	single, many := kms.Add(testkeys.P256()), kms.AddMultiRegion(testkeys.P256())
	kms.Replicate(many, other)
	for want, do := range map[string]func(){
		"must be in another Region":        func() { kms.Replicate(many, kms) },
		"a replica must be":                func() { kms.Replicate(many, nil) },
		"not a multi-Region key":           func() { kms.Replicate(single, other) },
		`there is no key "mrk-other"`:      func() { kms.Replicate("mrk-other", other) },
		"there is already a key":           func() { kms.Replicate(many, other) },
		"key is nil (*ecdsa.PrivateKey)":   func() { kms.Add((*ecdsa.PrivateKey)(nil)) },
		"key is nil (<nil>)":               func() { kms.Replace(single, nil) },
		`there is no key "other"`:          func() { kms.SetAlias("alias/a", "other") },
		`the alias "a": ValidationExcepti`: func() { kms.SetAlias("a", single) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("got the panic %q, want %q in it", got, want)
				}
			}()
			do()
		}()
	}
}

func TestKMSDescribesKeys(t *testing.T) {
	var server awslocal.Server
	kms := awslocal.NewKMS(&server)
	arn := kms.Add(testkeys.P256())
	_, answer := callKMS(t, &server, awslocal.KMSGetPublicKey, map[string]any{"KeyId": arn})
	delete(answer, "PublicKey")
	want := map[string]any{
		"KeyId": arn, "KeySpec": "ECC_NIST_P256", "CustomerMasterKeySpec": "ECC_NIST_P256",
		"KeyUsage": "SIGN_VERIFY", "SigningAlgorithms": []any{"ECDSA_SHA_256"},
	}
	if diff := cmp.Diff(want, answer); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// TestKMSAlters lets a test spoil what the service answers.
func TestKMSAlters(t *testing.T) {
	var server awslocal.Server
	kms := awslocal.NewKMS(&server)
	arn := kms.Add(testkeys.P256())
	kms.AlterPublicKey(func(a *awslocal.KMSPublicKey) { a.KeySpec = "" })
	if _, answer := callKMS(t, &server, awslocal.KMSGetPublicKey, map[string]any{"KeyId": arn}); answer["KeySpec"] != nil {
		t.Errorf("public key: %v", answer)
	}
	kms.AlterSignature(func(a *awslocal.KMSSignature) { a.Signature = a.Digest })
	digest := sum(nil)
	_, answer := callKMS(t, &server, awslocal.KMSSign, map[string]any{"KeyId": arn, "SigningAlgorithm": "ECDSA_SHA_256", "MessageType": "DIGEST", "Message": digest})
	if !bytes.Equal(blob(t, answer["Signature"]), digest) {
		t.Errorf("signature: %v", answer)
	}
	kms.AlterPublicKey(nil)
	kms.Replace(arn, testkeys.RSA())
	if diff := cmp.Diff(testkeys.RSA().Public(), publicOf(t, &server, arn)); diff != "" {
		t.Errorf("replaced (-want +got):\n%s", diff)
	}
}

// TestKMSRecovers from faults before their number is up.
func TestKMSRecovers(t *testing.T) {
	var server awslocal.Server
	arn := awslocal.NewKMS(&server).Add(testkeys.P256())
	server.Fail(awslocal.KMSGetPublicKey, 1000, &awslocal.Error{Type: "ThrottlingException"})
	if _, answer := callKMS(t, &server, awslocal.KMSGetPublicKey, map[string]any{"KeyId": arn}); answer["__type"] != "ThrottlingException" {
		t.Errorf("got %v, want a fault", answer)
	}
	server.Recover(awslocal.KMSGetPublicKey)
	if publicOf(t, &server, arn) == nil {
		t.Error("no public key")
	}
}
