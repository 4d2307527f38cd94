// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"context"
	"fmt"
	"time"
)

// A call is one operation of KMS on one key, with its retries.
type call struct {
	operation, key string
	timeout        time.Duration

	caller context.Context // the one that was handed over
	ctx    context.Context // the same, with the timeout
	end    context.CancelFunc
}

// call begins an operation. Its end must be called.
func (k *key) call(ctx context.Context, operation, key string) *call {
	c := &call{operation: operation, key: key, timeout: k.timeout, caller: ctx}
	c.ctx, c.end = context.WithTimeout(ctx, k.timeout)
	return c
}

// refuse returns an error of one kind about an answer.
func (c *call) refuse(kind error, format string, args ...any) error {
	return c.failure(kind, fmt.Sprintf(format, args...), nil)
}

// failed returns the error for one of the client.
func (c *call) failed(err error) error {
	behind := withoutAnswer(err)
	// At its end, the client says so in many ways, or what came of its last attempt.
	if ended := c.caller.Err(); ended != nil {
		return c.failure(ended, "the context ended before KMS answered", behind)
	}
	if ended := c.ctx.Err(); ended != nil {
		return c.failure(ended, fmt.Sprintf("KMS did not answer within %v, which is Options.Timeout", c.timeout), behind)
	}
	detail, kind := classify(err)
	return c.failure(kind, detail, behind)
}

func (c *call) failure(kind error, detail string, cause error) error {
	return &failure{text: fmt.Sprintf("awskms: %s %s: %v: %s", c.operation, c.key, kind, detail), kind: kind, cause: &cause}
}
