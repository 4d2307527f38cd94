// SPDX-License-Identifier: Apache-2.0

package postgrestest

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// SQL runs a statement in the database with the URL.
func (s *Server) SQL(t testing.TB, dsn, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // nothing is lost
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
