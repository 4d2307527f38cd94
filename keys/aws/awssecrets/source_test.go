// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/keystest"
)

func derOf(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestForms reads every form of a secret in the services that can keep it.
func TestForms(t *testing.T) {
	tests := []struct {
		name    string
		value   string
		binary  bool // it is no text, so Secrets Manager alone has it
		fixedID string
		key     crypto.Signer
	}{
		{name: "pem", value: pemOf(keyA), fixedID: "K1", key: keyA},
		{name: "rsa", value: pemOf(keyC), fixedID: "K1", key: keyC},
		{name: "der", value: string(derOf(t, keyA)), binary: true, fixedID: "K1", key: keyA},
		{name: "rsa der", value: string(derOf(t, keyC)), binary: true, fixedID: "K1", key: keyC},
		{name: "pem in one line", value: strings.ReplaceAll(pemOf(keyA), "\n", `\n`), fixedID: "K1", key: keyA},
		{name: "json", value: pairJSON("K1", keyA), key: keyA},
		{name: "json with space around", value: "\n " + pairJSON("K1", keyA) + "\n", key: keyA},
		{name: "json with a byte order mark", value: "\ufeff" + pairJSON("K1", keyA), key: keyA},
		{name: "json and the same id", value: pairJSON("K1", keyA), fixedID: "K1", key: keyA},
		{name: "json without an id", value: jsonOf("privateKey", pemOf(keyA)), fixedID: "K1", key: keyA},
		{name: "base64 of pem", value: base64.StdEncoding.EncodeToString([]byte(pemOf(keyA))), fixedID: "K1", key: keyA},
		{name: "json with base64", value: jsonOf("keyPairId", "K1", "privateKey", base64.StdEncoding.EncodeToString([]byte(pemOf(keyA)))), key: keyA},
		{name: "json with all", value: jsonOf("keyPairId", "K1", "privateKey", pemOf(keyA), "publicKey", publicOf(keyA)), key: keyA},
		{name: "json in snake case", value: jsonOf("key_pair_id", "K1", "private_key", pemOf(keyA), "public_key", publicOf(keyA)), key: keyA},
		{name: "json of an environment", value: jsonOf("CLOUDFRONT_PUBLIC_KEY_ID", "K1", "CLOUDFRONT_PRIVATE_KEY_PEM", pemOf(keyA)), key: keyA},
		{name: "json in kebab case", value: jsonOf("Key-ID", "K1", "Private-Key-PEM", pemOf(keyA)), key: keyA},
		{name: "json with other members", value: `{"n": 1, "n": [{}], "keyPairID": "K1", "o": {"privateKey": 2}, "privatekey": ` + strings.TrimPrefix(jsonOf("x", pemOf(keyA)), `{"x": `), key: keyA},
		{name: "json with escapes", value: strings.ReplaceAll(pairJSON("K1", keyA), "keyPairId", `key\u0050airId`), key: keyA},
	}
	l := newLocal(t, 1)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := awssecrets.Options{KeyPairID: tt.fixedID}
			l.secrets.PutBinary(secretName, []byte(tt.value))
			source := newSource(t, l.secret(), o)
			checkPair(t, source, "K1", tt.key)
			checkTrusted(t, source, map[string]crypto.Signer{"K1": tt.key})
			_, key := source.Pair()
			if err := keystest.TestSigner(t.Context(), key); err != nil {
				t.Error(err)
			}
			if tt.binary {
				return
			}
			l.secrets.Put(secretName, tt.value)
			checkPair(t, newSource(t, l.secret(), o), "K1", tt.key)
			checkPair(t, newSource(t, awssecrets.Secret(l.sm, l.secrets.ARN(secretName)), o), "K1", tt.key)
			l.parameters.Put(parameterName, tt.value)
			checkPair(t, newSource(t, awssecrets.Parameter(l.ssm, parameterName), o), "K1", tt.key)
			checkPair(t, newSource(t, awssecrets.Parameter(l.ssm, l.parameters.ARN(parameterName)), o), "K1", tt.key)
		})
	}
}

