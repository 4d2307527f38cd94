// SPDX-License-Identifier: Apache-2.0

package token

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// fetchTime is how long a fetch may take.
	fetchTime = 3 * time.Second
	// maxKeySet is the longest answer, in bytes. Cognito's has two keys in 1 KiB.
	maxKeySet = 256 << 10
	// minBits is the size of Cognito's RSA keys. go-jose refuses those over 4,096.
	minBits = 2048
)

// A keySet has the keys of an issuer by their ID. There should be one to each; where there
// are more, any of them may have signed.
type keySet map[string][]crypto.PublicKey

// find returns the keys with an ID, or all if it is empty.
func (s keySet) find(id string) []crypto.PublicKey {
	if id != "" {
		return s[id]
	}
	var all []crypto.PublicKey
	for _, keys := range s {
		all = append(all, keys...)
	}
	return all
}

// fetchKeys fetches a key set.
func fetchKeys(ctx context.Context, client *http.Client, url string) (keySet, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Cache-Control", "no-cache") // for proxies on the way
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers with status %d", url, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeySet+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	keys, err := parseKeySet(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return keys, nil
}

var (
	errTooLong   = errors.New("the answer is too long for a key set")
	errNoKeySet  = errors.New("the answer is not a JSON Web Key Set")
	errNoneToUse = errors.New("the key set has no RSA key to verify RS256 with")
)

// parseKeySet reads a key set (RFC 7517), and leaves out keys that are for something else
// or not understood.
func parseKeySet(body []byte) (keySet, error) {
	if len(body) > maxKeySet {
		return nil, errTooLong
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, errNoKeySet
	}
	keys := keySet{}
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(raw); err != nil {
			continue
		}
		if public, ok := usable(key); ok {
			keys[key.KeyID] = append(keys[key.KeyID], public)
		}
	}
	if len(keys) == 0 {
		return nil, errNoneToUse
	}
	return keys, nil
}

// usable returns the public key, if tokens may be verified with it.
func usable(key jose.JSONWebKey) (*rsa.PublicKey, bool) {
	public, ok := key.Key.(*rsa.PublicKey) // and no symmetric or private key
	isRS256 := key.Algorithm == "" || key.Algorithm == string(jose.RS256)
	isToSign := key.Use == "" || key.Use == "sig"
	if !ok || key.KeyID == "" || !isRS256 || !isToSign {
		return nil, false
	}
	return public, public.N.BitLen() >= minBits
}
