// SPDX-License-Identifier: Apache-2.0

package peer

// A Request is one line to a peer.
type Request struct {
	// Op is what the peer does: "url", "cookies", "verify", "sign", "measure" or "set up".
	Op string `json:"op"`
	// Key is the name of a key. Hash is the name of a hash in CloudFront's words.
	Key  string `json:"key,omitempty"`
	Hash string `json:"hash,omitempty"`

	// For "url" and "cookies". A peer makes the policy from its parts, unless Document
	// is a policy.
	URL       string `json:"url,omitempty"`
	Resource  string `json:"resource,omitempty"`
	Canned    bool   `json:"canned,omitempty"`
	Expires   int64  `json:"expires,omitempty"`
	NotBefore int64  `json:"notBefore,omitempty"`
	SourceIP  string `json:"sourceIp,omitempty"`
	Document  string `json:"document,omitempty"`
	// Marker makes the caller add the parameter that names SHA-256.
	Marker bool `json:"marker,omitempty"`
	// Naive makes the expiry a date without a time zone.
	Naive bool `json:"naive,omitempty"`
	// Arguments are the peer's own.
	Arguments map[string]any `json:"arguments,omitempty"`

	// For "verify". "sign" signs the message with the bare operation of the key.
	Message   []byte `json:"message,omitempty"`
	Signature []byte `json:"signature,omitempty"`

	// For "measure": another operation, and how often the peer repeats it.
	Of    string `json:"of,omitempty"`
	Count int    `json:"count,omitempty"`

	// For "set up". KeyPairID is also for signing with another ID.
	KeyPairID string            `json:"keyPairId,omitempty"`
	Keys      map[string]string `json:"keys,omitempty"`
}

// An Answer is one line from a peer.
type Answer struct {
	URL         string            `json:"url"`
	Cookies     map[string]string `json:"cookies"`
	Signature   []byte            `json:"signature"`
	Nanoseconds int64             `json:"nanoseconds"` // for all repetitions
	Valid       *bool             `json:"valid"`
	Error       string            `json:"error"`
	Missing     string            `json:"missing"`
	Versions    map[string]string `json:"versions"`
}
