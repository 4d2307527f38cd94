// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// The targets of the operations of a [KMS] that make keys and move aliases.
const (
	KMSCreateKey   = "TrentService.CreateKey"
	KMSDescribeKey = "TrentService.DescribeKey"
	KMSCreateAlias = "TrentService.CreateAlias"
	KMSUpdateAlias = "TrentService.UpdateAlias"
	KMSDeleteAlias = "TrentService.DeleteAlias"
	KMSListAliases = "TrentService.ListAliases"
)

// handleAdmin adds the operations that make keys and move aliases.
func (k *KMS) handleAdmin(s *Server) {
	s.Handle(KMSCreateKey, k.createKey)
	s.Handle(KMSDescribeKey, k.describeKey)
	s.Handle(KMSCreateAlias, k.createAlias)
	s.Handle(KMSUpdateAlias, k.updateAlias)
	s.Handle(KMSDeleteAlias, k.deleteAlias)
	s.Handle(KMSListAliases, k.listAliases)
}

// createKey is CreateKey for the keys that CloudFront has: RSA_2048 and ECC_NIST_P256, for
// signatures.
//
// Source: "CreateKey", https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
func (k *KMS) createKey(body []byte) (any, error) {
	var request struct {
		KeySpec, KeyUsage, Description string
		MultiRegion                    bool
	}
	if err := decodeJSON(body, &request); err != nil {
		return nil, err
	}
	if request.KeyUsage != "SIGN_VERIFY" {
		return nil, &Error{Type: "UnsupportedOperationException", Message: "awslocal makes keys with the KeyUsage SIGN_VERIFY only"}
	}
	private, err := newKey(request.KeySpec)
	if err != nil {
		return nil, err
	}
	add := k.Add
	if request.MultiRegion {
		add = k.AddMultiRegion
	}
	arn := add(private)
	k.change(arn, func(key *kmsKey) { key.description = request.Description })
	return k.describeKey([]byte(`{"KeyId": "` + arn + `"}`))
}

