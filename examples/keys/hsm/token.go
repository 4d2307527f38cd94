// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ThalesGroup/crypto11"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// atOnce is how many signatures a token is asked for at the same time, in a session
// each. A small device makes them one after the other anyway, and has few sessions:
// a YubiHSM 2 has 16 for all programs together.
const atOnce = 8

// A token is a PKCS#11 token that this process is logged in to. It is safe for
// concurrent use.
//
// Once it is lost (pulled out, restarted, logged out by another part of the process)
// every operation fails with [keys.ErrUnavailable], and it has to be opened again. It
// does not do so itself: it would have to keep the PIN, and a PIN that has become
// wrong, tried again and again, locks the token.
type token struct {
	context *crypto11.Context
	places  chan struct{} // as many as there are sessions
	// close waits for the operations under way, and logs out. It may be called twice.
	close func()
}

// openToken loads a PKCS#11 module, and logs in to the token with the label.
//
// PKCS#11 knows one login for a process and token: while the token is open
// already, the PIN is not looked at.
//
// It returns [keys.ErrUnavailable] if there is no such module or token, and
// [keys.ErrAccessDenied] for a wrong PIN. No error contains the PIN.
func openToken(module, label, pin string) (*token, error) {
	switch {
	case module == "" || label == "":
		return nil, errors.New("hsm: a token is found by the file of its module and its label: name both")
	case pin == "":
		return nil, fmt.Errorf("hsm: %w: the PIN is empty", keys.ErrAccessDenied)
	}
	context, err := crypto11.Configure(&crypto11.Config{
		Path:        module,
		TokenLabel:  label,
		Pin:         pin,
		MaxSessions: atOnce + 1, // one stays logged in, on behalf of the others
	})
	if err != nil {
		return nil, notOpened(module, label, err)
	}
	return &token{
		context: context,
		places:  make(chan struct{}, atOnce),
		close:   sync.OnceFunc(func() { _ = context.Close() }), // a second Close of crypto11 panics
	}, nil
}

// signer returns a signer with the key pair that has the label. It can be used until
// the token is closed. The errors are those of find and [sign.New].
func (t *token) signer(ctx context.Context, label, keyPairID string) (*sign.Signer, error) {
	key, err := t.find(ctx, label)
	if err != nil {
		return nil, err
	}
	return sign.New(keyPairID, key, sign.Options{})
}

// find returns the key pair whose private key has the label, after a signature to
// try it: what is wrong with a key shows at the start, not when the first viewer
// comes.
//
// It returns [keys.ErrKeyNotFound]; [keys.ErrNoKey] if several have the label;
// [keys.ErrUnsupportedKey] for a key that is neither RSA with 2,048 bits nor P-256; and the
// errors of [tokenKey.SignContext].
func (t *token) find(ctx context.Context, label string) (*tokenKey, error) {
	if label == "" {
		return nil, fmt.Errorf("hsm: %w: the label is empty", keys.ErrKeyNotFound)
	}
	pairs, err := t.context.FindKeyPairs(nil, []byte(label))
	switch {
	case err != nil:
		return nil, unusable(err)
	case len(pairs) == 0:
		return nil, t.notFound(label)
	case len(pairs) > 1:
		return nil, fmt.Errorf("hsm: %w: %d key pairs have the label %q: give each one of its own", keys.ErrNoKey, len(pairs), label)
	}
	key, err := newTokenKey(pairs[0], t.places)
	if err != nil {
		return nil, fmt.Errorf("hsm: the key %q: %w", label, err)
	}
	if err := key.try(ctx); err != nil {
		return nil, fmt.Errorf("hsm: trying the key %q: %w", label, err)
	}
	return key, nil
}
