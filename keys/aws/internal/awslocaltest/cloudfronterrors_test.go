// SPDX-License-Identifier: Apache-2.0

package awslocaltest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/smithy-go"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// checkError compares the type and the status of an error.
func checkError[T error](t *testing.T, err error, status int) {
	t.Helper()
	var want T
	var response *awshttp.ResponseError
	if !errors.As(err, &want) {
		t.Fatalf("got %v, want a %T", err, want)
	}
	if !errors.As(err, &response) || response.HTTPStatusCode() != status || response.ServiceRequestID() == "" {
		t.Errorf("got the status and the request ID of %v, want status %d", err, status)
	}
}

// stale and odd are values of If-Match that do not match.
var stale, odd = aws.String("E2QWRUHEXAMPLE"), aws.String(`"quoted"`)

// TestPublicKeyErrors has the typed errors of the operations on public keys.
func TestPublicKeyErrors(t *testing.T) {
	s := newService(t)
	id, etag := s.createPublicKey(t, "a")
	s.createKeyGroup(t, "g", id)
	create := func(change func(*types.PublicKeyConfig)) error {
		config := publicKeyConfig(t, "b")
		change(config)
		_, err := s.client.CreatePublicKey(t.Context(), &cloudfront.CreatePublicKeyInput{PublicKeyConfig: config})
		return err
	}
	checkError[*types.PublicKeyAlreadyExists](t, create(func(c *types.PublicKeyConfig) { c.CallerReference = aws.String("ref-a") }), http.StatusConflict)
	checkError[*types.PublicKeyAlreadyExists](t, create(func(c *types.PublicKeyConfig) { c.Name = aws.String("a") }), http.StatusConflict)
	checkError[*types.PublicKeyAlreadyExists](t, create(func(c *types.PublicKeyConfig) { *c = *publicKeyConfig(t, "a") }), http.StatusConflict)
	for _, change := range []func(*types.PublicKeyConfig){
		func(c *types.PublicKeyConfig) { c.CallerReference = aws.String("") },
		func(c *types.PublicKeyConfig) { c.Name = aws.String("") },
		func(c *types.PublicKeyConfig) { c.Name = aws.String("with a space") },
		func(c *types.PublicKeyConfig) { c.Comment = aws.String(strings.Repeat("é", 129)) },
		func(c *types.PublicKeyConfig) { c.EncodedKey = aws.String("") },
		func(c *types.PublicKeyConfig) { c.EncodedKey = aws.String(string(testkeys.P256PEM())) },
		func(c *types.PublicKeyConfig) { c.EncodedKey = aws.String(*c.EncodedKey + *c.EncodedKey) },
		func(c *types.PublicKeyConfig) { c.EncodedKey = encode(t, p384(t)) },
		func(c *types.PublicKeyConfig) { c.EncodedKey = encode(t, rsa3072(t)) },
		func(c *types.PublicKeyConfig) {
			c.EncodedKey = aws.String("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
		},
	} {
		checkError[*types.InvalidArgument](t, create(change), http.StatusBadRequest)
	}
	if err := create(func(c *types.PublicKeyConfig) { c.Comment = aws.String(strings.Repeat("é", 128)) }); err != nil {
		t.Error(err)
	}
	s.SetQuotas(awslocal.Quotas{PublicKeys: 2})
	checkError[*types.TooManyPublicKeys](t, create(func(c *types.PublicKeyConfig) { *c = *publicKeyConfig(t, "c") }), http.StatusBadRequest)

	_, err := s.client.GetPublicKey(t.Context(), &cloudfront.GetPublicKeyInput{Id: aws.String("KOTHER")})
	checkError[*types.NoSuchPublicKey](t, err, http.StatusNotFound)
	_, err = s.client.GetPublicKeyConfig(t.Context(), &cloudfront.GetPublicKeyConfigInput{Id: aws.String("KOTHER")})
	checkError[*types.NoSuchPublicKey](t, err, http.StatusNotFound)

	remove := func(id string, etag *string) error {
		_, err := s.client.DeletePublicKey(t.Context(), &cloudfront.DeletePublicKeyInput{Id: &id, IfMatch: etag})
		return err
	}
	checkError[*types.NoSuchPublicKey](t, remove("KOTHER", &etag), http.StatusNotFound)
	checkError[*types.InvalidIfMatchVersion](t, remove(id, nil), http.StatusBadRequest)
	checkError[*types.InvalidIfMatchVersion](t, remove(id, odd), http.StatusBadRequest)
	checkError[*types.PreconditionFailed](t, remove(id, stale), http.StatusPreconditionFailed)
	checkError[*types.PublicKeyInUse](t, remove(id, &etag), http.StatusConflict)

	update := func(id string, etag *string, change func(*types.PublicKeyConfig)) error {
		config := publicKeyConfig(t, "a")
		change(config)
		_, err := s.client.UpdatePublicKey(t.Context(), &cloudfront.UpdatePublicKeyInput{Id: &id, IfMatch: etag, PublicKeyConfig: config})
		return err
	}
	nothing := func(*types.PublicKeyConfig) {}
	checkError[*types.NoSuchPublicKey](t, update("KOTHER", &etag, nothing), http.StatusNotFound)
	checkError[*types.InvalidIfMatchVersion](t, update(id, nil, nothing), http.StatusBadRequest)
	checkError[*types.PreconditionFailed](t, update(id, stale, nothing), http.StatusPreconditionFailed)
	checkError[*types.InvalidArgument](t, update(id, &etag, func(c *types.PublicKeyConfig) { c.Comment = aws.String(strings.Repeat("a", 129)) }), http.StatusBadRequest)
	for _, change := range []func(*types.PublicKeyConfig){
		func(c *types.PublicKeyConfig) { c.CallerReference = aws.String("other") },
		func(c *types.PublicKeyConfig) { c.Name = aws.String("other") },
		func(c *types.PublicKeyConfig) { c.EncodedKey = encode(t, testkeys.OtherP256().Public()) },
	} {
		checkError[*types.CannotChangeImmutablePublicKeyFields](t, update(id, &etag, change), http.StatusBadRequest)
	}
	if err := update(id, &etag, func(c *types.PublicKeyConfig) { c.EncodedKey = aws.String(strings.TrimSpace(*c.EncodedKey)) }); err != nil {
		t.Errorf("a PEM without its last newline is another key: %v", err)
	}
}

// TestKeyGroupErrors has the typed errors of the operations on key groups.
func TestKeyGroupErrors(t *testing.T) {
	s := newService(t)
	a, _ := s.createPublicKey(t, "a")
	b, _ := s.createPublicKey(t, "b")
	id, etag := s.createKeyGroup(t, "g", a)
	s.AddDistribution("EDISTRIBUTION", domain, id)
	create := func(name string, items ...string) error {
		_, err := s.client.CreateKeyGroup(t.Context(), &cloudfront.CreateKeyGroupInput{KeyGroupConfig: &types.KeyGroupConfig{Name: &name, Items: append([]string{}, items...)}})
		return err
	}
	checkError[*types.KeyGroupAlreadyExists](t, create("g", a), http.StatusConflict)
	for _, items := range [][]string{{}, {"KOTHER"}, {a, a}} {
		checkError[*types.InvalidArgument](t, create("h", items...), http.StatusBadRequest)
	}
	checkError[*types.InvalidArgument](t, create("", a), http.StatusBadRequest)
	s.SetQuotas(awslocal.Quotas{PublicKeysInKeyGroup: 1})
	checkError[*types.TooManyPublicKeysInKeyGroup](t, create("h", a, b), http.StatusBadRequest)
	s.SetQuotas(awslocal.Quotas{KeyGroups: 1})
	checkError[*types.TooManyKeyGroups](t, create("h", a), http.StatusBadRequest)
	s.SetQuotas(awslocal.Quotas{KeyGroups: 2})
	other, otherETag := s.createKeyGroup(t, "other", b)

	update := func(id string, etag *string, name string, items ...string) error {
		_, err := s.client.UpdateKeyGroup(t.Context(), &cloudfront.UpdateKeyGroupInput{Id: &id, IfMatch: etag, KeyGroupConfig: &types.KeyGroupConfig{Name: &name, Items: append([]string{}, items...)}})
		return err
	}
	checkError[*types.NoSuchResource](t, update("no-group", &etag, "g", a), http.StatusNotFound)
	checkError[*types.InvalidIfMatchVersion](t, update(id, nil, "g", a), http.StatusBadRequest)
	checkError[*types.InvalidIfMatchVersion](t, update(id, odd, "g", a), http.StatusBadRequest)
	checkError[*types.PreconditionFailed](t, update(id, stale, "g", a), http.StatusPreconditionFailed)
	checkError[*types.TooManyPublicKeysInKeyGroup](t, update(id, &etag, "g", a, b), http.StatusBadRequest)
	checkError[*types.InvalidArgument](t, update(id, &etag, "g", "KOTHER"), http.StatusBadRequest)
	checkError[*types.InvalidArgument](t, update(id, &etag, "g"), http.StatusBadRequest)
	checkError[*types.KeyGroupAlreadyExists](t, update(id, &etag, "other", a), http.StatusConflict)

	_, err := s.client.GetKeyGroup(t.Context(), &cloudfront.GetKeyGroupInput{Id: aws.String("no-group")})
	checkError[*types.NoSuchResource](t, err, http.StatusNotFound)
	_, err = s.client.GetKeyGroupConfig(t.Context(), &cloudfront.GetKeyGroupConfigInput{Id: aws.String("no-group")})
	checkError[*types.NoSuchResource](t, err, http.StatusNotFound)
	_, err = s.client.ListDistributionsByKeyGroup(t.Context(), &cloudfront.ListDistributionsByKeyGroupInput{KeyGroupId: aws.String("no-group")})
	checkError[*types.NoSuchResource](t, err, http.StatusNotFound)

	remove := func(id string, etag *string) error {
		_, err := s.client.DeleteKeyGroup(t.Context(), &cloudfront.DeleteKeyGroupInput{Id: &id, IfMatch: etag})
		return err
	}
	checkError[*types.NoSuchResource](t, remove("no-group", &etag), http.StatusNotFound)
	checkError[*types.InvalidIfMatchVersion](t, remove(id, nil), http.StatusBadRequest)
	checkError[*types.PreconditionFailed](t, remove(id, &otherETag), http.StatusPreconditionFailed)
	checkError[*types.ResourceInUse](t, remove(id, &etag), http.StatusConflict)
	if err := remove(other, &otherETag); err != nil {
		t.Error(err)
	}
}

// TestListErrors asks for pages that do not exist.
func TestListErrors(t *testing.T) {
	s := newService(t)
	key, _ := s.createPublicKey(t, "a")
	group, _ := s.createKeyGroup(t, "g", key)
	for _, size := range []int32{-1, 0, 101} {
		_, err := s.client.ListPublicKeys(t.Context(), &cloudfront.ListPublicKeysInput{MaxItems: &size})
		checkError[*types.InvalidArgument](t, err, http.StatusBadRequest)
		_, err = s.client.ListKeyGroups(t.Context(), &cloudfront.ListKeyGroupsInput{MaxItems: &size})
		checkError[*types.InvalidArgument](t, err, http.StatusBadRequest)
		_, err = s.client.ListDistributionsByKeyGroup(t.Context(), &cloudfront.ListDistributionsByKeyGroupInput{KeyGroupId: &group, MaxItems: &size})
		checkError[*types.InvalidArgument](t, err, http.StatusBadRequest)
	}
}

// TestAccessDenied is a fault, because the server has no policies.
func TestAccessDenied(t *testing.T) {
	s := newService(t)
	s.server.Fail("DeletePublicKey", 1, &awslocal.Error{Status: http.StatusForbidden, Type: "AccessDenied", Message: "no"})
	_, err := s.client.DeletePublicKey(t.Context(), &cloudfront.DeletePublicKeyInput{Id: aws.String("K1")})
	checkError[*types.AccessDenied](t, err, http.StatusForbidden)
	var fault smithy.APIError
	if !errors.As(err, &fault) || fault.ErrorMessage() != "no" {
		t.Errorf("got %v", err)
	}
}

// encode returns the PEM of a public key.
func encode(t *testing.T, key any) *string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return aws.String(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
}

func p384(t *testing.T) *ecdsa.PublicKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &key.PublicKey
}

// rsa3072 returns a public key that is too long. It has no private key.
func rsa3072(t *testing.T) *rsa.PublicKey {
	t.Helper()
	long := testkeys.RSA().PublicKey
	long.N.Lsh(long.N, 1024)
	long.N.SetBit(long.N, 0, 1)
	return &long
}
