// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/cfsign/cfsign/sign"
)

// saves checks what Save replaces.
func (s *suite) saves(ctx context.Context) error {
	name := newName()
	steps := []struct {
		store     sign.Store
		claim     bool
		signature string
		advice    string
	}{
		{s.one, true, "first", "Save ends the claim of the same process"},
		{s.other, false, "second", "Save replaces a signature, also of another process"},
		{s.one, false, "of another length", "Save replaces a signature"},
	}
	for _, step := range steps {
		if step.claim {
			if err := expect(ctx, step.store, name, granted, "the name is free"); err != nil {
				return err
			}
		}
		if err := s.saveAndExpect(ctx, step.store, name, step.signature, step.advice); err != nil {
			return err
		}
	}
	if err := s.saveAndExpect(ctx, s.one, newName(), "unclaimed", "Save needs no claim"); err != nil {
		return err
	}
	claimed := newName()
	if err := expect(ctx, s.one, claimed, granted, "the name is free"); err != nil {
		return err
	}
	return s.saveAndExpect(ctx, s.other, claimed, "late", "Save ends the claim of another process: a caller whose lease ended may still save")
}

// saveAndExpect saves a signature, and claims its name with both stores.
func (s *suite) saveAndExpect(ctx context.Context, store sign.Store, name, signature, advice string) error {
	if err := save(ctx, store, name, signature, hourFromNow()); err != nil {
		return err
	}
	for _, reader := range []sign.Store{s.one, s.other} {
		if err := expect(ctx, reader, name, saved(signature), advice); err != nil {
			return err
		}
	}
	return nil
}

// keepsBeyondLease saves under a claim, and waits until its lease is over.
func (s *suite) keepsBeyondLease(ctx context.Context) error {
	const lease = time.Second
	name := newName()
	if got, err := claim(ctx, s.one, name, lease); err != nil || got != granted {
		return errors.Join(err, fmt.Errorf("got %v from Claim for a free name", got))
	}
	if err := save(ctx, s.one, name, "signature", hourFromNow()); err != nil {
		return err
	}
	if err := sleep(ctx, lease+lease/2); err != nil {
		return err
	}
	return expect(ctx, s.other, name, saved("signature"), "the end of the lease must not remove the signature")
}

// extends replaces a signature by one that expires later, and waits until the first one would
// have expired.
func (s *suite) extends(ctx context.Context) error {
	const lifetime = 2 * time.Second
	name := newName()
	if err := save(ctx, s.one, name, "first", time.Now().Add(lifetime)); err != nil {
		return err
	}
	if err := save(ctx, s.other, name, "second", hourFromNow()); err != nil {
		return err
	}
	if err := sleep(ctx, lifetime+lifetime/4); err != nil {
		return err
	}
	return expect(ctx, s.one, name, saved("second"), "a signature expires at its own time, not when the one before it would have")
}

// keepsBytes checks signatures with the sizes of ECDSA, of RSA and of the limit.
func (s *suite) keepsBytes(ctx context.Context) error {
	var every strings.Builder
	for i := range 256 {
		every.WriteByte(byte(i))
	}
	backwards := []byte(every.String())
	for i := range backwards {
		backwards[i] = byte(255 - i)
	}
	for _, signature := range []string{
		every.String(),
		string(backwards) + every.String(), // 512 bytes
		every.String()[192:],               // 64 bytes, none of which are ASCII
		"\x30\x45\r\n\x00 \t\x00\n",        // ends that text would lose
		"\x00", " ", "\xff\xfe", "null", `"\u0000"`, "-1",
	} {
		if err := s.saveAndExpect(ctx, s.one, newName(), signature, "it must come back byte for byte"); err != nil {
			return err
		}
	}
	return nil
}

// copiesSlices changes slices after Save and Claim.
func (s *suite) copiesSlices(ctx context.Context) error {
	name, signature := newName(), []byte("signature")
	passed := bytes.Clone(signature)
	if err := s.one.Save(ctx, name, passed, hourFromNow()); err != nil {
		return fmt.Errorf("calling Save: %w", err)
	}
	if !bytes.Equal(passed, signature) {
		return errors.New("the argument of Save changed")
	}
	clear(passed)
	for range 2 {
		got, _, err := s.one.Claim(ctx, name, time.Minute)
		if err != nil {
			return fmt.Errorf("calling Claim: %w", err)
		}
		if !bytes.Equal(signature, got) {
			return errors.New("a signature changed with the slice of a caller: copy it in Save and in Claim")
		}
		clear(got)
	}
	return nil
}

// keepsUntilExpiry saves signatures that expire shortly before the end of a second. A store
// that drops the fraction of a second loses them too early.
func (s *suite) keepsUntilExpiry(ctx context.Context) error {
	const slack = 100 * time.Millisecond
	name := newName()
	expires := time.Now().Truncate(time.Second).Add(3*time.Second - 50*time.Millisecond)
	if err := save(ctx, s.one, name, "signature", expires); err != nil {
		return err
	}
	for time.Until(expires) > slack {
		got, err := claim(ctx, s.other, name, time.Millisecond)
		if err != nil {
			return err
		}
		if left := time.Until(expires); got != saved("signature") && left > slack {
			return fmt.Errorf("got %v from Claim %v before the signature expires: round up", got, left.Round(time.Millisecond))
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// keepsForLong uses the last second that CloudFront reads.
func (s *suite) keepsForLong(ctx context.Context) error {
	const last = 9_223_372_036
	name := newName()
	if err := save(ctx, s.one, name, "s", time.Unix(last, 0)); err != nil {
		return err
	}
	return expect(ctx, s.other, name, saved("s"), "a policy may expire as late as in 2262")
}

// separatesNames saves a signature for each of many similar names.
func (s *suite) separatesNames(ctx context.Context) error {
	base := newName()
	middle := len(base) / 2
	var names []string
	for _, c := range "aAzZ09-_" {
		names = append(names, string(c)+base[1:], base[:middle]+string(c)+base[middle+1:], base[:len(base)-1]+string(c))
	}
	want := map[string]string{} // base may be one of the others
	for i, name := range names {
		want[name] = fmt.Sprintf("signature %d", i)
		if err := save(ctx, s.one, name, want[name], hourFromNow()); err != nil {
			return err
		}
	}
	for name, signature := range want {
		if err := expect(ctx, s.other, name, saved(signature), "compare all characters of a name, with their case"); err != nil {
			return err
		}
	}
	return nil
}

// worksConcurrently claims and saves a few names from many goroutines.
func (s *suite) worksConcurrently(ctx context.Context) error {
	const goroutines, rounds = 8, 10
	names := []string{newName(), newName(), newName(), newName()}
	errs := make([]error, goroutines)
	var wait sync.WaitGroup
	for i := range goroutines {
		store := s.one
		if i%2 == 1 {
			store = s.other
		}
		wait.Go(func() {
			errs[i] = recovered(func() error {
				for j := range rounds {
					if err := takeTurn(ctx, store, names[(i+j)%len(names)]); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// takeTurn does what a cache does. The signature is made of the name.
func takeTurn(ctx context.Context, store sign.Store, name string) error {
	signature := strings.Repeat(name, 5)
	got, err := claim(ctx, store, name, 5*time.Millisecond)
	switch {
	case err != nil:
		return err
	case got != granted && got != taken && got != saved(signature):
		return fmt.Errorf("got %v from Claim, but another one was saved under the name", got)
	case !got.claimed:
		return nil
	}
	return save(ctx, store, name, signature, hourFromNow())
}
