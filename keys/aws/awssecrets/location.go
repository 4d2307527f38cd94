// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"reflect"
	"regexp"
)

// A Location is a place where a secret is kept, in one of AWS's services. It is immutable
// and safe for concurrent use if the client is. The zero Location is no place.
type Location struct {
	// Two pointers, because the client may have credentials in it: fmt does not find our
	// methods on the unexported fields of other people's types, and where a verb does not
	// fit it follows one pointer, but not two.
	held **place
}

// A place is a store of versions and how people call it.
type place struct {
	store
	kind, name string
	names      *regexp.Regexp // of the form that name must have
	client     any
}

// A store reads versions of a secret.
type store interface {
	// current returns the version that counts.
	current(ctx context.Context) (version, error)
	// previous returns the one that counted before the current one, and whether there is
	// one.
	previous(ctx context.Context, currentID string) (v version, ok bool, err error)
}

// A version is what a secret was at some time.
type version struct {
	id    string
	value []byte
	plain bool // kept without encryption
}

// A mark tells versions apart without keeping them.
type mark [sha256.Size]byte

// mark includes the value, because a secret that was deleted and made anew can have the
// same IDs.
func (v version) mark() mark {
	return sha256.Sum256(fmt.Appendf(nil, "%d %s %s", len(v.id), v.id, v.value))
}

func newLocation(p *place) Location { return Location{&p} }

// String names the place.
func (l Location) String() string {
	switch {
	case l.isZero():
		return "nowhere"
	case !l.place().hasName():
		return l.place().kind // it may be something else that was taken for a name
	}
	return l.place().kind + " " + l.place().name
}

// Format writes String whatever the verb.
func (l Location) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.String()) }

func (l Location) isZero() bool { return l.held == nil }

// place returns what is held. The location must not be zero.
func (l Location) place() *place { return *l.held }

// check refuses what can be no location.
func (l Location) check() error {
	if l.isZero() {
		return refuse(ErrOptions, "the location is empty: make one with Secret or Parameter")
	}
	p := l.place()
	if client := reflect.ValueOf(p.client); !client.IsValid() || client.Kind() == reflect.Pointer && client.IsNil() {
		return refuse(ErrOptions, "%s: the client is nil", l)
	}
	if !p.hasName() {
		return refuse(ErrOptions, "%s: that is no name of one: hand over its name or ARN, without a version, and not its value", l)
	}
	return nil
}

// longestName is that of both services for names in requests.
const longestName = 2048

func (p *place) hasName() bool { return len(p.name) <= longestName && p.names.MatchString(p.name) }
