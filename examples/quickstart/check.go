// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// verify checks a signed URL or cookies as CloudFront does, with nothing but the
// standard library, and returns what the signature is. rawURL is what a canned
// policy is for.
func verify(public crypto.PublicKey, rawURL string, parameters []parameter) (string, error) {
	values := map[string]string{}
	for _, p := range parameters {
		values[p.name] = p.value
	}
	document := fmt.Appendf(nil, `{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%s}}}]}`, rawURL, values["Expires"])
	if encoded, ok := values["Policy"]; ok {
		var err error
		if document, err = decode(encoded); err != nil {
			return "", fmt.Errorf("the policy is not base64: %w", err)
		}
	}
	signature, err := decode(values["Signature"])
	if err != nil {
		return "", fmt.Errorf("the signature is not base64: %w", err)
	}
	digest := sha256.Sum256(document)
	switch public := public.(type) {
	case *rsa.PublicKey:
		return "RSA PKCS#1 v1.5 with SHA-256", rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature)
	case *ecdsa.PublicKey:
		if !ecdsa.VerifyASN1(public, digest[:], signature) {
			return "", errors.New("it is not that of the key over the policy")
		}
		return "ECDSA on P-256 with SHA-256", nil
	}
	return "", fmt.Errorf("unexpected key type %T", public)
}

// decode undoes CloudFront's base64.
func decode(s string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "=", "~", "/").Replace(s))
}

// A parameter is a name and value of a signed URL's query, or of a signed
// cookie, by the same names.
type parameter struct{ name, value string }

func urlParameters(signedURL string) []parameter {
	_, query, _ := strings.Cut(signedURL, "?")
	var all []parameter
	for text := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(text, "=")
		all = append(all, parameter{name, value})
	}
	return all
}

func cookieParameters(cookies []*http.Cookie) []parameter {
	var all []parameter
	for _, cookie := range cookies {
		all = append(all, parameter{strings.TrimPrefix(cookie.Name, "CloudFront-"), cookie.Value})
	}
	return all
}
