// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// newSigner returns a signer that signs nothing but URLs of the distribution, whatever it
// is asked for.
func newSigner(keyPairID string, key crypto.Signer, cdn string) (*sign.Signer, error) {
	distribution, err := policy.Directory(cdn)
	if err != nil {
		return nil, err
	}
	return sign.New(keyPairID, key, sign.Options{Within: sign.Bounds{Resources: []policy.Resource{distribution}}})
}
