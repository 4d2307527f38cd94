// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"os"

	"github.com/cfsign/cfsign/keys"
)

// loadKey returns the key of the command line, or a new one.
func loadKey(o options) (crypto.Signer, string, error) {
	if o.keyFile == "" {
		key, err := keys.GenerateECDSA()
		return key, "K2QUICKSTART", err
	}
	text, err := os.ReadFile(o.keyFile)
	if err != nil {
		return nil, "", err
	}
	key, err := keys.ParsePrivate(text)
	return key, o.keyPairID, err
}