// TestIDApart has the ID in a place of its own, in both services.
func TestIDApart(t *testing.T) {
	l := newLocal(t, 1)
	secretID, parameterID := l.id(), awssecrets.Parameter(l.ssm, idParameter)
	tests := []struct {
		name, key, id string
	}{
		{"alone", pemOf(keyA), "K1"},
		{"with a line break", pemOf(keyA), "K1\n"},
		{"with a byte order mark", pemOf(keyA), "\ufeffK1\r\n"},
		{"json", pemOf(keyA), jsonOf("keyPairId", "K1")},
		{"json with the public key", pemOf(keyA), jsonOf("keyPairId", "K1", "publicKey", publicOf(keyA))},
		{"in both", pairJSON("K1", keyA), "K1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l.secrets.Put(secretName, tt.key)
			l.parameters.Put(parameterName, tt.key)
			l.secrets.Put(idName, tt.id)
			l.parameters.PutAs("String", idParameter, tt.id) // an ID is no secret
			for _, from := range []awssecrets.Location{secretID, parameterID} {
				for _, location := range []awssecrets.Location{l.secret(), awssecrets.Parameter(l.ssm, parameterName)} {
					checkPair(t, newSource(t, location, awssecrets.Options{KeyPairIDFrom: from}), "K1", keyA)
				}
			}
		})
	}
}

// TestInvalidSecrets: what is there is no pair, and the error says what it is instead.
func TestInvalidSecrets(t *testing.T) {
	const encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"
	group := setOf(t, map[string]crypto.Signer{"K1": keyA, "K2": keyB})
	tests := []struct {
		name, value string
		id          string // in a place of its own
		options     awssecrets.Options
		want        error
		says        string
	}{
		{name: "no id", value: pemOf(keyA), want: keys.ErrKeyPairID, says: "keyPairId and privateKey"},
		{name: "json without an id", value: jsonOf("privateKey", pemOf(keyA)), want: keys.ErrKeyPairID, says: "Options"},
		{name: "json without a key", value: jsonOf("keyPairId", "K1"), want: keys.ErrNoKey, says: "privateKey"},
		{name: "a json web key", value: `{"kty": "RSA", "n": "AQAB", "d": "AQAB", "e": "AQAB"}`, want: keys.ErrUnsupportedKey, says: "a JSON Web Key"},
		{name: "another member kty", value: `{"kty": 1, "key": ` + strings.TrimPrefix(jsonOf("x", pemOf(keyA)), `{"x": `), want: keys.ErrNoKey, says: "privateKey"},
		{name: "text before json with base64", value: "x" + jsonOf("keyPairId", "K1", "privateKey", base64.StdEncoding.EncodeToString([]byte(pemOf(keyA)))), options: awssecrets.Options{KeyPairID: "K2"}, want: keys.ErrMalformedKey, says: "in front"},
		{name: "empty json", value: "{}", want: keys.ErrNoKey, says: "privateKey"},
		{name: "text", value: "text", options: awssecrets.Options{KeyPairID: "K1"}, want: keys.ErrNoKey, says: "-----BEGIN"},
		{name: "public key", value: publicOf(keyA), options: awssecrets.Options{KeyPairID: "K1"}, want: keys.ErrNoKey, says: "public"},
		{name: "encrypted", value: encrypted, options: awssecrets.Options{KeyPairID: "K1"}, want: keys.ErrEncrypted, says: "openssl pkey"},
		{name: "encrypted in json", value: jsonOf("keyPairId", "K1", "privateKey", encrypted), want: keys.ErrEncrypted, says: "openssl pkey"},
		{name: "cut off", value: pairJSON("K1", keyA)[:200], want: keys.ErrMalformedKey, says: "JSON"},
		{name: "something behind", value: pairJSON("K1", keyA) + "{}", want: keys.ErrMalformedKey, says: "JSON"},
		{name: "not UTF-8", value: `{"a": "` + "\xff" + `"}`, want: keys.ErrMalformedKey, says: "UTF-8"},
		{name: "name is no string", value: `{1: "K1"}`, want: keys.ErrMalformedKey, says: "JSON"},
		{name: "comma at the end", value: `{"keyPairId": "K1",}`, want: keys.ErrMalformedKey, says: "JSON"},
		{name: "two ids", value: jsonOf("keyPairId", "K1", "keyPairId", "K1", "privateKey", pemOf(keyA)), want: keys.ErrMalformedKey, says: "keyPairId"},
		{name: "two names of an id", value: jsonOf("keyPairId", "K1", "public_key_id", "K2", "privateKey", pemOf(keyA)), want: keys.ErrMalformedKey, says: "keyPairId"},
		{name: "two keys", value: jsonOf("keyPairId", "K1", "privateKey", pemOf(keyA), "PRIVATE_KEY", pemOf(keyB)), want: keys.ErrMalformedKey, says: "privateKey"},
		{name: "id is a number", value: `{"keyPairId": 1, "privateKey": ""}`, want: keys.ErrMalformedKey, says: "not a string"},
		{name: "key is null", value: `{"keyPairId": "K1", "privateKey": null}`, want: keys.ErrMalformedKey, says: "not a string"},
		{name: "empty id", value: jsonOf("keyPairId", "", "privateKey", pemOf(keyA)), want: keys.ErrKeyPairID, says: "empty"},
		{name: "empty public key", value: jsonOf("keyPairId", "K1", "privateKey", pemOf(keyA), "publicKey", ""), want: keys.ErrNoKey, says: "-----BEGIN"},
		{name: "id and key exchanged", value: jsonOf("keyPairId", pemOf(keyA), "privateKey", "K1"), want: keys.ErrKeyPairID, says: "it is a key"},
		{name: "another public key", value: jsonOf("keyPairId", "K1", "privateKey", pemOf(keyA), "publicKey", publicOf(keyB)), want: keys.ErrMismatch, says: "public key"},
		{name: "another id than fixed, behind a byte order mark", value: "\ufeff" + pairJSON("K2", keyA), options: awssecrets.Options{KeyPairID: "K1"}, want: keys.ErrMismatch, says: "K1"},
		{name: "another id than fixed", value: pairJSON("K2", keyA), options: awssecrets.Options{KeyPairID: "K1"}, want: keys.ErrMismatch, says: "K1"},
		{name: "not in the key group", value: pairJSON("K3", keyC), options: awssecrets.Options{KeyGroup: group}, want: keys.ErrMismatch, says: "[K1 K2]"},
		{name: "another key in the key group", value: pairJSON("K1", keyB), options: awssecrets.Options{KeyGroup: group}, want: keys.ErrMismatch, says: "KeyGroup has as K1"},
		{name: "id apart is another", value: pairJSON("K1", keyA), id: "K2", want: keys.ErrMismatch, says: idName},
		{name: "id apart is empty", value: pemOf(keyA), id: " ", want: keys.ErrKeyPairID, says: idName},
		{name: "id apart is a key", value: pemOf(keyA), id: pemOf(keyA), want: keys.ErrKeyPairID, says: "it is a key"},
		{name: "id apart has a key", value: pemOf(keyA), id: pairJSON("K1", keyA), want: keys.ErrMalformedKey, says: "leave out KeyPairIDFrom"},
		{name: "id apart is missing", value: pemOf(keyA), id: "{}", want: keys.ErrKeyPairID, says: "keyPairId"},
		{name: "id apart is no json", value: pemOf(keyA), id: "{", want: keys.ErrMalformedKey, says: "JSON"},
		{name: "public key apart is another", value: pemOf(keyA), id: jsonOf("keyPairId", "K1", "publicKey", publicOf(keyB)), want: keys.ErrMismatch, says: idName},
	}
	l := newLocal(t, 1)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l.secrets.PutBinary(secretName, []byte(tt.value)) // which keeps what is not UTF-8
			if tt.id != "" {
				l.secrets.Put(idName, tt.id)
				tt.options.KeyPairIDFrom = l.id()
			}
			_, err := awssecrets.New(t.Context(), l.secret(), tt.options)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), "awssecrets: secret prod/cdn") {
				t.Errorf("got error %v, want %v that says %q", err, tt.want, tt.says)
			}
			if strings.Count(err.Error(), "awssecrets:") > 1 {
				t.Errorf("%v names the package twice", err)
			}
			checkNoSecret(t, err.Error(), keyA, keyB, keyC)
		})
	}
}

