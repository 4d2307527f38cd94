// SPDX-License-Identifier: Apache-2.0

package encrypted_test

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"log"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/encrypted"
	"github.com/cfsign/cfsign/sign"
)

// encryptedPEM is a key as openssl pkcs8 -topk8 writes it. It is public: never use it
// for anything.
const encryptedPEM = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBDj9opDSRO9eo4ol5CW
Xc1fAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQ65uzEi3SAdz2x0Yc
4ZXQqQSBkDmem0QHXDqmeX5CFETpvGQeRt0buidoO6hRNab+epoMeC8PICLLD3A3
uxJ9JhlsVRSR/+l584fctOaehjcbyUpRztY8BhJ51puQRy8wCP2HwkFW8KgJ5Enx
FfsG14QtLdNFvLQ8JcQw9Pq/fjgeFlaXx6gBB9KN2NKmlumd/SY0Dt6M03HzfFj2
kTeCnNAnxA==
-----END ENCRYPTED PRIVATE KEY-----
`

// Keep the passphrase somewhere else than the file: together they protect nothing.
// newSigner decrypts a private key. os.ReadFile returns passphrase with a line break.
func newSigner(file, passphrase []byte) (*sign.Signer, error) {
	key, err := encrypted.ParsePrivate(file, bytes.TrimRight(passphrase, "\r\n"))
	if err != nil {
		return nil, err
	}
	return sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
}

func Example() {
	signer, err := newSigner([]byte(encryptedPEM), []byte("correct horse battery staple\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signer.KeyPairID())
	// Output: K2JCJMDEHXQW5F
}

func ExampleParsePrivate() {
	passphrase := []byte("correct horse battery staple\n") // as os.ReadFile returns it
	key, err := encrypted.ParsePrivate([]byte(encryptedPEM), bytes.TrimRight(passphrase, "\r\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%T\n", key)
	// Output: *ecdsa.PrivateKey
}

func ExampleParsePrivate_wrongPassphrase() {
	_, err := encrypted.ParsePrivate([]byte(encryptedPEM), []byte("correct horse"))
	fmt.Println(errors.Is(err, encrypted.ErrPassphrase))
	fmt.Println(err)
	// Output:
	// true
	// encrypted: invalid passphrase: it is wrong, or the file is damaged
}

// A program whose keys are encrypted in production and plain on a laptop decides by the
// error.
func ExampleParsePrivate_maybeEncrypted() {
	parse := func(file, passphrase []byte) (crypto.Signer, error) {
		key, err := keys.ParsePrivate(file)
		if errors.Is(err, keys.ErrEncrypted) {
			return encrypted.ParsePrivate(file, passphrase)
		}
		return key, err
	}
	key, err := parse([]byte(encryptedPEM), []byte("correct horse battery staple"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%T\n", key)
	// Output: *ecdsa.PrivateKey
}

func ExampleMarshalPrivate() {
	key, err := keys.GenerateECDSA()
	if err != nil {
		log.Fatal(err)
	}
	text, err := encrypted.MarshalPrivate(key, []byte("correct horse battery staple"))
	if err != nil {
		log.Fatal(err)
	}
	firstLine, _, _ := bytes.Cut(text, []byte("\n"))
	fmt.Printf("%s\n", firstLine)
	// Output: -----BEGIN ENCRYPTED PRIVATE KEY-----
}
