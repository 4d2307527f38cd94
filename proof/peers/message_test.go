// SPDX-License-Identifier: Apache-2.0

package peers_test

import "strings"

// A request is one line to a peer in another language.
type request struct {
	Op string `json:"op"`
	// Key is the name of a key, and Hash that of a hash in CloudFront's words.
	Key  string `json:"key,omitempty"`
	Hash string `json:"hash,omitempty"`

	// For the operations "url" and "cookies". A peer makes the policy out of its parts,
	// unless Document is one.
	URL       string `json:"url,omitempty"`
	Resource  string `json:"resource,omitempty"`
	Canned    bool   `json:"canned,omitempty"`
	Expires   int64  `json:"expires,omitempty"`
	NotBefore int64  `json:"notBefore,omitempty"`
	SourceIP  string `json:"sourceIp,omitempty"`
	Document  string `json:"document,omitempty"`
	// Marker: the caller adds the parameter that names SHA-256.
	Marker bool `json:"marker,omitempty"`
	// Naive: the expiry is a date without a time zone.
	Naive bool `json:"naive,omitempty"`
	// Arguments are the peer's own.
	Arguments map[string]any `json:"arguments,omitempty"`

	// For the operation "verify".
	Message   []byte `json:"message,omitempty"`
	Signature []byte `json:"signature,omitempty"`

	// For the operation "set up", and KeyPairID also to sign for another one.
	KeyPairID string            `json:"keyPairId,omitempty"`
	Keys      map[string]string `json:"keys,omitempty"`
}

// An answer is one line from a peer.
type answer struct {
	URL      string            `json:"url"`
	Cookies  map[string]string `json:"cookies"`
	Valid    *bool             `json:"valid"`
	Error    string            `json:"error"`
	Missing  string            `json:"missing"`
	Versions map[string]string `json:"versions"`
}

// request returns the request to sign for the case from the parts of its policy.
func (c testCase) request(op string, a algorithm) request {
	r := request{
		Op: op, Key: a.key, Hash: a.hashName(), URL: c.url, Resource: c.resource,
		Canned: c.canned, Expires: c.expires, NotBefore: c.notBefore,
	}
	if c.sourceIP.IsValid() {
		r.SourceIP = c.sourceIP.String()
	}
	return r
}

// bareAddress leaves out the length of a range that is one address. The signers that
// are asked for it add it.
func (r request) bareAddress() request {
	r.SourceIP = strings.TrimSuffix(r.SourceIP, "/32")
	return r
}
