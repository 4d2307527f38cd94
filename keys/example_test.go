// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// examplePEM is a private key from an environment variable. It is public: never use it for
// anything.
const examplePEM = `-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdZX10cDmSo/ojaxp\n9qL4Q1TyrNslN9dFbEEK6itpneqhRANCAASn9qojk7SIdjEBmfD4/8FvuOT8GNaS\no1HyuIi66O7+3O0tgka1N81lZN78HzbFNtBYUYAUtDGzOe6+qjOGtb3q\n-----END PRIVATE KEY-----\n`

func newSigner(privatePEM []byte) (*sign.Signer, error) {
	key, err := keys.ParsePrivate(privatePEM) // from a file or a secret store
	if err != nil {
		return nil, err
	}
	publicPEM, err := keys.MarshalPublic(key.Public()) // create a public key from it in CloudFront
	if err != nil {
		return nil, err
	}
	fmt.Printf("%s", publicPEM)
	return sign.New("K2JCJMDEHXQW5F", key, sign.Options{}) // with the ID that CloudFront gave it
}

func Example() {
	signer, err := newSigner([]byte(examplePEM))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signer.KeyPairID())
	// Output:
	// -----BEGIN PUBLIC KEY-----
	// MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEp/aqI5O0iHYxAZnw+P/Bb7jk/BjW
	// kqNR8riIuuju/tztLYJGtTfNZWTe/B82xTbQWFGAFLQxsznuvqozhrW96g==
	// -----END PUBLIC KEY-----
	// K2JCJMDEHXQW5F
}

func ExampleParsePrivate() {
	key, err := keys.ParsePrivate([]byte(examplePEM))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%T\n", key)
	// Output: *ecdsa.PrivateKey
}

func ExampleLoadPrivate() {
	key, err := keys.LoadPrivate("testdata/p256-sec1.pem")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%T\n", key)
	// Output: *ecdsa.PrivateKey
}

func ExampleEncryptedError() {
	_, err := keys.ParsePrivate([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"))
	var encrypted *keys.EncryptedError
	if errors.As(err, &encrypted) {
		fmt.Println(err)
	}
	// Output: keys: the private key is encrypted (PKCS#8): read it with package keys/encrypted, or decrypt it with: openssl pkey -in encrypted.pem -out private_key.pem
}

// CloudFront takes this form: create a public key there with the second text, and add it
// to a key group.
func ExampleGenerateECDSA() {
	key, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	privatePEM, err := keys.MarshalPrivate(key)
	if err != nil {
		log.Fatal(err)
	}
	publicPEM, err := keys.MarshalPublic(key.Public())
	if err != nil {
		log.Fatal(err)
	}
	for _, text := range [][]byte{privatePEM, publicPEM} {
		firstLine, _, _ := bytes.Cut(text, []byte("\n"))
		fmt.Printf("%s\n", firstLine)
	}
	// Output:
	// -----BEGIN PRIVATE KEY-----
	// -----BEGIN PUBLIC KEY-----
}

func ExampleGenerateRSA() {
	key, err := keys.GenerateRSA()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.N.BitLen())
	// Output: 2048
}

func ExampleMarshalPrivate() {
	key, err := keys.ParsePrivate([]byte(examplePEM))
	if err != nil {
		log.Fatal(err)
	}
	text, err := keys.MarshalPrivate(key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.Count(text, []byte("\n")), "lines")
	// Output: 5 lines
}

func ExampleMarshalPublic() {
	key, err := keys.ParsePrivate([]byte(examplePEM))
	if err != nil {
		log.Fatal(err)
	}
	text, err := keys.MarshalPublic(key.Public())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", text)
	// Output:
	// -----BEGIN PUBLIC KEY-----
	// MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEp/aqI5O0iHYxAZnw+P/Bb7jk/BjW
	// kqNR8riIuuju/tztLYJGtTfNZWTe/B82xTbQWFGAFLQxsznuvqozhrW96g==
	// -----END PUBLIC KEY-----
}

func ExampleParsePublic() {
	_, err := keys.ParsePublic([]byte(examplePEM))
	fmt.Println(err)
	// Output: keys: no key: there is no public key, but a private one: for its public key use: openssl pkey -in FILE -pubout -out public_key.pem
}

func ExamplePublic() {
	key, err := keys.ParsePrivate([]byte(examplePEM))
	if err != nil {
		log.Fatal(err)
	}
	public, err := keys.Public(key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%T\n", public)
	// Output: *ecdsa.PublicKey
}

// remoteKey is a key in another place. Its Public does not go there: the public key was
// read once, when the key was opened.
type remoteKey struct {
	crypto.Signer // stands for the connection
}

func (k remoteKey) SignContext(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("remote key: %w", err)
	}
	return k.Sign(rand.Reader, digest, opts)
}

// Package sign finds SignContext and passes the caller's context to it.
func ExampleContextSigner() {
	key, err := keys.ParsePrivate([]byte(examplePEM))
	if err != nil {
		log.Fatal(err)
	}
	var signer keys.ContextSigner = remoteKey{key}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	digest := sha256.Sum256([]byte("policy"))
	_, err = signer.SignContext(ctx, digest[:], crypto.SHA256)
	fmt.Println(err)
	// Output: remote key: context canceled
}

func ExampleNewSet() {
	key, err := keys.ParsePrivate([]byte(examplePEM))
	if err != nil {
		log.Fatal(err)
	}
	set, err := keys.NewSet(map[string]crypto.PublicKey{"K2JCJMDEHXQW5F": key.Public()})
	if err != nil {
		log.Fatal(err)
	}
	_, trusted := set.Lookup("K2JCJMDEHXQW5F")
	fmt.Println(set.IDs(), trusted)
	// Output: [K2JCJMDEHXQW5F] true
}

func ExampleCheckID() {
	fmt.Println(keys.CheckID("K2JCJMDEHXQW5F"))
	fmt.Println(keys.CheckID("b9a6a0d2-1c5f-4f0e-9a56-2f8b3b8f1d10"))
	// Output:
	// <nil>
	// keys: invalid key pair ID: it has a character other than a letter or digit: use the ID of the public key, such as K2JCJMDEHXQW5F, not a name or the ID of the key group
}
