// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cfsign/cfsign/sign"
)

// claimsOnce checks a new name, and one that many callers claim at once.
func (s *suite) claimsOnce(ctx context.Context) error {
	name := newName()
	if err := expect(ctx, s.one, name, granted, "a name that was never used is free"); err != nil {
		return err
	}
	for _, store := range []sign.Store{s.other, s.one} {
		if err := expect(ctx, store, name, taken, "a claim holds for its lease, also against its owner"); err != nil {
			return err
		}
	}
	const rounds = 4
	for range rounds {
		claims, err := s.race(ctx, newName())
		if err != nil {
			return err
		}
		if claims == 0 {
			return errors.New("none of many callers at once got the claim of a free name")
		}
	}
	return nil
}

// race has many callers claim a name at once, and returns how many got the claim: one or none.
func (s *suite) race(ctx context.Context, name string) (claims int, err error) {
	const callers = 16
	answers := make([]answer, callers)
	errs := make([]error, callers)
	begin := make(chan struct{})
	var wait sync.WaitGroup
	for i := range callers {
		store := s.one
		if i%2 == 1 {
			store = s.other
		}
		wait.Go(func() {
			<-begin
			errs[i] = recovered(func() (err error) {
				answers[i], err = claim(ctx, store, name, time.Minute)
				return err
			})
		})
	}
	close(begin)
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	for _, a := range answers {
		switch a {
		case granted:
			claims++
		case taken:
		default:
			return 0, fmt.Errorf("got %v from Claim, but no caller has saved one", a)
		}
	}
	if claims > 1 {
		return 0, fmt.Errorf("%d of %d callers at once got the claim: look and claim in one step", claims, callers)
	}
	return claims, nil
}

// endsLeases waits for the end of leases. A cache has leases below a second by default.
func (s *suite) endsLeases(ctx context.Context) error {
	const rounds = 2
	for _, lease := range []time.Duration{250 * time.Millisecond, time.Second} {
		for range rounds {
			if err := s.endsLease(ctx, lease); err != nil {
				return err
			}
		}
	}
	return nil
}

// endsLease has many callers claim a name again and again, until the lease of the first claim
// ends. Then one of them gets the claim, as for a new name.
func (s *suite) endsLease(ctx context.Context, lease time.Duration) error {
	const slack = 100 * time.Millisecond // the clocks of two machines do not run equally
	name, begin := newName(), time.Now()
	if got, err := claim(ctx, s.one, name, lease); err != nil || got != granted {
		return errors.Join(err, fmt.Errorf("got %v from Claim for a free name", got))
	}
	for {
		claims, err := s.race(ctx, name)
		passed := time.Since(begin)
		switch {
		case err != nil:
			return fmt.Errorf("%v after a claim with a lease of %v: %w", passed.Round(time.Millisecond), lease, err)
		case claims == 1 && passed < lease-slack:
			return fmt.Errorf("the claim ended %v after it was made, and its lease is %v", passed.Round(time.Millisecond), lease)
		case claims == 1:
			return expect(ctx, s.one, name, taken, "the second claim holds like the first one")
		case passed > lease+patience:
			return fmt.Errorf("the claim did not end within %v, and its lease is %v", passed.Round(time.Second), lease)
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// takesShortLeases claims a name for a millisecond, again and again.
func (s *suite) takesShortLeases(ctx context.Context) error {
	name := newName()
	for range 3 {
		for begin := time.Now(); ; {
			got, err := claim(ctx, s.one, name, time.Millisecond)
			if err != nil {
				return err
			}
			if got == granted {
				break
			}
			if time.Since(begin) > patience {
				return fmt.Errorf("a claim for a millisecond did not end within %v", patience)
			}
			if err := sleep(ctx, 10*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

// sleep returns an error if ctx ends before d is over.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
