// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	_ "crypto/sha1" // what three of the contestants sign
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// An output is what one operation of a contestant makes; one of the fields is set.
type output struct {
	// URL is a signed URL.
	URL string `json:"url"`
	// Cookies are the names and values of signed cookies.
	Cookies map[string]string `json:"cookies"`
	// Signature is that of the custom policy's document, over Hash.
	Signature []byte `json:"signature"`
	Hash      string `json:"hash"`
}

// checkOutput refuses what CloudFront would: no speed is worth anything without the
// right result. RSA has one signature for a policy and hash, so there our own is
// compared as well.
func checkOutput(c cell, o output, w *workload) error {
	if o.Signature != nil {
		return checkSignature(c.algorithm, o, w)
	}
	v, err := verifier(c.algorithm)
	if err != nil {
		return err
	}
	request := verify.Request{URL: o.URL}
	if o.URL == "" {
		request.URL = w.url
		for name, value := range o.Cookies {
			request.Cookies = append(request.Cookies, &http.Cookie{Name: name, Value: value})
		}
	}
	if _, err := v.Verify(request); err != nil {
		return fmt.Errorf("the output does not verify: %w", err)
	}
	if c.algorithm != rsa2048 || c.row == rowCache || c.row == rowPlaylist {
		return nil // another signature every time, or another expiry or URL
	}
	return compare(c, o, w)
}

func checkSignature(a algorithm, o output, w *workload) error {
	hash, err := hashNamed(o.Hash)
	if err != nil {
		return err
	}
	digest := scheme.Digest(hash, w.custom.JSON())
	return scheme.Verify(privateKey(a).Public(), hash, digest, o.Signature)
}

func hashNamed(name string) (crypto.Hash, error) {
	switch name {
	case "SHA1":
		return crypto.SHA1, nil
	case "SHA256":
		return crypto.SHA256, nil
	}
	return 0, fmt.Errorf("unknown hash %q", name)
}

// compare returns an error unless we make the same of the same policy and hash, byte
// for byte except for the order of the parameters and cookies, which is free.
func compare(c cell, o output, w *workload) error {
	hash := crypto.SHA1
	if strings.Contains(o.URL, "Hash-Algorithm=") || o.Cookies["CloudFront-Hash-Algorithm"] != "" {
		hash = crypto.SHA256
	}
	want, err := reference(c, hash, w)
	if err != nil {
		return err
	}
	if !slices.Equal(parts(want), parts(o)) {
		return errors.New("the output is not the one that cfsign makes of the same policy, key and hash")
	}
	return nil
}

// reference is what cfsign makes in the row of the cell.
func reference(c cell, hash crypto.Hash, w *workload) (output, error) {
	s, err := sign.New(keyPairID, privateKey(c.algorithm), sign.Options{Hash: hash})
	if err != nil {
		return output{}, err
	}
	return oursOnce(c.row, s, w)
}

// parts returns the parameters or cookies in alphabetical order.
func parts(o output) []string {
	if o.URL != "" {
		return slices.Sorted(strings.FieldsFuncSeq(o.URL, func(r rune) bool { return r == '?' || r == '&' }))
	}
	var all []string
	for name, value := range maps.All(o.Cookies) {
		all = append(all, name+"="+value)
	}
	slices.Sort(all)
	return all
}

// digest256 is the hash of the custom policy, which the bare operations sign.
func digest256(w *workload) []byte {
	digest := sha256.Sum256(w.custom.JSON())
	return digest[:]
}
