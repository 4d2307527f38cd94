// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const publicKeyPath = cloudFrontPath + "public-key"

// A publicKey is a public key in CloudFront.
type publicKey struct {
	id, etag string
	created  time.Time
	config   publicKeyConfig
	key      crypto.PublicKey
}

// A publicKeyConfig is the XML that a client sends for a public key.
type publicKeyConfig struct {
	XMLName         xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ PublicKeyConfig"`
	CallerReference string
	Name            string
	EncodedKey      string
	Comment         string
}

// same reports whether two configs have equal immutable fields.
func (c publicKeyConfig) same(other publicKeyConfig) bool {
	return c.CallerReference == other.CallerReference && c.Name == other.Name && strings.TrimSpace(c.EncodedKey) == strings.TrimSpace(other.EncodedKey)
}

// publicKeyXML is a public key in an answer.
type publicKeyXML struct {
	XMLName     xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ PublicKey"`
	ID          string   `xml:"Id"`
	CreatedTime time.Time
	Config      publicKeyConfig
}

func (k *publicKey) answer() *restAnswer {
	return &restAnswer{etag: k.etag, body: &publicKeyXML{ID: k.id, CreatedTime: k.created, Config: k.config}}
}

// createPublicKey is CreatePublicKey.
//
// A caller reference that is in use is an error, also with the same content. The API
// reference does not say what happens then: it documents PublicKeyAlreadyExists, and a
// repeated answer only for origin access identities. kumo answers with the error, too. A
// name that is in use is an error, as in https://github.com/medplum/medplum/issues/5272.
// The PEM in answers ends in a newline, also if the request has none, as in
// https://github.com/hashicorp/terraform-provider-aws/issues/40295.
//
// Source: "CreatePublicKey",
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreatePublicKey.html
func (c *CloudFront) createPublicKey(r *restRequest) (*restAnswer, error) {
	var config publicKeyConfig
	if err := r.decode(&config); err != nil {
		return nil, err
	}
	k, err := c.addPublicKey(config)
	if err != nil {
		return nil, err
	}
	answer := k.answer()
	answer.status, answer.location = http.StatusCreated, r.location(publicKeyPath, k.id)
	return answer, nil
}

// AddPublicKey creates a public key as CreatePublicKey does, from its PEM, and returns its ID.
func (c *CloudFront) AddPublicKey(name, pem string) (id string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, err := c.addPublicKey(publicKeyConfig{CallerReference: name, Name: name, EncodedKey: pem})
	if err != nil {
		return "", err
	}
	return k.id, nil
}

func (c *CloudFront) addPublicKey(config publicKeyConfig) (*publicKey, error) {
	key, err := config.check()
	if err != nil {
		return nil, err
	}
	for _, other := range c.publicKeys {
		if other.config.CallerReference == config.CallerReference {
			return nil, &Error{Type: "PublicKeyAlreadyExists", Message: "The caller reference that you are using to create a CloudFront public key is associated with another public key in your account."}
		}
		if other.config.Name == config.Name {
			return nil, &Error{Type: "PublicKeyAlreadyExists", Message: "The name that you are using to create a CloudFront public key is associated with another public key in your account."}
		}
	}
	if len(c.publicKeys) >= c.quotas.PublicKeys {
		return nil, &Error{Type: "TooManyPublicKeys", Message: "Processing your request will cause you to exceed the maximum number of CloudFront public keys allowed."}
	}
	config.EncodedKey = strings.TrimRight(config.EncodedKey, "\n") + "\n"
	k := &publicKey{id: c.next(publicKeyFormat), etag: c.next(etagFormat), created: c.clock().UTC(), config: config, key: key}
	c.publicKeys[k.id] = k
	return k, nil
}

// check refuses an invalid config, and returns its key.
func (c publicKeyConfig) check() (crypto.PublicKey, error) {
	if c.CallerReference == "" {
		return nil, invalidArgument("CallerReference must not be empty")
	}
	if err := checkNameAndComment(c.Name, c.Comment); err != nil {
		return nil, err
	}
	return parseEncodedKey(c.EncodedKey)
}

