// SPDX-License-Identifier: Apache-2.0

package shares

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Reasons that are the caller's. Every other error is the database's: later, the same call may
// work.
var (
	// ErrUser: an ID is not 1 to 128 letters, digits, "-" and "_", or somebody shares with
	// himself.
	ErrUser = errors.New("not an ID of a user to share with")
	// ErrTooMany: the owner has [Limit] shares already.
	ErrTooMany = errors.New("the owner has too many shares")
	// ErrDSN: what was given to [Open] names neither a file nor a PostgreSQL server.
	ErrDSN = errors.New("not a database")
)

// failed says what was being done when err came up. What the database was opened with is
// neither in the text nor to be found by [errors.As].
func failed(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if connecting, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		err = connecting.Unwrap() // without its Config, which has the password
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		return fmt.Errorf("%s: %w: %w", doing, ended, err) // SQLite says "interrupted"
	}
	return fmt.Errorf("%s: %w", doing, err)
}
