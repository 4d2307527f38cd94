// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"errors"

	"github.com/cfsign/cfsign/internal/scheme"
)

// Reasons why a key that is kept elsewhere could not be had or used. The packages that
// reach such keys wrap them, so that an application tells them apart with errors.Is,
// wherever its key is. An end of time is [context.DeadlineExceeded] or
// [context.Canceled] as usual.
var (
	// ErrAccessDenied: the caller may not use the key, or prove who it is. Waiting does
	// not help.
	ErrAccessDenied = errors.New("access to the key is denied")
	// ErrKeyNotFound: there is no such key, secret or parameter.
	ErrKeyNotFound = errors.New("there is no such key")
	// ErrDisabled: the key is disabled.
	ErrDisabled = errors.New("the key is disabled")
	// ErrPendingDeletion: the key, or the secret, is going to be deleted.
	ErrPendingDeletion = errors.New("the key is pending deletion")
	// ErrThrottled: there were too many requests. Later, it works.
	ErrThrottled = errors.New("the key was asked too often")
	// ErrUnavailable: the service does not answer, answers nonsense, or says that the
	// fault is its own. Later, it may work.
	ErrUnavailable = errors.New("the key cannot be reached")
	// ErrSignature: a signature does not verify with the public key of the key that was
	// asked for it, and was not handed out. It is sign.ErrSignature.
	ErrSignature = scheme.ErrSignature
	// ErrMismatch: a private key does not belong to the public key that was expected, or
	// to the ID under which another key is known.
	ErrMismatch = errors.New("the private key does not belong to the public key")
	// ErrHash: the key does not sign digests of that hash, or the digest is not one of
	// it. Keys that are kept elsewhere sign SHA-256 only. It is sign.ErrHash.
	ErrHash = scheme.ErrHash
)
