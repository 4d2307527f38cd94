// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"crypto"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/keys"
)

// A KeyReport says whether a key works with CloudFront. Users paste a key instead of a request if
// they suspect that it is damaged. A report contains no part of the key.
type KeyReport struct {
	// Private reports whether it is a private key, as far as the text shows that.
	Private bool `json:"private"`
	// Works reports whether the key works with CloudFront.
	Works bool `json:"works"`
	// Text says what the key is, or why it does not work.
	Text string `json:"text"`
	// Damage says what is unusual about the text. Empty: nothing.
	Damage string `json:"damage,omitempty"`
	// Advice says what to do. Empty: nothing.
	Advice string `json:"advice,omitempty"`
}

const (
	adviceReplace message.Text = "If others can see this text, " + message.ReplaceKey
	damageBreaks  message.Text = `Its line breaks are written as \n, as in environment variables and JSON. ` + message.Accepts + ` that; OpenSSL and most other tools do not. Restore them with: printf '%b' "$KEY" >private_key.pem`
)

// reportKey reports on a key in the words of a program.
func reportKey(text []byte, words message.Words) *KeyReport {
	var k KeyReport
	public, err := keys.ParsePublic(text)
	if private, privateErr := keys.ParsePrivate(text); privateErr == nil {
		k.Private = true
		public, err = keys.Public(private)
	} else if errors.Is(err, keys.ErrNoKey) || err != nil && !errors.Is(privateErr, keys.ErrNoKey) && privateErr.Error() != err.Error() {
		k.Private, err = true, privateErr
	}
	k.Works = err == nil
	kind := "a public key"
	if k.Private {
		kind = "a private key"
		k.Advice = words.Say(adviceReplace)
	}
	if k.Works {
		k.Text = fmt.Sprintf("This is %s (%s) that works with CloudFront.", kind, algorithm(public))
	} else {
		k.Text = "CloudFront cannot use this key: " + OneLine(err)
		if !strings.HasSuffix(k.Text, "?") {
			k.Text += "."
		}
	}
	if strings.Contains(string(text), `\n`) {
		k.Damage = words.Say(damageBreaks)
	}
	return &k
}

func algorithm(key crypto.PublicKey) string {
	if _, ok := key.(*ecdsa.PublicKey); ok {
		return "ECDSA on P-256"
	}
	return "RSA with 2,048 bits"
}
