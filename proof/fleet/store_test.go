// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"bytes"
	"context"
	"sync"
	"time"
)

const storeLatency = time.Millisecond

// A store is a model of Valkey: it answers after a millisecond.
type store struct {
	mu     sync.Mutex
	values map[string]value
}

// A value is a signature or, if that is empty, a claim.
type value struct {
	signature []byte
	until     time.Time
}

func newStore() *store { return &store{values: map[string]value{}} }

// Claim is as sign.Store says.
func (s *store) Claim(ctx context.Context, name string, lease time.Duration) ([]byte, bool, error) {
	if err := wait(ctx, storeLatency); err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.values[name]; ok && time.Now().Before(v.until) {
		return v.signature, false, nil
	}
	s.values[name] = value{until: time.Now().Add(lease)}
	return nil, true, nil
}

// Save is as sign.Store says.
func (s *store) Save(ctx context.Context, name string, signature []byte, expires time.Time) error {
	if err := wait(ctx, storeLatency); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[name] = value{bytes.Clone(signature), expires}
	return nil
}
