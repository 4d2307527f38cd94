// SPDX-License-Identifier: Apache-2.0

package shares

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

const (
	// connections is per process. A server has 100 of them by default.
	connections = 10
	// connectionLife is when a connection is replaced, so that a new server behind the same
	// name is found.
	connectionLife = 30 * time.Minute
	// migrationLock is a number of our own among the advisory locks of the database.
	migrationLock = 0x636673_73686172 // "cfs", "shar"
)

func openPostgres(ctx context.Context, dsn string) (*sql.DB, error) {
	config, err := parsePostgres(dsn)
	if err != nil {
		return nil, err
	}
	// Looks once a second, until migrationPatience ends.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(migrationLock), lock.WithLockTimeout(1, uint64(migrationPatience/time.Second)))
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxLifetime(connectionLife)
	if err := migrate(ctx, db, goose.DialectPostgres, goose.WithSessionLocker(locker)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// parsePostgres reads a URL. What it says about a malformed one is not what the parsers say: those
// repeat it, and leave the password out only where they find it.
func parsePostgres(dsn string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(dsn)
	if err != nil || strings.Contains(dsn, "#") || strings.Contains(u.RequestURI(), "@") {
		// "/", "?" or "#" in a password would make the rest of it the name of a database.
		return nil, fmt.Errorf("%w: the URL of the PostgreSQL server is malformed: percent-encode the special characters of its password", ErrDSN)
	}
	config, err := pgx.ParseConfig(dsn)
	if missing, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("%w: a file of the URL of the PostgreSQL server: %w", ErrDSN, missing)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: write postgres://user:password@host:5432/database?sslmode=verify-full, with parameters that libpq knows", ErrDSN)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = patience
	}
	return config, nil
}
