// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"bytes"
	"encoding/pem"
	"strings"
)

// Labels of PEM blocks.
const (
	labelPKCS8     = "PRIVATE KEY"
	labelPKCS1     = "RSA PRIVATE KEY"
	labelSEC1      = "EC PRIVATE KEY"
	labelEncrypted = "ENCRYPTED PRIVATE KEY"
	labelOpenSSH   = "OPENSSH PRIVATE KEY"
	labelPKIX      = "PUBLIC KEY"
	labelPKCS1Pub  = "RSA PUBLIC KEY"
	labelCert      = "CERTIFICATE"
)

// encryptedHeader is the value of Proc-Type in a block encrypted as in RFC 1423.
const encryptedHeader = "4,ENCRYPTED"

// unescape restores line breaks that were escaped for an environment variable.
var unescape = strings.NewReplacer(`\\r`, "\n", `\\n`, "\n", `\r`, "\n", `\n`, "\n")

// pemBlocks returns the PEM blocks in data, wherever they begin. It returns no blocks and
// no error if data has no trace of PEM.
func pemBlocks(data []byte) ([]*pem.Block, error) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, refuse(ErrMalformedKey, "it is UTF-16 text, as some shells on Windows write it: save it as UTF-8")
	}
	var blocks []*pem.Block
	_, rest, found := strings.Cut(string(data), "-----BEGIN ")
	if !found {
		return nil, nil
	}
	for rest = unescape.Replace(rest); found; _, rest, found = strings.Cut(rest, "-----BEGIN ") {
		label, body, ok := strings.Cut(rest, "-----")
		if !ok {
			return nil, refuse(ErrMalformedKey, "the BEGIN line of the PEM block is cut off")
		}
		body, rest, ok = strings.Cut(body, "-----END "+label+"-----")
		if !ok {
			return nil, refuse(ErrMalformedKey, "the PEM block has no END line: was the text cut off?")
		}
		block := decodeBlock(label, body)
		if block == nil {
			return nil, refuse(ErrMalformedKey, "the text between BEGIN and END is not base64: was it changed or cut?")
		}
		blocks = append(blocks, block)
	}
	return blocks, nil
}

// decodeBlock restores the line breaks of one block and decodes it, or returns nil. It
// leaves a block with headers as it is. It does not decode encrypted keys, because their
// headers may have lost their line breaks.
func decodeBlock(label, body string) *pem.Block {
	if strings.Contains(body, encryptedHeader) {
		return &pem.Block{Type: label, Headers: map[string]string{"Proc-Type": encryptedHeader}}
	}
	if strings.Contains(body, "-----BEGIN ") {
		return nil
	}
	if !strings.Contains(body, ":") {
		body = strings.Join(strings.Fields(body), "\n")
	}
	text := "-----BEGIN " + label + "-----\n" + strings.TrimSpace(body) + "\n-----END " + label + "-----\n"
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != label || len(block.Bytes) == 0 {
		return nil
	}
	return block
}

// onlyPrivate returns the one private key among blocks.
func onlyPrivate(blocks []*pem.Block) (*pem.Block, error) {
	return only(blocks, "private", func(label string) bool { return strings.HasSuffix(label, labelPKCS8) })
}

// onlyPublic returns the one public key among blocks.
func onlyPublic(blocks []*pem.Block) (*pem.Block, error) {
	return only(blocks, "public", func(label string) bool { return label == labelPKIX })
}

func only(blocks []*pem.Block, kind string, wanted func(label string) bool) (*pem.Block, error) {
	var found *pem.Block
	for _, block := range blocks {
		if !wanted(block.Type) {
			continue
		}
		if found != nil {
			return nil, refuse(ErrNoKey, "there are several %s keys: pass one", kind)
		}
		found = block
	}
	if found == nil {
		return nil, refuse(ErrNoKey, "there is no %s key, but %s", kind, describe(kind, blocks[0].Type))
	}
	return found, nil
}

// describe says what was found instead of a key of the wanted kind, and how to get from
// one to the other.
func describe(wanted, label string) string {
	public := label == labelPKIX || label == labelPKCS1Pub || label == labelCert
	switch {
	case public && wanted == "private":
		return "a public one (" + label + "): pass the file that openssl genrsa, ecparam or genpkey made"
	case label == labelPKCS1Pub:
		return "one in PKCS#1 form: convert it with: openssl rsa -RSAPublicKey_in -in FILE -pubout -out public_key.pem"
	case label == labelCert:
		return "a certificate: for its public key use: openssl x509 -in FILE -noout -pubkey"
	case strings.HasSuffix(label, labelPKCS8):
		return "a private one: for its public key use: openssl pkey -in FILE -pubout -out public_key.pem"
	}
	return "a PEM block of another kind"
}
