// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ThalesGroup/crypto11"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// lifetime is that of the credentials of this program.
const lifetime = time.Hour

// A pair is a key pair of the demo.
type pair struct {
	name      string
	label     string // in the token
	keyPairID string // in CloudFront
	secret    crypto11.AttributeType
	generate  func(t *token, label string) (crypto.Signer, error)
}

func pairs() []pair {
	return []pair{
		{
			name: "RSA 2048", label: "cloudfront-rsa", keyPairID: "K2HSMRSA", secret: crypto11.CkaPrivateExponent,
			generate: func(t *token, label string) (crypto.Signer, error) { return t.generateRSA(label, 2048) },
		},
		{
			name: "P-256", label: "cloudfront-p256", keyPairID: "K2HSMP256", secret: crypto11.CkaValue,
			generate: func(t *token, label string) (crypto.Signer, error) {
				return t.generateECDSA(label, elliptic.P256())
			},
		},
	}
}

// demo makes a token with two key pairs, signs with them, and removes everything.
func demo(ctx context.Context, stdout io.Writer) error {
	module, err := softHSM()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "cfsign-hsm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := useSoftHSM(folder); err != nil {
		return err
	}
	pin := rand.Text()
	if err := initToken(module, "demo", pin); err != nil {
		return err
	}
	t, err := openToken(module, "demo", pin)
	if err != nil {
		return err
	}
	defer t.close()
	return walk(ctx, t, &printer{out: stdout})
}

// walk shows what the keys of a token open, and that they cannot be had.
func walk(ctx context.Context, t *token, p *printer) error {
	trusted := map[string]crypto.PublicKey{}
	var signers []*sign.Signer
	reports, err := policy.Directory(cdnURL + "/reports/")
	if err != nil {
		return err
	}
	for _, pair := range pairs() {
		key, err := prepare(ctx, t, pair, p)
		if err != nil {
			return err
		}
		signer, err := sign.New(pair.keyPairID, key, sign.Options{Within: sign.Bounds{Resources: []policy.Resource{reports}, Lifetime: lifetime}})
		if err != nil {
			return err
		}
		trusted[pair.keyPairID] = key.Public()
		signers = append(signers, signer)
	}
	group, err := keys.NewSet(trusted)
	if err != nil {
		return err
	}
	c, err := startCDN(ctx, group)
	if err != nil {
		return err
	}
	defer c.close()
	if err := fetch(ctx, c, signers, p); err != nil {
		return err
	}
	return p.err
}

// prepare makes a key pair in the token, and prints what can be had of it.
func prepare(ctx context.Context, t *token, pair pair, p *printer) (*tokenKey, error) {
	p.heading("%s: a key pair is made in the token, and stays there", pair.name)
	if _, err := pair.generate(t, pair.label); err != nil {
		return nil, unusable(err)
	}
	key, err := t.find(ctx, pair.label)
	if err != nil {
		return nil, err
	}
	if err := showSecrecy(t, key, pair, p); err != nil {
		return nil, err
	}
	public, err := keys.MarshalPublic(key.Public())
	if err != nil {
		return nil, err
	}
	p.line("CloudFront gets the public key, and calls it %s:\n\n%s", pair.keyPairID, public)
	return key, nil
}

// showSecrecy asks the token for the private key.
func showSecrecy(t *token, key *tokenKey, pair pair, p *printer) error {
	attributes, err := t.context.GetAttributes(key.key, []crypto11.AttributeType{crypto11.CkaSensitive, crypto11.CkaExtractable})
	if err != nil {
		return unusable(err)
	}
	p.line("CKA_SENSITIVE %t, CKA_EXTRACTABLE %t", isSet(attributes[crypto11.CkaSensitive]), isSet(attributes[crypto11.CkaExtractable]))
	_, err = t.context.GetAttribute(key.key, pair.secret)
	if err == nil {
		return fmt.Errorf("hsm: the token gave the private key %q away", pair.label)
	}
	p.line("reading the private key: %v", err)
	return nil
}

// isSet reports whether a CK_BBOOL is true.
func isSet(a *crypto11.Attribute) bool { return a != nil && len(a.Value) == 1 && a.Value[0] != 0 }

// fetch gets the private file without a credential, and with those of each signer.
func fetch(ctx context.Context, c *cdn, signers []*sign.Signer, p *printer) error {
	p.heading("GET %s", fileURL)
	result, err := c.get(ctx, fileURL)
	if err != nil {
		return err
	}
	p.line("%-35s %s", "unsigned", result)
	for _, signer := range signers {
		signedURL, err := signer.URL(ctx, fileURL, time.Now().Add(lifetime))
		if err != nil {
			return err
		}
		if result, err = c.get(ctx, signedURL); err != nil {
			return err
		}
		p.line("%-35s %s", "with a URL signed by "+signer.KeyPairID(), result)
		cookies, err := signedCookies(ctx, signer)
		if err != nil {
			return err
		}
		if result, err = c.getWithCookies(ctx, fileURL, cookies); err != nil {
			return err
		}
		p.line("%-35s %s", "with cookies signed by "+signer.KeyPairID(), result)
	}
	return nil
}

// signedCookies are for the folder of the file.
func signedCookies(ctx context.Context, signer *sign.Signer) (sign.CookieSet, error) {
	folder, err := policy.Directory(cdnURL + "/reports/")
	if err != nil {
		return sign.CookieSet{}, err
	}
	custom, err := policy.Custom(folder, policy.Conditions{Expires: time.Now().Add(lifetime)})
	if err != nil {
		return sign.CookieSet{}, err
	}
	signed, err := signer.Sign(ctx, custom)
	if err != nil {
		return sign.CookieSet{}, err
	}
	return signed.CookieSet(), nil
}

// A printer keeps the first error.
type printer struct {
	out io.Writer
	err error
}

func (p *printer) heading(format string, args ...any) {
	p.line("# "+format+"\n", args...)
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}
