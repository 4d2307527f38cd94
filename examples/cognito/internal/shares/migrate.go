// SPDX-License-Identifier: Apache-2.0

package shares

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

const (
	// migrationPatience is how long Open may take where the caller's context allows more.
	migrationPatience = time.Minute
	// versions is not goose's own name, which another application in the same database may use.
	versions = "shares_versions"
)

//go:embed migrations/*.sql
var embedded embed.FS

// migrate creates the tables, or brings them up to date. Each migration is one transaction together
// with its entry in the table of versions.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, options ...goose.ProviderOption) error {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return err
	}
	options = append(options, goose.WithTableName(versions), goose.WithDisableGlobalRegistry(true))
	provider, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}
