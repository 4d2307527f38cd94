// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"fmt"
	"log"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/verify"
)

// The new key signs from now on. Verifiers must trust the old key until everything that it
// signed has expired.
func ExampleSigner_Rotate() {
	signer := exampleSigner()
	link, err := signer.URL(context.Background(), "https://cdn.example.com/a.jpg", newYear)
	if err != nil {
		log.Fatal(err)
	}

	newKey, err := keys.GenerateECDSA() // Its public key is already in the key group.
	if err != nil {
		log.Fatal(err)
	}
	if err := signer.Rotate(context.Background(), "K3NEWKEY", newKey); err != nil {
		log.Fatal(err)
	}
	fmt.Println("signs:", signer.KeyPairID())
	for _, retired := range signer.RetiredKeys() {
		fmt.Println("in the key group until", retired.Expires, "as well:", retired.KeyPairID)
	}

	verifier := verify.Verifier{Keys: signer.Trusted(), Clock: signer.Now}
	grant, err := verifier.Verify(verify.Request{URL: link})
	fmt.Println("accepted:", grant.KeyPairID(), err)
	// Output:
	// signs: K3NEWKEY
	// in the key group until 2027-01-01 00:00:00 +0000 UTC as well: K2JCJMDEHXQW5F
	// accepted: K2JCJMDEHXQW5F <nil>
}
