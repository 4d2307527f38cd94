// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

var (
	// ErrFull means that a key group or the account has as many public keys as CloudFront
	// allows. Remove one that nothing needs; the text of the error names them.
	ErrFull = errors.New("CloudFront allows no more public keys")
	// ErrNotTrusted means that a key group does not have the key that signs now, so its
	// distributions refuse what the key signs, or it is the wrong key group.
	ErrNotTrusted = errors.New("the key that signs now is not trusted")
	// ErrConflict means that somebody else changed the key group or the public key again and
	// again at the same time. Try again later.
	ErrConflict = errors.New("somebody else changes it at the same time")
)

var (
	errNilContext = errors.New("keygroup: the context is nil: pass one, such as context.Background()")
	errNilStore   = errors.New("keygroup: the store is nil: pass one, such as awssecrets.NewStore returns")
)

// call makes a request, and returns the SDK's error as an error of package keys.
func call[In, Out any](ctx context.Context, operation string, do func(context.Context, *In, ...func(*cloudfront.Options)) (*Out, error), input *In) (*Out, error) {
	output, err := do(ctx, input)
	switch {
	case err == nil && output == nil:
		return nil, incomplete(operation)
	case err == nil:
		return output, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("keygroup: %s: %w", operation, awserror.Ended(ctx.Err(), "the context ended before CloudFront answered", err))
	}
	return nil, fmt.Errorf("keygroup: %s: %w", operation, awserror.Classify(err))
}

func incomplete(operation string) error {
	return fmt.Errorf("keygroup: %s: %w", operation, awserror.Incomplete())
}

// is reports whether err is the SDK's error of type E.
func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// isConflict reports whether somebody else was faster, or whether CloudFront has not listed a
// change yet.
func isConflict(err error) bool {
	return is[*types.PublicKeyAlreadyExists](err) || is[*types.PreconditionFailed](err) || is[*types.InvalidIfMatchVersion](err)
}

// isFull reports whether a quota is used up.
func isFull(err error) bool {
	return is[*types.TooManyPublicKeys](err) || is[*types.TooManyPublicKeysInKeyGroup](err)
}