// checkNoSecret looks for parts of keys in a text.
func checkNoSecret(t *testing.T, text string, private ...crypto.Signer) {
	t.Helper()
	for _, key := range private {
		for line := range strings.Lines(pemOf(key)) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") && strings.Contains(text, line[:min(16, len(line))]) {
				t.Errorf("a part of a key stands in %q", text)
			}
		}
	}
}

// TestPlainParameter: a parameter that is not encrypted has more readers than a private key
// should have.
func TestPlainParameter(t *testing.T) {
	l := newLocal(t, 1)
	for _, kind := range []string{"String", "StringList"} {
		l.parameters.PutAs(kind, parameterName, pairJSON("K1", keyA))
		_, err := awssecrets.New(t.Context(), awssecrets.Parameter(l.ssm, parameterName), awssecrets.Options{})
		if !errors.Is(err, keys.ErrUnsupportedKey) || !strings.Contains(err.Error(), "SecureString") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestInvalidOptions: no caller can branch on a mistake in its own code, so most of these
// errors wrap nothing.
func TestInvalidOptions(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	good := l.secret()
	tests := []struct {
		name     string
		location awssecrets.Location
		options  awssecrets.Options
		want     error
		says     string
	}{
		{"no location", awssecrets.Location{}, awssecrets.Options{}, nil, "Secret or Parameter"},
		{"no client", awssecrets.Secret(nil, secretName), awssecrets.Options{}, nil, "the client is nil"},
		{"nil client", awssecrets.Secret((*memory)(nil), secretName), awssecrets.Options{}, nil, "the client is nil"},
		{"no parameter client", awssecrets.Parameter(nil, parameterName), awssecrets.Options{}, nil, "the client is nil"},
		{"no name", awssecrets.Secret(l.sm, ""), awssecrets.Options{}, nil, "name or ARN"},
		{"a name with a space", awssecrets.Secret(l.sm, "prod/cdn key"), awssecrets.Options{}, nil, "name or ARN"},
		{"a parameter with a space", awssecrets.Parameter(l.ssm, "/prod/cdn key"), awssecrets.Options{}, nil, "name or ARN"},
		{"a long name", awssecrets.Secret(l.sm, strings.Repeat("a", 2049)), awssecrets.Options{}, nil, "name or ARN"},
		{"the key in place of the name", awssecrets.Secret(l.sm, pemOf(keyA)), awssecrets.Options{}, nil, "not its value"},
		{"another service's ARN", awssecrets.Parameter(l.ssm, l.secrets.ARN(secretName)), awssecrets.Options{}, nil, "name or ARN"},
		{"a version", awssecrets.Parameter(l.ssm, parameterName+":1"), awssecrets.Options{}, nil, "without a version"},
		{"milliseconds", good, awssecrets.Options{Interval: 300}, nil, "Interval"},
		{"negative interval", good, awssecrets.Options{Interval: -1}, nil, "Interval"},
		{"negative timeout", good, awssecrets.Options{Timeout: -1}, nil, "Timeout"},
		{"two places of the id", good, awssecrets.Options{KeyPairID: "K1", KeyPairIDFrom: l.id()}, nil, "leave one out"},
		{"id", good, awssecrets.Options{KeyPairID: "K-1"}, keys.ErrKeyPairID, "letter or digit"},
		{"place of the id", good, awssecrets.Options{KeyPairIDFrom: awssecrets.Secret(nil, idName)}, nil, "the client is nil"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := awssecrets.New(t.Context(), tt.location, tt.options)
			if err == nil || !strings.HasPrefix(err.Error(), "awssecrets: ") || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("got error %v, want one that says %q", err, tt.says)
			}
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got error %v, want %v", err, tt.want)
			}
			checkNoSecret(t, err.Error(), keyA)
		})
	}
}

