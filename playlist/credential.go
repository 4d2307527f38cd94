// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"bytes"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A credential is what covered URLs get, and the rule for who gets it.
type credential struct {
	resource policy.Resource
	query    []byte // Policy=…&Signature=…
	buffer   []byte // for URLs
}

func newCredential(s sign.SignedPolicy) (credential, error) {
	query := s.AppendUncheckedQuery(nil)
	if len(query) == 0 {
		return credential{}, refuse(ErrZeroValue, "nothing was signed: check the error of Sign")
	}
	return credential{resource: s.Policy().Resource(), query: query, buffer: make([]byte, 0, wire.MaxURL)}, nil
}

// covers reports whether the policy covers what clients request for ref at from.
func (c *credential) covers(from *location, ref []byte) bool {
	var ok bool
	c.buffer, ok = from.resolve(c.buffer, ref)
	return ok && c.coversBuffer()
}

func (c *credential) coversBuffer() bool {
	return len(c.buffer)+1+len(c.query) <= wire.MaxURL && c.resource.MatchesBytes(c.buffer)
}

// playlistLocation returns the location of the URL of a playlist.
func playlistLocation(playlistURL string) (location, error) {
	playlistURL, _, _ = strings.Cut(playlistURL, "?")
	// An asterisk is in order here, but not for policy.URL.
	if _, err := policy.URL(strings.ReplaceAll(playlistURL, "*", "%2A")); err != nil {
		return location{}, refuse(ErrURL, "%w", err)
	}
	var l location
	l.set([]byte(playlistURL))
	return l, nil
}

// separator returns what stands between uri and a parameter.
func separator(uri []byte) byte {
	if bytes.IndexByte(uri, '?') >= 0 {
		return '&'
	}
	return '?'
}
