// SPDX-License-Identifier: Apache-2.0

package shares_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cfsign/cfsign/examples/cognito/internal/shares"
	"github.com/cfsign/cfsign/examples/cognito/internal/shares/postgrestest"
)

// TestPostgresGone: the server is killed under a store and comes back. Meanwhile everything is an
// error; afterwards the same store works, and nothing is lost.
func TestPostgresGone(t *testing.T) {
	server := postgrestest.New(t)
	dsn := server.DSN(t)
	store := open(t, dsn)
	add(t, store, "anna", "bert")
	for range 3 {
		server.Stop(t)
		for name, operate := range operations(store) {
			err := operate(t.Context())
			if err == nil || errors.Is(err, shares.ErrUser) || errors.Is(err, shares.ErrTooMany) {
				t.Errorf("%s: %v", name, err)
			}
			checkSecret(t, err, postgrestest.Password)
		}
		server.Start(t)
		if has, err := store.Has(t.Context(), "anna", "bert"); !has || err != nil {
			t.Errorf("the server is back: %t, %v", has, err)
		}
	}
	server.Stop(t)
	if _, err := shares.Open(t.Context(), dsn); err == nil {
		t.Error("no server is needed")
	}
	server.Start(t)
}

// TestPostgresRefusals: what the server or the network says has no password in it.
func TestPostgresRefusals(t *testing.T) {
	server := postgrestest.New(t)
	dsn := server.DSN(t)
	const wrong = "swordfish-swordfish"
	tests := []struct{ dsn, why string }{
		{strings.Replace(dsn, postgrestest.Password, wrong, 1), "another password"},
		{strings.Replace(dsn, "shares:"+postgrestest.Password, "root:"+wrong, 1), "no such user"},
		{strings.Replace(dsn, "test1", "missing", 1), "no such database"},
		{dsn + "&application_name=x&no_such_setting=1", "no such setting of the server"},
		{"postgres://shares:" + wrong + "@localhost:1/shares", "nobody listens"},
		{"postgres://shares:" + wrong + "@shares.invalid/shares", "no such host"},
		{"postgres://shares:" + wrong + "@" + silent(t) + "/shares?connect_timeout=1", "no answer"},
		{strings.Replace(dsn, "?", "?sslmode=verify-full&", 1) + "&host=localhost", "no TLS"},
	}
	for _, tt := range tests {
		store, err := shares.Open(t.Context(), tt.dsn)
		if err == nil || store != nil {
			t.Errorf("%s: %v", tt.why, err)
		}
		checkSecret(t, err, wrong, postgrestest.Password)
		if connecting, ok := errors.AsType[*pgconn.ConnectError](err); ok {
			t.Errorf("%s: %v leads to the password", tt.why, connecting)
		}
	}
}

// silent returns the address of a server that takes connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// TestPostgresSilent: an end of the context ends the waiting for a server that says nothing.
func TestPostgresSilent(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := shares.Open(ctx, "postgres://shares:secret@"+silent(t)+"/shares"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
