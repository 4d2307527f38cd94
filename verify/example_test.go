// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// newPair returns a signer and the verifier that trusts it.
func newPair() (*sign.Signer, *verify.Verifier) {
	key, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{"K2JCJMDEHXQW5F": key.Public()})
	if err != nil {
		log.Fatal(err)
	}
	return signer, &verify.Verifier{Keys: trusted}
}

// check prints what a signed URL allows, or why CloudFront would deny it.
func check(publicKey crypto.PublicKey, signedURL string) error {
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{"K2JCJMDEHXQW5F": publicKey})
	if err != nil {
		return err
	}
	verifier := &verify.Verifier{Keys: trusted}
	request := verify.Request{URL: signedURL}
	grant, err := verifier.Verify(request)
	if err != nil {
		fmt.Print(verifier.Explain(request)) // all checks, and the likely cause
		return err
	}
	fmt.Println("may fetch", grant.URL())
	return nil
}

// Check a signed URL with the public key that CloudFront trusts.
func Example() {
	key, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	signedURL, err := signer.URL(context.Background(), "https://cdn.example.com/a.jpg", time.Now().Add(time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	if err := check(key.Public(), signedURL); err != nil {
		log.Fatal(err)
	}
	// Output: may fetch https://cdn.example.com/a.jpg
}

// In a test, you see what CloudFront would answer before you deploy.
func ExampleVerifier_Verify() {
	signer, verifier := newPair()
	signedURL, err := signer.URL(context.Background(), "https://cdn.example.com/a.jpg", time.Now().Add(time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	grant, err := verifier.Verify(verify.Request{URL: signedURL})
	fmt.Println(grant.URL(), err)

	_, err = verifier.Verify(verify.Request{URL: signedURL + "&width=640"})
	var denied *verify.DeniedError
	if errors.As(err, &denied) {
		fmt.Println(denied.Code, errors.Is(err, verify.ErrBadSignature))
	}
	// Output:
	// https://cdn.example.com/a.jpg <nil>
	// AccessDenied true
}

// A report says what was compared, and what the likely cause is.
func ExampleVerifier_Explain() {
	signer, verifier := newPair()
	verifier.Clock = func() time.Time { return time.Date(2036, 1, 1, 0, 3, 0, 0, time.UTC) }
	signedURL, err := signer.URL(context.Background(), "https://cdn.example.com/a.jpg", time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(verifier.Explain(verify.Request{URL: signedURL}))
	// Output:
	// denied, AccessDenied: expired
	//   passed  credential        a signed URL with a canned policy
	//   passed  key               K2JCJMDEHXQW5F, ECDSA on P-256
	//   passed  signature-format  CloudFront's base64
	//   passed  policy-format     rebuilt from the URL and its expiry
	//   passed  hash              SHA-256
	//   passed  signature         valid for this key and policy
	//   passed  policy            canned
	//   failed  expiry            expired: at Tue 2036-01-01 00:00:00 UTC (3 minutes ago)
	//   passed  start             any time
	//   passed  viewer-ip         any address
	//   passed  resource          "https://cdn.example.com/a.jpg" covers the URL
	// policy: anyone may fetch https://cdn.example.com/a.jpg and nothing else, until Tue 2036-01-01 00:00:00 UTC (3 minutes ago)
	// hint: The policy expired moments ago: sign for longer, renew cookies before they expire, and compare the clocks of the signer and the edge.
}

// Without a key, you can still see what a URL allows.
func ExampleReport() {
	signer, _ := newPair()
	signedURL, err := signer.URL(context.Background(), "https://cdn.example.com/a.jpg", time.Now().Add(time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	report := (*verify.Verifier)(nil).Explain(verify.Request{URL: signedURL})
	fmt.Println(report.Verdict, report.Allowed)
	fmt.Println(report.Err)
	for _, check := range report.Checks {
		if check.Outcome == verify.NotReached {
			fmt.Println(check.Name, "-", check.Detail)
		}
	}
	// Output:
	// undecided false
	// no public key was given, so the signature was not checked
	// key - no public key was given for K2JCJMDEHXQW5F
	// signature - the check of the key did not pass
}

// Programs can store reports, or send them on as JSON.
func ExampleReport_String() {
	report := (&verify.Verifier{}).Explain(verify.Request{URL: "https://cdn.example.com/a.jpg"})
	fmt.Print(report)
	text, err := json.Marshal(report.Checks[0])
	fmt.Println(string(text), err)
	// Output:
	// denied, MissingKey: unsigned or incompletely signed
	//   failed  credential        unsigned or incompletely signed: no key pair ID in the query or in a cookie
	// not reached: key, signature-format, policy-format, hash, signature, policy, expiry, start, viewer-ip, resource
	// hint: The request is not signed: send the URL as the signer returned it. If you use cookies, their Domain and Path must cover this URL, Secure cookies need https, and a fetch from another origin must send credentials (a preflight never does).
	// {"name":"credential","outcome":"failed","detail":"unsigned or incompletely signed: no key pair ID in the query or in a cookie"} <nil>
}

// You can also report a request that RequestFrom refuses.
func ExampleExplainError() {
	r := httptest.NewRequest(http.MethodOptions, "*", nil)
	_, err := verify.RequestFrom(r)
	fmt.Println(verify.ExplainError(err).Summary())
	// Output: denied, AccessDenied: ambiguous
}

// This handler serves a file only if CloudFront would.
func ExampleRequestFrom() {
	_, verifier := newPair()
	files := func(w http.ResponseWriter, r *http.Request) {
		request, err := verify.RequestFrom(r)
		if err == nil {
			_, err = verifier.Verify(request)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		fmt.Fprintln(w, "the file")
	}
	response := httptest.NewRecorder()
	files(response, httptest.NewRequest(http.MethodGet, "https://cdn.example.com/a.jpg", nil))
	fmt.Println(response.Code)
	// Output: 403
}
