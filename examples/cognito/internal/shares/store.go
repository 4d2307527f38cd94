// SPDX-License-Identifier: Apache-2.0

package shares

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// patience is how long one operation may take where the caller's context allows more. A server
// that hangs would otherwise hold every request until its viewer gives up.
const patience = 10 * time.Second

// A Store is an open database of shares. Make it with [Open]. Its methods may be called by several
// goroutines at the same time. Each ends when its context does, or after ten seconds, with an error
// that is [context.Canceled] or [context.DeadlineExceeded].
type Store struct {
	db *sql.DB
	// changing has a place for each change that runs: fewer than there are connections, so that
	// those that wait for a lock leave some for questions.
	changing chan struct{}
}

// Open opens a database, creates its tables or brings them up to date, and waits for others who are
// doing that, for a minute at most. dsn is one of:
//   - postgres://user:password@host:5432/database?sslmode=verify-full, a PostgreSQL server
//   - shares.db or file:shares.db, a file for SQLite, of which only the folder has to exist. What
//     follows "file:" is the name as it is, without parameters
//   - :memory:, SQLite's database that ends with the store, for tests
//
// Anything else is [ErrDSN]. No error has the password in it.
func Open(ctx context.Context, dsn string) (*Store, error) {
	open := openSQLite
	if isPostgres(dsn) {
		open = openPostgres
	}
	ctx, cancel := context.WithTimeout(ctx, migrationPatience)
	defer cancel()
	db, err := open(ctx, dsn)
	if err != nil {
		return nil, failed(ctx, "opening the database of shares", err)
	}
	return &Store{db: db, changing: make(chan struct{}, max(1, db.Stats().MaxOpenConnections/2))}, nil
}

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// Ping reports whether the database answers, for a health check.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return failed(ctx, "reaching the database of shares", s.db.PingContext(ctx))
}

// Close waits for the operations that have begun and closes the database. Later ones fail.
func (s *Store) Close() error {
	return failed(context.Background(), "closing the database of shares", s.db.Close())
}
