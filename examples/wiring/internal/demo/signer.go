// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"log"
	"os"
	"time"

	"github.com/cfsign/cfsign/examples/internal/key"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// NewSigner returns a signer with the key in the file CLOUDFRONT_PRIVATE_KEY_FILE, or
// with a new key if that is not set, within the bounds of [Within].
func NewSigner() (*sign.Signer, error) {
	within, err := Within()
	if err != nil {
		return nil, err
	}
	file, keyPairID := os.Getenv("CLOUDFRONT_PRIVATE_KEY_FILE"), os.Getenv("CLOUDFRONT_KEY_PAIR_ID")
	if file == "" {
		log.Print("CLOUDFRONT_PRIVATE_KEY_FILE is not set: signing with a new key, which no distribution trusts")
		keyPairID = "KEXAMPLE"
	}
	private, err := key.Load(file)
	if err != nil {
		return nil, err
	}
	return sign.New(keyPairID, private, sign.Options{Within: within})
}

// Within returns the bounds of the signer. It refuses everything except users' folders for
// at most two hours, even if the application has a bug.
func Within() (sign.Bounds, error) {
	users, err := policy.Directory("https://cdn.example.com/users/")
	return sign.Bounds{Resources: []policy.Resource{users}, Lifetime: 2 * time.Hour}, err
}