// parseEncodedKey reads the PEM of a public key.
//
// Source: "Create key pairs for your signers",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
func parseEncodedKey(text string) (crypto.PublicKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "PUBLIC KEY" || strings.TrimSpace(string(rest)) != "" {
		return nil, invalidArgument("EncodedKey must be one PEM block of the type PUBLIC KEY")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, invalidArgument("EncodedKey is not a public key")
	}
	const rsaBits = 2048
	switch key := key.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() == rsaBits {
			return key, nil
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P256() {
			return key, nil
		}
	}
	return nil, invalidArgument("EncodedKey must be a key for RSA with 2048 bits, or for ECDSA with P-256")
}

func (c *CloudFront) findPublicKey(id string) (*publicKey, error) {
	k, ok := c.publicKeys[id]
	if !ok {
		return nil, &Error{Type: "NoSuchPublicKey", Message: "The specified public key does not exist."}
	}
	return k, nil
}

func (c *CloudFront) getPublicKey(r *restRequest) (*restAnswer, error) {
	k, err := c.findPublicKey(r.id())
	if err != nil {
		return nil, err
	}
	return k.answer(), nil
}

func (c *CloudFront) getPublicKeyConfig(r *restRequest) (*restAnswer, error) {
	k, err := c.findPublicKey(r.id())
	if err != nil {
		return nil, err
	}
	return &restAnswer{etag: k.etag, body: k.config}, nil
}

// updatePublicKey is UpdatePublicKey, which changes the comment and nothing else.
//
// Source: "UpdatePublicKey",
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdatePublicKey.html
func (c *CloudFront) updatePublicKey(r *restRequest) (*restAnswer, error) {
	var config publicKeyConfig
	if err := r.decode(&config); err != nil {
		return nil, err
	}
	k, err := c.findPublicKey(r.id())
	if err != nil {
		return nil, err
	}
	if err := r.match(k.etag); err != nil {
		return nil, err
	}
	if _, err := config.check(); err != nil {
		return nil, err
	}
	if !k.config.same(config) {
		return nil, &Error{Type: "CannotChangeImmutablePublicKeyFields", Message: "You can't change the value of a public key."}
	}
	k.config.Comment, k.etag = config.Comment, c.next(etagFormat)
	return k.answer(), nil
}

// deletePublicKey is DeletePublicKey.
//
// Source: "DeletePublicKey",
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DeletePublicKey.html
func (c *CloudFront) deletePublicKey(r *restRequest) (*restAnswer, error) {
	k, err := c.findPublicKey(r.id())
	if err != nil {
		return nil, err
	}
	if err := r.match(k.etag); err != nil {
		return nil, err
	}
	for _, g := range c.keyGroups {
		if slices.Contains(g.config.Items, k.id) {
			return nil, &Error{Type: "PublicKeyInUse", Message: "The Cloudfront public key is currently associated with either Key Group or a field level encryption profile."}
		}
	}
	delete(c.publicKeys, k.id)
	return &restAnswer{status: http.StatusNoContent}, nil
}

// publicKeyList is the answer of ListPublicKeys.
type publicKeyList struct {
	XMLName    xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ PublicKeyList"`
	NextMarker string   `xml:",omitempty"`
	MaxItems   int
	Quantity   int
	Items      []publicKeySummary `xml:"Items>PublicKeySummary"`
}

type publicKeySummary struct {
	ID          string `xml:"Id"`
	Name        string
	CreatedTime time.Time
	EncodedKey  string
	Comment     string
}

func (c *CloudFront) listPublicKeys(r *restRequest) (*restAnswer, error) {
	ids, next, maxItems, err := r.page(slices.Sorted(maps.Keys(c.publicKeys)))
	if err != nil {
		return nil, err
	}
	list := &publicKeyList{NextMarker: next, MaxItems: maxItems, Quantity: len(ids)}
	for _, id := range ids {
		k := c.publicKeys[id]
		list.Items = append(list.Items, publicKeySummary{ID: id, Name: k.config.Name, CreatedTime: k.created, EncodedKey: k.config.EncodedKey, Comment: k.config.Comment})
	}
	return &restAnswer{body: list}, nil
}
