// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// verificationJobs measure the verifier over the bare operation of the public key.
func verificationJobs(a algorithm, w *workload) ([]job, error) {
	key := privateKey(a)
	public := key.Public()
	s, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		return nil, err
	}
	signedURL, err := s.URL(context.Background(), w.url, w.expires)
	if err != nil {
		return nil, err
	}
	v, err := verifier(a)
	if err != nil {
		return nil, err
	}
	digest := digest256(w)
	signature, err := key.Sign(nil, digest, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return []job{
		{cells: []cell{{a, rowVerifyKey, ours}}, measure: inProcess(1, func() error {
			return scheme.Verify(public, crypto.SHA256, digest, signature)
		})},
		{cells: []cell{{a, rowVerify, ours}}, measure: inProcess(1, func() error {
			_, err := v.Verify(verify.Request{URL: signedURL})
			return err
		})},
	}, nil
}
