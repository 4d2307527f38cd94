// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"log"
	"os"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// NewSigner returns a signer with the key that the environment names, or with a new key
// to try things out. Whatever the application asks for, the signer signs nothing but
// users' folders, and for two hours at most.
func NewSigner() (*sign.Signer, error) {
	users, err := policy.Directory("https://cdn.example.com/users/")
	if err != nil {
		return nil, err
	}
	options := sign.Options{Within: sign.Bounds{Resources: []policy.Resource{users}, Lifetime: 2 * time.Hour}}
	file := os.Getenv("CLOUDFRONT_PRIVATE_KEY_FILE")
	if file == "" {
		log.Print("CLOUDFRONT_PRIVATE_KEY_FILE is not set: signing with a new key, which no distribution trusts")
		key, err := keys.GenerateECDSA()
		if err != nil {
			return nil, err
		}
		return sign.New("KEXAMPLE", key, options)
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	key, err := keys.ParsePrivate(pem)
	if err != nil {
		return nil, err
	}
	return sign.New(os.Getenv("CLOUDFRONT_KEY_PAIR_ID"), key, options)
}