// TestShortestInterval is a second.
func TestShortestInterval(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	newSource(t, l.secret(), awssecrets.Options{Interval: time.Second})
	if _, err := awssecrets.New(t.Context(), l.secret(), awssecrets.Options{Interval: time.Second - 1}); err == nil {
		t.Error("a shorter one is accepted")
	}
}

// TestSameKeyStays: a reading that finds the same pair in another form leaves the key as it
// is, so nothing is rotated and no connection of a key is lost.
func TestSameKeyStays(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	source := newSource(t, l.secret(), awssecrets.Options{})
	_, before := source.Pair()
	l.secrets.Put(secretName, jsonOf("privateKey", pemOf(keyA), "keyPairId", "K1"))
	refresh(t, source)
	if _, after := source.Pair(); after != before {
		t.Error("the key is another object")
	}
}

func TestZeroSource(t *testing.T) {
	var absent *awssecrets.Source
	for _, source := range []*awssecrets.Source{absent, {}} {
		if id, key := source.Pair(); id != "" || key != nil || len(source.Trusted().IDs()) != 0 {
			t.Error("it has a pair")
		}
		if err := source.Refresh(t.Context()); !errors.Is(err, keys.ErrNoKey) {
			t.Errorf("Refresh: %v", err)
		}
		if err := source.Run(t.Context(), nil); !errors.Is(err, keys.ErrNoKey) {
			t.Errorf("Run: %v", err)
		}
		if err := source.RefreshIfDue(t.Context(), nil); !errors.Is(err, keys.ErrNoKey) {
			t.Errorf("RefreshIfDue: %v", err)
		}
		if source.String() != "awssecrets.Source(nothing)" {
			t.Error(source)
		}
	}
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", testkeys.P256()))
	var noContext context.Context
	if _, err := awssecrets.New(noContext, l.secret(), awssecrets.Options{}); err == nil || !strings.Contains(err.Error(), "the context is nil") {
		t.Errorf("New: %v", err)
	}
	source := newSource(t, l.secret(), awssecrets.Options{})
	if err := source.Refresh(noContext); err == nil || !strings.Contains(err.Error(), "the context is nil") {
		t.Errorf("Refresh: %v", err)
	}
	if err := source.Run(noContext, nil); err == nil || !strings.Contains(err.Error(), "the context is nil") {
		t.Errorf("Run: %v", err)
	}
	if err := source.RefreshIfDue(noContext, nil); err == nil || !strings.Contains(err.Error(), "the context is nil") {
		t.Errorf("RefreshIfDue: %v", err)
	}
}