// newKey generates a key of a key spec.
func newKey(spec string) (crypto.Signer, error) {
	switch spec {
	case "RSA_2048":
		const bits = 2048
		return rsa.GenerateKey(rand.Reader, bits)
	case "ECC_NIST_P256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	return nil, &Error{Type: "UnsupportedOperationException", Message: "awslocal makes keys with the KeySpec RSA_2048 and ECC_NIST_P256 only"}
}

// describeKey is DescribeKey. It also describes keys that cannot be used.
//
// Source: "DescribeKey", https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
func (k *KMS) describeKey(body []byte) (any, error) {
	var request struct {
		KeyID string `json:"KeyId"`
	}
	if err := decodeJSON(body, &request); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	arn, key, err := k.find(request.KeyID)
	if err != nil {
		return nil, err
	}
	id := k.keyID(arn)
	metadata := map[string]any{
		"AWSAccountId": strings.Split(arn, ":")[4], "KeyId": id, "Arn": arn, "MultiRegion": key.related != nil,
		"CreationDate": key.created, "Description": key.description, "Enabled": key.state == "Enabled", "KeyState": key.state,
		"KeyManager": "CUSTOMER", "Origin": "AWS_KMS",
		"KeyUsage": key.usage, "KeySpec": key.spec, "CustomerMasterKeySpec": key.spec,
	}
	if key.related != nil {
		metadata["MultiRegionConfiguration"] = key.related.describe(arn)
	}
	if key.usage == "SIGN_VERIFY" {
		metadata["SigningAlgorithms"] = algorithmsOf(key.spec)
	}
	return map[string]any{"KeyMetadata": metadata}, nil
}

// An aliasRequest is the body of a request to change an alias.
type aliasRequest struct {
	AliasName   string
	TargetKeyID string `json:"TargetKeyId"`
}

var aliasName = regexp.MustCompile(`^alias/[a-zA-Z0-9/_-]{1,250}$`)

// decode reads and checks a request.
func (r *aliasRequest) decode(body []byte) error {
	if err := decodeJSON(body, r); err != nil {
		return err
	}
	return checkAlias(r.AliasName)
}

// checkAlias refuses a name that is not valid or reserved.
func checkAlias(name string) error {
	switch {
	case !aliasName.MatchString(name):
		return invalid("1 validation error detected: Value at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^alias/[a-zA-Z0-9/_-]+$")
	case strings.HasPrefix(name, "alias/aws/"):
		return &Error{Type: "NotAuthorizedException", Message: "alias/aws/ is reserved"}
	}
	return nil
}

// target returns the ID of the key that an alias is to point to, and the key. A key that
// waits for its deletion gets no alias. The lock must be held.
//
// Source: "Key states of AWS KMS keys",
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
func (k *KMS) target(name string) (id string, key *kmsKey, err error) {
	if strings.HasPrefix(name, "alias/") || strings.Contains(name, ":alias/") {
		return "", nil, invalid("Aliases must refer to keys. Not aliases")
	}
	arn, key, err := k.find(name)
	if err != nil {
		return "", nil, err
	}
	if strings.HasPrefix(key.state, "Pending") && key.state != "PendingImport" {
		return "", nil, key.usable(arn)
	}
	return k.keyID(arn), key, nil
}

// createAlias is CreateAlias.
//
// Source: "CreateAlias", https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
func (k *KMS) createAlias(body []byte) (any, error) {
	var request aliasRequest
	if err := request.decode(body); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	id, _, err := k.target(request.TargetKeyID)
	if err != nil {
		return nil, err
	}
	if _, ok := k.aliases[request.AliasName]; ok {
		return nil, &Error{Type: "AlreadyExistsException", Message: "An alias with the name " + k.scope + request.AliasName + " already exists"}
	}
	k.aliases[request.AliasName] = id
	return struct{}{}, nil
}

// updateAlias is UpdateAlias. The new key must have the usage of the old one.
//
// Source: "UpdateAlias", https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
func (k *KMS) updateAlias(body []byte) (any, error) {
	var request aliasRequest
	if err := request.decode(body); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	_, old, err := k.find(request.AliasName)
	if err != nil {
		return nil, err
	}
	id, key, err := k.target(request.TargetKeyID)
	if err != nil {
		return nil, err
	}
	if old.usage != key.usage {
		return nil, invalid("the alias must stay on keys with the usage " + old.usage)
	}
	k.aliases[request.AliasName] = id
	return struct{}{}, nil
}

// deleteAlias is DeleteAlias.
//
// Source: "DeleteAlias", https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html
func (k *KMS) deleteAlias(body []byte) (any, error) {
	var request aliasRequest
	if err := request.decode(body); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, _, err := k.find(request.AliasName); err != nil {
		return nil, err
	}
	delete(k.aliases, request.AliasName)
	return struct{}{}, nil
}

// An aliasEntry is an alias in an answer.
type aliasEntry struct {
	AliasArn, AliasName string
	TargetKeyID         string `json:"TargetKeyId"`
}

// listAliases is ListAliases, of one key or of all.
//
// Source: "ListAliases", https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
func (k *KMS) listAliases(body []byte) (any, error) {
	var request struct {
		KeyID  string `json:"KeyId"`
		Limit  *int
		Marker string
	}
	if err := decodeJSON(body, &request); err != nil {
		return nil, err
	}
	limit, most := 50, 100
	if request.Limit != nil {
		limit = *request.Limit
	}
	if limit < 1 || limit > most {
		return nil, invalid("1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value between 1 and 100")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	names := slices.Sorted(maps.Keys(k.aliases))
	if request.KeyID != "" {
		arn, _, err := k.find(request.KeyID)
		if err != nil {
			return nil, err
		}
		names = slices.DeleteFunc(names, func(name string) bool { return k.aliases[name] != k.keyID(arn) })
	}
	page, next := pageOf(names, request.Marker, limit)
	answer := map[string]any{"Truncated": next != ""}
	if next != "" {
		answer["NextMarker"] = next
	}
	entries := []aliasEntry{}
	for _, name := range page {
		entries = append(entries, aliasEntry{AliasArn: k.scope + name, AliasName: name, TargetKeyID: k.aliases[name]})
	}
	answer["Aliases"] = entries
	return answer, nil
}

func decodeJSON(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return &Error{Type: "SerializationException", Message: "the body is not JSON of the right form"}
	}
	return nil
}
