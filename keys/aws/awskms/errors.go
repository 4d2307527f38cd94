// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

var errNilContext = errors.New("awskms: the context is nil: pass one, such as context.Background()")

// A call is one operation of KMS on one key, with all retries. It ends with ctx, or after
// the timeout.
type call struct {
	operation, key string
	timeout        time.Duration

	caller context.Context // without the timeout
	ctx    context.Context
	end    context.CancelFunc
}

// call begins an operation. The caller must call its end.
func (k *key) call(ctx context.Context, operation, key string) *call {
	c := &call{operation: operation, key: key, timeout: k.timeout, caller: ctx}
	c.ctx, c.end = context.WithTimeout(ctx, k.timeout)
	return c
}

// refuse returns an error about an answer.
func (c *call) refuse(reason error, format string, args ...any) error {
	return c.wrap(fmt.Errorf("%w: %s", reason, fmt.Sprintf(format, args...)))
}

// failed returns the error for err, which the client returned. If a context has ended,
// the client says so in many ways, or returns the error of its last attempt.
func (c *call) failed(err error) error {
	if end := c.caller.Err(); end != nil {
		return c.wrap(awserror.Ended(end, "the context ended before KMS answered", err))
	}
	if end := c.ctx.Err(); end != nil {
		return c.wrap(awserror.Ended(end, fmt.Sprintf("KMS did not answer within %v, which is Options.Timeout", c.timeout), err))
	}
	return c.wrap(awserror.Classify(err))
}

func (c *call) wrap(err error) error {
	return fmt.Errorf("awskms: %s %s: %w", c.operation, c.key, err)
}
