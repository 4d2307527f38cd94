// SPDX-License-Identifier: Apache-2.0

package shares

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// inMemory is the name of the database that ends with its connection.
const inMemory = ":memory:"

// settings are those of every connection: transactions take the lock for writing at once, because
// one that began by reading cannot always get it any more; who waits for it does so as long as his
// context says; and a commit is on the disk when it returns.
const settings = "?_txlock=immediate&_pragma=busy_timeout(60000)&_pragma=foreign_keys(on)&_pragma=synchronous(full)"

func openSQLite(ctx context.Context, dsn string) (*sql.DB, error) {
	path, err := sqlitePath(dsn)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", path+settings)
	if err != nil {
		return nil, err
	}
	if path == inMemory {
		db.SetMaxOpenConns(1) // each connection has another database
		err = migrate(ctx, db, goose.DialectSQLite3)
	} else {
		bound := 2 * runtime.GOMAXPROCS(0)
		db.SetMaxOpenConns(bound)
		db.SetMaxIdleConns(bound)
		err = prepareFile(ctx, db, path)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// sqlitePath returns the name of the file. It refuses what somebody may have meant for something
// else, because SQLite would create a file of that name, and it may have a password in it.
func sqlitePath(dsn string) (string, error) {
	path, explicit := strings.CutPrefix(dsn, "file:")
	strange := strings.HasPrefix(path, "//") || !explicit && strings.ContainsAny(path, "=:") && path != inMemory
	if path == "" || strange || strings.ContainsAny(path, "?\x00") {
		return "", fmt.Errorf("%w: write postgres://user:password@host:5432/database?sslmode=verify-full, or file:/var/lib/shares.db, a name without \"?\"", ErrDSN)
	}
	return path, nil
}

// prepareFile creates the file and its tables.
func prepareFile(ctx context.Context, db *sql.DB, path string) error {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return err // SQLite says only that it cannot open the file
	}
	unlock, err := lockFile(ctx, path)
	if err != nil {
		return err
	}
	defer unlock()
	if err := create(path); err != nil {
		return err
	}
	// WAL stays set in the file. Readers do not wait for a commit, nor a commit for them.
	if _, err := db.ExecContext(ctx, "PRAGMA journal_mode = wal"); err != nil {
		return err
	}
	return migrate(ctx, db, goose.DialectSQLite3)
}

// create makes the file for its owner alone; SQLite would let everybody read who knows whom. Nobody
// else has the file open then: closing it would take away the locks that SQLite holds on it for
// another store of this process. So it is called with the lock, and a file that is there is not opened.
func create(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// lockFile makes others who open the same database wait, since goose has no lock for SQLite. It is the
// lock of a database beside it, which stays empty; so every system that SQLite knows has it, and
// it ends with the process. SQLite creates it, for the reason that create has.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	db, err := sql.Open("sqlite", path+".lock"+settings)
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() {
		_ = tx.Rollback() // nothing was written
		_ = db.Close()
	}, nil
}
