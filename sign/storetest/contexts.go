// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cfsign/cfsign/sign"
)

// TestSilent returns an error unless all calls of the store return soon after their context
// ends, with the error of the context. The server of the store must be silent: it accepts
// requests and does not answer, like a process that was stopped with SIGSTOP.
//
// A cache waits for its store before each signature. If a store ignores the end of the
// context, a silent server stops all callers.
func TestSilent(ctx context.Context, store sign.Store) error {
	if ctx == nil {
		return errNoContext
	}
	if store == nil {
		return errors.New("storetest: the store is nil")
	}
	slow, cancel := context.WithTimeout(ctx, 4*mostDelay)
	defer cancel()
	first := start(func() error { return expect(slow, store, newName(), granted, "") })
	_ = sleep(ctx, lasting/4) // If it opens a connection, the others must not wait for it.
	var checks []check
	for _, m := range methods(store) {
		checks = append(checks,
			check{m.name + ", deadline", func(ctx context.Context) error { return m.endsAtDeadline(ctx) }},
			check{m.name + ", canceled", func(ctx context.Context) error { return m.endsWhenCanceled(ctx) }})
	}
	err := run(ctx, checks)
	select {
	case result := <-first:
		return errors.Join(fmt.Errorf("storetest: the server is not silent, or Claim gave up long before its deadline, with error %v", result), err)
	default:
		return err
	}
}

// lasting is how long the contexts of TestSilent last. mostDelay is how much longer a call may
// take on a busy machine.
const lasting, mostDelay = 250 * time.Millisecond, 5 * time.Second

// start calls f in a goroutine.
func start(f func() error) <-chan error {
	returned := make(chan error, 1)
	go func() { returned <- recovered(f) }()
	return returned
}

// endsWithContext checks contexts that ended before the call.
func (s *suite) endsWithContext(ctx context.Context) error {
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	late, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
	defer cancel()
	for _, ended := range []context.Context{canceled, late} {
		for _, store := range []sign.Store{s.one, s.other} {
			for _, m := range methods(store) {
				if err := m.failsWith(ended); err != nil {
					return fmt.Errorf("%s: %w", m.name, err)
				}
			}
		}
	}
	return nil
}

// A method is a method of a store, with a new name in each call.
type method struct {
	name string
	call func(context.Context) error
}

func methods(s sign.Store) []method {
	return []method{
		{"Claim", func(ctx context.Context) error {
			signature, claimed, err := s.Claim(ctx, newName(), time.Minute)
			if err != nil && (claimed || signature != nil) {
				return fmt.Errorf("it returned %v together with an error", answer{string(signature), claimed})
			}
			return err
		}},
		{"Save", func(ctx context.Context) error {
			return s.Save(ctx, newName(), []byte("signature"), hourFromNow())
		}},
	}
}

// failsWith calls the method with a context that ends before the server answers.
func (m method) failsWith(ctx context.Context) error {
	err := m.call(ctx)
	switch {
	case err == nil:
		return errors.New("it returned no error after the context ended")
	case !errors.Is(err, ctx.Err()):
		return fmt.Errorf("got error %w: return the error of the context, wrapped", err)
	}
	return nil
}

func (m method) endsAtDeadline(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lasting)
	defer cancel()
	return m.endsSoon(ctx)
}

func (m method) endsWhenCanceled(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer time.AfterFunc(lasting, cancel).Stop()
	return m.endsSoon(ctx)
}

// endsSoon calls the method with a context that ends within [lasting].
func (m method) endsSoon(ctx context.Context) error {
	select {
	case err := <-start(func() error { return m.failsWith(ctx) }):
		return err
	case <-time.After(lasting + mostDelay):
		return fmt.Errorf("it did not return within %v after the context ended", mostDelay)
	}
}
