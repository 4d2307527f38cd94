// SPDX-License-Identifier: Apache-2.0

package accesslogs

import (
	"context"
	"io"
)

// An interruptible reader returns the error of its context as soon as the context ends, even if the
// reader below waits.
type interruptible struct {
	ctx    context.Context
	chunks chan chunk
	rest   []byte
	err    error
}

type chunk struct {
	data []byte
	err  error
}

// newInterruptible starts a goroutine that reads r. It ends when r ends, or with the first read
// after the context.
func newInterruptible(ctx context.Context, r io.Reader) *interruptible {
	i := &interruptible{ctx: ctx, chunks: make(chan chunk)}
	go func() {
		for {
			data := make([]byte, 64<<10)
			n, err := r.Read(data)
			select {
			case i.chunks <- chunk{data[:n], err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return i
}

// Read returns what was read below.
func (i *interruptible) Read(p []byte) (int, error) {
	if len(i.rest) == 0 && i.err == nil {
		select {
		case next := <-i.chunks:
			i.rest, i.err = next.data, next.err
		case <-i.ctx.Done():
			return 0, i.ctx.Err()
		}
	}
	n := copy(p, i.rest)
	i.rest = i.rest[n:]
	if len(i.rest) > 0 || i.err == nil {
		return n, nil
	}
	return n, i.err
}
