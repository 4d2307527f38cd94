// SPDX-License-Identifier: Apache-2.0

package main

import (
	"log"
	"os"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// newSigner takes the key that the environment names, or makes one to try things out.
func newSigner() (*sign.Signer, error) {
	file := os.Getenv("CLOUDFRONT_PRIVATE_KEY_FILE")
	if file == "" {
		log.Print("CLOUDFRONT_PRIVATE_KEY_FILE is not set: signing with a new key, which no distribution trusts")
		key, err := keys.GenerateECDSA()
		if err != nil {
			return nil, err
		}
		return sign.New("KEXAMPLE", key, sign.Options{})
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	key, err := keys.ParsePrivate(pem)
	if err != nil {
		return nil, err
	}
	return sign.New(os.Getenv("CLOUDFRONT_KEY_PAIR_ID"), key, sign.Options{})
}
