// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"fmt"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/verify"
)

const (
	keyPairID = "K2JCJMDEHXQW5F"
	base      = "https://d111111abcdef8.cloudfront.net/users"
	userID    = "7"
)

// A workload is what all contestants sign: the same URLs and the same policy, with
// the same keys.
type workload struct {
	url     string
	urls    []string // 1,000, which the policy covers
	expires time.Time
	folder  policy.Resource
	custom  policy.Policy
}

func newWorkload() (*workload, error) {
	w := &workload{expires: time.Now().Add(24 * time.Hour).Truncate(time.Second)}
	for i := range 1000 {
		w.urls = append(w.urls, fmt.Sprintf("%s/%s/images/photo-%04d.jpg?width=640", base, userID, i))
	}
	w.url = w.urls[0]
	var err error
	if w.folder, err = policy.Under(base, userID); err != nil {
		return nil, err
	}
	// No address and no start: with them the contestants write the conditions in
	// different orders, and their signatures could not be compared.
	w.custom, err = policy.Custom(w.folder, policy.Conditions{Expires: w.expires})
	return w, err
}

// privateKey returns the same key in every run: one that is made public for tests.
func privateKey(a algorithm) crypto.Signer {
	if a == rsa2048 {
		return testkeys.RSA()
	}
	return testkeys.P256()
}

func privatePEM(a algorithm) []byte {
	if a == rsa2048 {
		return testkeys.RSAPEM()
	}
	return testkeys.P256PEM()
}

// verifier trusts the key of an algorithm, over either hash.
func verifier(a algorithm) (*verify.Verifier, error) {
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: privateKey(a).Public()})
	if err != nil {
		return nil, err
	}
	return &verify.Verifier{Keys: trusted, AllowSHA1: true}, nil
}
