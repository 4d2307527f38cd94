// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"context"
	"crypto"
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

// A test can see what CloudFront would say before anything is deployed.
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

// A handler lets through what CloudFront would let through.
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
