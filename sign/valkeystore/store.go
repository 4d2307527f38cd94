// SPDX-License-Identifier: Apache-2.0

package valkeystore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/valkey-io/valkey-go"

	"github.com/cfsign/cfsign/sign"
)

// API is the part of [valkey.Client] that a Store uses.
type API interface {
	B() valkey.Builder
	Do(ctx context.Context, command valkey.Completed) valkey.ValkeyResult
}

// Options configure a [Store]. The zero value is ready to use.
type Options struct {
	// Prefix begins the keys of the Store. You can give each application a prefix, and
	// limit its user of the server to it. Empty: "cfsign:".
	Prefix string
	// Clock is the clock of the signer: see sign.Options.Clock. Nil: time.Now.
	Clock func() time.Time
}

// A Store is a [sign.Store] in Valkey or Redis. Create it with [New]: the zero Store panics.
// It is safe for concurrent use.
type Store struct {
	client API
	prefix string
	clock  func() time.Time
}

var _ sign.Store = (*Store)(nil)

// longest is how many bytes a signature can have.
const longest = 512

// New returns a Store that uses client, such as a [valkey.Client]. New makes no requests. It
// returns an error if client is nil.
func New(client API, o Options) (*Store, error) {
	if client == nil {
		return nil, errors.New("valkeystore: the client is nil: pass one, such as from valkey.NewClient")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Store{client: client, prefix: cmp.Or(o.Prefix, "cfsign:"), clock: o.Clock}, nil
}

// Claim returns the signature under name, or claims the name for lease: see [sign.Store].
// It needs one round trip.
//
// Claim returns an error if the server fails, or is older than Redis 7.0, or has something
// else under the key. If ctx ends, the error wraps the error of ctx. The server may still
// make the claim, which then ends with its lease.
func (s *Store) Claim(ctx context.Context, name string, lease time.Duration) (signature []byte, claimed bool, err error) {
	if lease < time.Millisecond {
		return nil, false, fmt.Errorf("valkeystore: the lease is %v: write a millisecond or more", lease)
	}
	// From Redis 7.0, SET with NX and GET returns the old value, or null if it was set.
	// https://valkey.io/commands/set/
	command := s.client.B().Set().Key(s.prefix + name).Value("").Nx().Get().PxMilliseconds(lease.Milliseconds()).Build()
	result, err := s.do(ctx, "claim", command)
	if err != nil {
		return nil, false, err
	}
	value, err := result.ToString()
	switch {
	case valkey.IsValkeyNil(err):
		return nil, true, nil
	case err != nil:
		return nil, false, failed("claim", err)
	case value == "": // the claim of another caller
		return nil, false, nil
	case len(value) > longest:
		return nil, false, fmt.Errorf("valkeystore: claim: the key has %d bytes, but a signature has at most %d: use a prefix that nothing else uses", len(value), longest)
	}
	return []byte(value), false, nil
}

// Save stores signature under name until expires: see [sign.Store]. The server gets the time
// that is left, so its clock does not matter.
//
// Save returns an error if the server fails, or if the signature is empty, too long or has
// expired. If ctx ends, the error wraps the error of ctx. The server may still save the
// signature.
func (s *Store) Save(ctx context.Context, name string, signature []byte, expires time.Time) error {
	left := expires.Sub(s.clock())
	switch {
	case len(signature) == 0 || len(signature) > longest:
		return fmt.Errorf("valkeystore: the signature has %d bytes: pass 1 to %d", len(signature), longest)
	case left <= 0:
		return fmt.Errorf("valkeystore: the signature expired %v ago: save it earlier, or set Options.Clock to the signer's clock", -left)
	}
	// The command may go on after Save has returned, so it gets a copy.
	command := s.client.B().Set().Key(s.prefix + name).Value(string(signature)).PxMilliseconds(left.Milliseconds() + 1).Build()
	result, err := s.do(ctx, "save", command)
	if err != nil {
		return err
	}
	if err := result.Error(); err != nil {
		return failed("save", err)
	}
	return nil
}

// giveUp is how long a command may go on. It is as long as Dialer.Timeout and ConnWriteTimeout
// of [valkey.ClientOption] together, with their defaults. So the client usually gives up
// earlier, but it would follow the redirects of a cluster forever.
const giveUp = 15 * time.Second

// do sends a command, and returns when ctx ends. The command goes on without ctx. With ctx, the
// caller that makes the client connect would fail all others when its context ends, and others
// would wait for it longer than they may. The goroutine ends when the client gives up, or after
// [giveUp].
func (s *Store) do(ctx context.Context, operation string, command valkey.Completed) (valkey.ValkeyResult, error) {
	if err := ctx.Err(); err != nil {
		return valkey.ValkeyResult{}, fmt.Errorf("valkeystore: %s: %w", operation, err)
	}
	results := make(chan valkey.ValkeyResult, 1)
	go func() {
		alone, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUp)
		defer cancel()
		results <- s.client.Do(alone, command)
	}()
	select {
	case result := <-results:
		return result, nil
	case <-ctx.Done():
		return valkey.ValkeyResult{}, fmt.Errorf("valkeystore: %s: no answer from the server: %w", operation, ctx.Err())
	}
}
