// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/cfsign/cfsign/keys"
)

// A document is the content of a secret. Missing parts are zero.
type document struct {
	keyPairID string
	private   crypto.Signer
	public    crypto.PublicKey // the private key must belong to it
}

// parseKey reads a secret with a private key.
func parseKey(value []byte) (document, error) {
	value = withoutBOM(value)
	if !isJSON(value) {
		private, err := keys.ParsePrivate(value)
		if before, _, _ := bytes.Cut(value, []byte("-----BEGIN ")); err == nil && bytes.ContainsRune(before, '{') && utf8.Valid(value) {
			return document{}, refuse(keys.ErrMalformedKey, "there is something in front of the JSON object, or around it")
		}
		return document{private: private}, err
	}
	d, err := parseJSON(value)
	if err == nil && d.private == nil {
		err = refuse(keys.ErrNoKey, "the JSON object has no member privateKey")
		if _, other := keys.ParsePrivate(value); isJWK(value) && errors.Is(other, keys.ErrUnsupportedKey) {
			err = other // it says how to convert it
		}
	}
	return d, err
}

// parseID reads a secret with the ID of a private key in another secret: the ID alone, or a
// JSON object that may have the public key as well.
func parseID(value []byte) (document, error) {
	value = withoutBOM(value)
	if !isJSON(value) {
		id := string(bytes.TrimSpace(value)) // a file ends with a line break
		return document{keyPairID: id}, keys.CheckID(id)
	}
	d, err := parseJSON(value)
	switch {
	case err != nil:
		return document{}, err
	case d.private != nil:
		return document{}, refuse(keys.ErrMalformedKey, "the place of the ID has a private key of its own: leave out KeyPairIDFrom, or that private key")
	case d.keyPairID == "":
		return document{}, refuse(keys.ErrKeyPairID, "the JSON object has no member keyPairId")
	}
	return d, nil
}

// withoutBOM removes the byte order mark that some editors write. With the mark, a JSON
// object would pass for a text with a key in it, and its other members would not count.
func withoutBOM(value []byte) []byte { return bytes.TrimPrefix(value, []byte("\ufeff")) }

func isJSON(value []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(value), []byte("{")) }

// isJWK reports whether value looks like a JSON Web Key, which always has this member.
func isJWK(value []byte) bool { return bytes.Contains(value, []byte(`"kty"`)) }

// parseJSON reads a JSON object. All members are optional.
func parseJSON(value []byte) (document, error) {
	members, err := readMembers(value)
	if err != nil {
		return document{}, err
	}
	var d document
	if id, ok := members[nameID]; ok {
		if err := keys.CheckID(id.text); err != nil {
			return document{}, err
		}
		d.keyPairID = id.text
	}
	if private, ok := members[namePrivate]; ok {
		if d.private, err = keys.ParsePrivate([]byte(private.text)); err != nil {
			return document{}, err
		}
	}
	if public, ok := members[namePublic]; ok {
		if d.public, err = keys.ParsePublic([]byte(public.text)); err != nil {
			return document{}, err
		}
	}
	return d, nil
}

// Members with a meaning, as errors name them.
const (
	nameID      = "keyPairId"
	namePrivate = "privateKey"
	namePublic  = "publicKey"
)

// meanings maps the results of plainName to members.
var meanings = map[string]string{
	"keypairid":   nameID,
	"publickeyid": nameID,
	"keyid":       nameID,
	"privatekey":  namePrivate,
	"publickey":   namePublic,
}

var separators = strings.NewReplacer("_", "", "-", "")

// plainName returns what equal names have in common. For CLOUDFRONT_PRIVATE_KEY_PEM and
// privateKey it is "privatekey".
func plainName(name string) string {
	name = strings.ToLower(separators.Replace(name))
	return strings.TrimSuffix(strings.TrimPrefix(name, "cloudfront"), "pem")
}

var errNotJSON = refuse(keys.ErrMalformedKey, "it begins with { but is not one JSON object in UTF-8")

// A member is a string in a JSON object.
type member struct {
	text     string
	from, to int // where the JSON has it, with its quotation marks
}

// readMembers returns the members of a JSON object that have a meaning. It reads them one
// by one, because encoding/json silently keeps the last of two equal names. It replaces the
// errors of encoding/json, because those quote the input.
func readMembers(value []byte) (map[string]member, error) {
	decoder := json.NewDecoder(bytes.NewReader(value))
	if _, err := decoder.Token(); err != nil || !utf8.Valid(value) {
		return nil, errNotJSON
	}
	members := map[string]member{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, errNotJSON
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return nil, errNotJSON
		}
		meaning, ok := meanings[plainName(name.(string))] // names are strings, or there is an error
		if !ok {
			continue
		}
		if _, twice := members[meaning]; twice {
			return nil, refuse(keys.ErrMalformedKey, "it has several members for %s: leave one", meaning)
		}
		if raw[0] != '"' {
			return nil, refuse(keys.ErrMalformedKey, "its member for %s is not a string", meaning)
		}
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, errNotJSON
		}
		end := int(decoder.InputOffset())
		members[meaning] = member{text: text, from: end - len(raw), to: end}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errNotJSON
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return members, nil
}
