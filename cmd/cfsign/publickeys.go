// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"fmt"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/keys"
)

const (
	flagPublicKey  = "public-key"
	publicKeyUsage = "`ID=FILE` of a public key that is trusted, may be repeated"
)

// readPublicKeys returns the trusted key group that the values of --public-key name,
// the zero Set for none.
func readPublicKeys(values []string) (keys.Set, error) {
	if len(values) == 0 {
		return keys.Set{}, nil
	}
	trusted := map[string]crypto.PublicKey{}
	for _, value := range values {
		id, path, ok := strings.Cut(value, "=")
		if !ok || path == "" {
			return keys.Set{}, fmt.Errorf("--%s: %q is not ID=FILE: write K2JCJMDEHXQW5F=public_key.pem, with the ID of the public key in CloudFront", flagPublicKey, value)
		}
		if trusted[id] != nil {
			return keys.Set{}, fmt.Errorf("--%s: %s is there twice: every key has an ID of its own", flagPublicKey, id)
		}
		data, err := input.ReadFile(strings.TrimPrefix(path, "file://"), 1<<20)
		if err != nil {
			return keys.Set{}, inFlag(flagPublicKey, err)
		}
		if trusted[id], err = keys.ParsePublic(data); err != nil {
			return keys.Set{}, inFlag(flagPublicKey, fmt.Errorf("%s: %w", path, err))
		}
	}
	set, err := keys.NewSet(trusted)
	if err != nil {
		return keys.Set{}, inFlag(flagPublicKey, err)
	}
	return set, nil
}
