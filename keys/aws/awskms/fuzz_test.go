// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"crypto"
	"crypto/ecdsa"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

// FuzzAnswer: whatever answers, nothing panics, an error is of one kind, and a
// signature is one of the key's over the digest.
func FuzzAnswer(f *testing.F) {
	server := &awslocal.Server{}
	arn := awslocal.NewKMS(server).Add(testkeys.P256())
	const right = `{"KeyId":"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-000000000001","SigningAlgorithm":"ECDSA_SHA_256","Signature":"`
	f.Add(uint16(200), "", right+`MAYCAQACAQA="}`)
	f.Add(uint16(200), "", right+`%"}`)
	f.Add(uint16(200), "", `{"KeyId":null,"KeySpec":"RSA_2048","KeyUsage":"SIGN_VERIFY","PublicKey":"MFkw"}`)
	f.Add(uint16(400), "ThrottlingException", `{"__type":"ThrottlingException"}`)
	f.Add(uint16(400), "KMSInvalidStateException", `{"message":"arn is pending deletion."}`)
	f.Add(uint16(403), "com.amazonaws#AccessDenied:http://x", `{"message":"TokenOfTheSession"}`)
	f.Add(uint16(500), "", `<html>`)
	var handler http.Handler = server // as long as there is no other
	client := kms.New(kms.Options{
		Region: "us-east-1", Credentials: credentials(good), Retryer: aws.NopRetryer{},
		HTTPClient: handlerClient{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })},
	})
	key, err := awskms.New(f.Context(), client, arn, awskms.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status uint16, code, body string) {
		if status < 200 || status > 599 {
			return // not of HTTP, or for net/http alone
		}
		handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-Errortype", code)
			w.WriteHeader(int(status))
			_, _ = w.Write([]byte(body))
		})
		signature, err := key.SignContext(t.Context(), digest, crypto.SHA256)
		if (signature == nil) != (err != nil) || err == nil && !ecdsa.VerifyASN1(&testkeys.P256().PublicKey, digest, signature) {
			t.Errorf("a signature that is none, %v", err)
		}
		checkOneKind(t, err)
		another, err := awskms.New(t.Context(), client, arn, awskms.Options{})
		if (another == nil) != (err != nil) {
			t.Errorf("%v, %v", another, err)
		}
		checkOneKind(t, err)
	})
}

// FuzzFailover: whatever the first Region answers, the other one signs with the right key.
func FuzzFailover(f *testing.F) {
	var answer http.Handler
	f.Add(uint16(200), "", `{"KeyId":"arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef000000000001","SigningAlgorithm":"ECDSA_SHA_256","Signature":"MAYCAQACAQA="}`)
	f.Add(uint16(400), "ThrottlingException", `{"__type":"ThrottlingException"}`)
	f.Add(uint16(403), "com.amazonaws#AccessDenied:http://x", `{"message":"TokenOfTheSession"}`)
	f.Add(uint16(503), "", `<html>`)
	f.Fuzz(func(t *testing.T, status uint16, code, body string) {
		if status < 200 || status > 599 {
			return // not of HTTP, or for net/http alone
		}
		east, west, seen := two()
		o := east.client.Options()
		o.HTTPClient = handlerClient{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer.ServeHTTP(w, r) })}
		answer = east.server
		key, err := awskms.New(t.Context(), kms.New(o), east.id(), awskms.Options{Replicas: []awskms.API{west.client}, Observe: seen.add})
		if err != nil {
			t.Fatal(err)
		}
		answer = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-Errortype", code)
			w.WriteHeader(int(status))
			_, _ = w.Write([]byte(body))
		})
		checkSigns(t, key)
		for _, e := range seen.take() {
			checkOneKind(t, e.Err)
		}
	})
}

func checkOneKind(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	found := 0
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			found++
		}
	}
	if found != 1 {
		t.Errorf("%d kinds: %v", found, err)
	}
}
