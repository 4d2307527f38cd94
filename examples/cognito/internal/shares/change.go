// SPDX-License-Identifier: Apache-2.0

package shares

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Limit is how many users one owner may share with. It keeps one account from filling the database.
const Limit = 1000

// The placeholders and the words of these statements are those that SQLite and PostgreSQL
// have in common.
const (
	// lockOwner makes everybody else who changes the owner's shares wait until the transaction
	// ends. In SQLite they wait from its beginning.
	lockOwner   = `INSERT INTO share_owners (owner) VALUES ($1) ON CONFLICT (owner) DO UPDATE SET owner = excluded.owner`
	countShares = `SELECT count(*), count(*) FILTER (WHERE viewer = $2) FROM shares WHERE owner = $1`
	insertShare = `INSERT INTO shares (owner, viewer, created) VALUES ($1, $2, $3)`
	deleteShare = `DELETE FROM shares WHERE owner = $1 AND viewer = $2`
)

// Add lets user see the folder of owner. A share that is there already is left as it is, with the
// time since when. IDs that are malformed or the same are [ErrUser]; a share more than [Limit] is
// [ErrTooMany].
func (s *Store) Add(ctx context.Context, owner, user string) error {
	if err := checkPair(owner, user); err != nil {
		return err
	}
	if owner == user {
		return fmt.Errorf("%w: everybody has his own folder anyway", ErrUser)
	}
	return failed(ctx, "adding a share", s.change(ctx, owner, func(ctx context.Context, tx *sql.Tx) error {
		there, err := checkRoom(ctx, tx, owner, user)
		if there || err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, insertShare, owner, user, time.Now().Unix())
		return err
	}))
}

// checkRoom reports whether the share is there already. If it is not, and there is no room for it,
// that is an error.
func checkRoom(ctx context.Context, tx *sql.Tx, owner, user string) (there bool, err error) {
	var all, same int
	if err := tx.QueryRowContext(ctx, countShares, owner, user).Scan(&all, &same); err != nil {
		return false, err
	}
	if same == 0 && all >= Limit {
		return false, fmt.Errorf("%w: remove one of %d first", ErrTooMany, all)
	}
	return same != 0, nil
}

// Remove takes away what Add gave. A share that is not there is no error; malformed IDs are
// [ErrUser].
func (s *Store) Remove(ctx context.Context, owner, user string) error {
	if err := checkPair(owner, user); err != nil {
		return err
	}
	return failed(ctx, "removing a share", s.change(ctx, owner, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, deleteShare, owner, user)
		return err
	}))
}

// change runs one transaction at a time for an owner, whichever process it is from. So a change comes
// after all earlier ones, also those of which nobody has heard: a server goes on with the COMMIT
// of a process that is gone, and one that gives access must not come after the one that takes
// it away.
func (s *Store) change(ctx context.Context, owner string, do func(context.Context, *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case s.changing <- struct{}{}:
		defer func() { <-s.changing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing, and before it the error is another
	if _, err := tx.ExecContext(ctx, lockOwner, owner); err != nil {
		return err
	}
	if err := do(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}
