// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"crypto"
)

// A Store keeps the key pair that your applications sign with and, during a rotation, the
// next pair. A [Rotator] calls one method at a time.
//
// Each method must be safe to repeat, because a rotation can be interrupted at any time. Do
// not run two rotations of one store at once, because one of them may fail, and you may get one
// key too many.
type Store interface {
	// Current returns the public key of the pair that applications sign with, or nil if
	// there is none yet.
	Current(ctx context.Context) (crypto.PublicKey, error)
	// Next returns the public key of the pair that Create made, or nil if there is none, or
	// if Switch has made it the current one.
	Next(ctx context.Context) (crypto.PublicKey, error)
	// Create makes the next pair, keeps it, and returns its public key. Keep the private key
	// before you return: CloudFront gets the public key afterwards. A Rotator calls Create only
	// if Next returns nil, or if it gives up the pair that Next returns because that key is
	// retired. Then Create must make another one.
	Create(ctx context.Context) (crypto.PublicKey, error)
	// Switch makes the next pair the current one. next is its public key, and keyPairID the ID
	// that CloudFront has given to it. If another process has made another next pair in the
	// meantime, Switch must change nothing and return an error: CloudFront does not trust that
	// pair yet.
	Switch(ctx context.Context, next crypto.PublicKey, keyPairID string) error
}
