// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
)

// String returns a text for people, such as "custom policy for
// https://cdn.example.com/a until 2026-01-01T18:00:00Z". It leaves out the query of
// the resource, which may be somebody's secret, so it does not tell policies apart.
// For the document that is signed, see [Policy.JSON].
//
// fmt, encoding/json, encoding/xml and log/slog print the same text. They cannot
// call a method of a Policy in an unexported field of another type: there fmt prints
// the fields, with the query.
func (p Policy) String() string {
	if p.expires == 0 {
		return "no policy"
	}
	var b strings.Builder
	kind := "custom"
	if p.canned {
		kind = "canned"
	}
	fmt.Fprintf(&b, "%s policy for %s", kind, wire.Redact(wire.WithoutQuery(p.resource.pattern)))
	if prefix, ok := p.SourceIP(); ok {
		fmt.Fprintf(&b, " at %v", prefix)
	}
	if start, ok := p.NotBefore(); ok {
		fmt.Fprintf(&b, " after %s", start.Format(time.RFC3339))
	}
	fmt.Fprintf(&b, " until %s", p.Expires().Format(time.RFC3339))
	return b.String()
}

// Format writes String, whatever the verb.
func (p Policy) Format(f fmt.State, verb rune) { wire.Format(f, verb, p.String()) }

// MarshalText returns String. Nothing reads it back: store [Policy.JSON], and read
// it with [Parse].
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Format writes the text of Error, whatever the verb.
func (e NotCoveredError) Format(f fmt.State, verb rune) { wire.Format(f, verb, e.Error()) }

// MarshalText returns the text of Error.
func (e NotCoveredError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// GobEncode returns an error, because encoding/gob would write the queries.
func (e NotCoveredError) GobEncode() ([]byte, error) {
	return nil, errors.New("policy: a NotCoveredError cannot be encoded: encode its text")
}
