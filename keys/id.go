// SPDX-License-Identifier: Apache-2.0

package keys

import "strings"

// maxID is the longest key pair ID, in bytes. CloudFront's have 13 or 14
// characters, those of AWS accounts 20.
const maxID = 64

// CheckID refuses what cannot be a key pair ID, and returns [ErrKeyPairID] for
// it: an ID is 1 to 64 letters and digits. It is what CloudFront calls the
// public key's ID, such as K2JCJMDEHXQW5F, and stands as it is in a URL, where
// anything else could add a parameter.
//
// Source: "Specify signers that can create signed URLs and signed cookies",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
func CheckID(keyPairID string) error {
	switch {
	case keyPairID == "":
		return refuse(ErrKeyPairID, "it is empty: use the ID of the public key, such as K2JCJMDEHXQW5F")
	case strings.Contains(keyPairID, "-----BEGIN"):
		return refuse(ErrKeyPairID, "it is a key: use the ID that CloudFront gave to the public key, such as K2JCJMDEHXQW5F")
	case len(keyPairID) > maxID:
		return refuse(ErrKeyPairID, "%d bytes, and IDs have at most %d", len(keyPairID), maxID)
	}
	for _, b := range []byte(keyPairID) {
		if !isAlphanumeric(b) {
			return refuse(ErrKeyPairID, "it has a character other than a letter or digit: use the ID of the public key, such as K2JCJMDEHXQW5F, not that of the key group or a name")
		}
	}
	return nil
}

func isAlphanumeric(b byte) bool {
	return 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' || '0' <= b && b <= '9'
}
