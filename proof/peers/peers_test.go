// SPDX-License-Identifier: Apache-2.0

package peers_test

import "testing"

// TestPeers signs the same cases with every peer, and compares. CFSIGN_PEER_CASES is
// how many, CFSIGN_PEER_SEED makes other ones.
func TestPeers(t *testing.T) {
	seed := fromEnvironment(t, "CFSIGN_PEER_SEED", defaultSeed)
	o := newOurs(t, seed, fromEnvironment(t, "CFSIGN_PEER_CASES", defaultCases))
	y := newTally()
	t.Cleanup(func() { t.Logf("compared:\n%s", y) })
	for _, peer := range []struct {
		name    string
		compare func(t *testing.T, name string, o *ours, y *tally)
	}{
		{"AWS SDK for Go", compareAWSSDK},
		{"botocore with cryptography", compareBotocore},
		{"botocore with rsa", compareRSA},
		{"AWS SDK for JavaScript", compareJavaScript},
		{"aws-cloudfront-sign", compareJasonsims},
		{"OpenSSL", compareOpenSSL},
	} {
		t.Run(peer.name, func(t *testing.T) {
			t.Parallel()
			peer.compare(t, peer.name, o, y)
		})
	}
}
