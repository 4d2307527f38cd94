// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

var errNilContext = errors.New("awskms: the context is nil: pass one, such as context.Background()")

// Operations of KMS.
const (
	getPublicKey = "GetPublicKey"
	signDigest   = "Sign"
)

// A call is one operation of KMS in one Region, with all retries. It ends with ctx.
type call struct {
	operation string
	region    *region
	timeout   time.Duration

	caller context.Context // without the timeout
	ctx    context.Context
	end    context.CancelFunc
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
		share := "which is Options.Timeout"
		if c.region.label != "" {
			share = "which is its share of the time"
		}
		return c.wrap(awserror.Ended(end, fmt.Sprintf("KMS did not answer within %v, %s", c.timeout.Round(time.Millisecond), share), err))
	}
	return c.wrap(awserror.Classify(err))
}

func (c *call) wrap(err error) error {
	place := c.region.name
	if c.region.label != "" && !arn.IsARN(place) {
		place += " in " + c.region.label
	}
	return fmt.Errorf("awskms: %s %s: %w", c.operation, place, err)
}
