// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cfsign/cfsign/keys"
)

// explainKey says what a key is that was given in place of a request. Damaged keys are
// among the causes of refusals, though at the signer.
func explainKey(w io.Writer, text []byte) error {
	kind, err := "a public key", error(nil)
	public, err := keys.ParsePublic(text)
	if private, privateErr := keys.ParsePrivate(text); privateErr == nil {
		kind = "a private key"
		public, err = keys.Public(private)
	} else if errors.Is(err, keys.ErrNoKey) {
		kind, err = "a private key", privateErr
	}
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "This is no key that CloudFront can use: %s.\n", oneLine(err))
	} else {
		fmt.Fprintf(&b, "This is %s (%s) in a form that can be used here.\n", kind, algorithm(public))
	}
	for _, damage := range damages {
		if strings.Contains(string(text), damage.sign) {
			fmt.Fprintf(&b, "damage: %s\n", damage.fix)
		}
	}
	if kind == "a private key" {
		b.WriteString("If others can see this text, replace the key: cfsign keygen\n")
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// damages are what happens to keys on their way, and what to do.
var damages = []struct{ sign, fix string }{
	{`\n`, `Its line breaks are written as \n, as in environment variables and JSON. This library reads that; OpenSSL and most others do not. Restore them with: printf '%b' "$KEY" >private_key.pem`},
	{"<RSAKeyValue", "It is the XML of .NET, which nothing else reads. Export it from there as PEM: rsa.ExportPkcs8PrivateKeyPem()"},
	{"PuTTY-User-Key-File", "It is a key of PuTTY for SSH. Make a new one: cfsign keygen"},
}

func algorithm(key crypto.PublicKey) string {
	if _, ok := key.(*ecdsa.PublicKey); ok {
		return "ECDSA on P-256"
	}
	return "RSA with 2,048 bits"
}
