// SPDX-License-Identifier: Apache-2.0

/*
Package storetest checks whether a [sign.Store] keeps its contract, so that the caches of
several processes can share signatures:

	func TestStore(t *testing.T) {
		one, other := openStore(t), openStore(t) // as two processes do
		if err := storetest.TestStore(t.Context(), one, other); err != nil {
			t.Error(err)
		}
	}

You should run the test with -race, and with a server like the one in production.
*/
package storetest

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cfsign/cfsign/sign"
)

// patience limits each call, and the wait for something that must happen.
const patience = 30 * time.Second

// TestStore returns an error that lists every way that a store breaks the contract of
// [sign.Store]. one and other are two stores on the same server, as two processes have
// them. For a store without a server, pass the same one twice. TestStore returns nil if all
// of this is true:
//
//   - Of many callers that claim a name at once, exactly one gets the claim. A claim holds
//     for its lease, even if that is shorter than a second, and also against its owner.
//     Then exactly one of many callers gets it again.
//   - Save replaces a claim, and another signature with its time, and needs no claim. The
//     signature stays when the lease of a claim ends.
//   - Both stores return a signature byte for byte, whatever bytes it has, up to 512 of
//     them. No later change of a slice changes a stored or returned signature.
//   - A signature stays until it expires, to the millisecond, and to the year 2262.
//   - Names do not mix, even if they differ in one character or in its case.
//   - If the context has ended, both methods return its error.
//   - Several goroutines can use the stores at once. (Run the test with -race.)
//
// TestStore takes some seconds. It uses random names. What it saves expires within an hour,
// except one signature of one byte, which expires in the year 2262. ctx limits the whole test.
//
// TestStore needs a server that answers. Call [TestSilent] for one that does not.
func TestStore(ctx context.Context, one, other sign.Store) error {
	if ctx == nil {
		return errNoContext
	}
	if one == nil || other == nil {
		return errors.New("storetest: a store is nil: pass the same store twice if there is only one")
	}
	s := suite{one: one, other: other}
	return run(ctx, []check{
		{"one claim", s.claimsOnce},
		{"the lease", s.endsLeases},
		{"the shortest lease", s.takesShortLeases},
		{"Save", s.saves},
		{"Save after a lease", s.keepsBeyondLease},
		{"Save with a later time", s.extends},
		{"bytes", s.keepsBytes},
		{"slices", s.copiesSlices},
		{"expires", s.keepsUntilExpiry},
		{"expires in 2262", s.keepsForLong},
		{"names", s.separatesNames},
		{"context at its end", s.endsWithContext},
		{"used concurrently", s.worksConcurrently},
	})
}

var errNoContext = errors.New("storetest: the context is nil: pass one, such as t.Context()")

// A check is one property of a store.
type check struct {
	name string
	run  func(context.Context) error
}

// run runs the checks at once, because some of them wait. They use different names. It
// joins their errors in the order of the checks.
func run(ctx context.Context, checks []check) error {
	errs := make([]error, len(checks))
	var wait sync.WaitGroup
	for i, c := range checks {
		wait.Go(func() {
			if err := recovered(func() error { return c.run(ctx) }); err != nil {
				errs[i] = fmt.Errorf("storetest: %s: %w", c.name, err)
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// recovered calls f, and returns a panic as an error.
func recovered(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it panicked: %v", r)
		}
	}()
	return f()
}

// A suite has two stores on the same server.
type suite struct{ one, other sign.Store }

// newName returns a name that no test has used before. Package crypto/rand would need a real
// clock in FIPS mode, and tests with synctest have none.
func newName() string {
	var name []byte
	for range 4 {
		name = binary.BigEndian.AppendUint64(name, rand.Uint64())
	}
	return base64.RawURLEncoding.EncodeToString(name)
}

func hourFromNow() time.Time { return time.Now().Add(time.Hour) }

// An answer is what Claim returned.
type answer struct {
	signature string
	claimed   bool
}

// String describes the answer without the bytes of a signature.
func (a answer) String() string {
	switch {
	case a.claimed && a.signature == "":
		return "the claim"
	case a.claimed:
		return "the claim and a signature"
	case a.signature == "":
		return "neither a claim nor a signature"
	}
	return fmt.Sprintf("a signature of %d bytes", len(a.signature))
}

// These are the answers without a signature.
var (
	granted = answer{claimed: true}
	taken   = answer{}
)

func saved(signature string) answer { return answer{signature: signature} }

// claim calls Claim.
func claim(ctx context.Context, s sign.Store, name string, lease time.Duration) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	signature, claimed, err := s.Claim(ctx, name, lease)
	if err != nil {
		return answer{}, fmt.Errorf("calling Claim: %w", err)
	}
	return answer{string(signature), claimed}, nil
}

// save calls Save.
func save(ctx context.Context, s sign.Store, name, signature string, expires time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.Save(ctx, name, []byte(signature), expires); err != nil {
		return fmt.Errorf("calling Save: %w", err)
	}
	return nil
}

// expect returns an error unless Claim returns want. advice says what to do about it.
func expect(ctx context.Context, s sign.Store, name string, want answer, advice string) error {
	got, err := claim(ctx, s, name, time.Minute)
	if err == nil && got != want {
		err = fmt.Errorf("got %v from Claim, want %v: %s", got, want, advice)
	}
	return err
}
