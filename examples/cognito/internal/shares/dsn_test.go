// SPDX-License-Identifier: Apache-2.0

package shares_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/examples/cognito/internal/shares"
)

// TestDSN: what names no database is refused, no file is created, and nothing of it is repeated.
func TestDSN(t *testing.T) {
	const first, last = "hunter2", "sesame"
	const password = first + "/" + last
	tests := []struct{ dsn, why string }{
		{"", "nothing"},
		{"file:", "no name"},
		{"file:shares.db?mode=ro", "SQLite's parameters"},
		{"shares.db?_pragma=synchronous(off)", "the driver's parameters"},
		{"file://localhost/shares.db", "a host"},
		{"file:///shares.db", "a URL, which would be decoded"},
		{"mysql://root:" + password + "@localhost/shares", "another database"},
		{"Postgres://root:" + password + "@localhost/shares", "capitals"},
		{"host=localhost password=" + password, "libpq's other form would be the name of a file"},
		{"postgres:root:" + password + "@localhost", "no slashes"},
		{"postgres://root:" + password + "@localhost/shares", "a slash in the password"},
		{"postgres://root:12/" + password + "@localhost/shares", "a slash, and the rest would be the name of a database"},
		{"postgres://root:12?" + password + "@localhost/shares", "a question mark"},
		{"postgres://root:12#" + password + "@localhost/shares", "a hash"},
		{"postgres://root:12#" + password, "a hash without a host"},
		{"postgres://root:%zz" + password + "@localhost/shares", "a percent sign"},
		{"postgres://root:" + first + " " + last + "@local host/shares", "a space in the host"},
		{"postgres://root:" + first + last + "@localhost:port/shares", "no port"},
		{"postgres://root:" + first + last + "@localhost:99999/shares", "no such port"},
		{"postgres://root:" + first + last + "@localhost/shares?sslmode=yes", "no such mode"},
		{"postgres://root:" + first + last + "@localhost/shares?sslmode=verify-full&sslrootcert=missing.pem", "no such file"},
		{"postgres://root:" + first + last + "@localhost/shares?connect_timeout=soon", "no number"},
		{"postgres://root@localhost/shares?password=" + first + last + "&sslmode=" + first, "in the query"},
		{"postgresql://root:" + first + last + "@localhost/shares?sslmode=\x00", "a control character"},
	}
	t.Chdir(t.TempDir())
	for _, tt := range tests {
		store, err := shares.Open(t.Context(), tt.dsn)
		if !errors.Is(err, shares.ErrDSN) || store != nil {
			t.Errorf("%s: %v", tt.why, err)
		}
		checkSecret(t, err, first, last)
	}
	if entries, err := os.ReadDir("."); len(entries) != 0 || err != nil {
		t.Errorf("%v were created, %v", entries, err)
	}
}

// checkSecret looks for a secret in an error and everything that it wraps.
func checkSecret(t *testing.T, err error, secrets ...string) {
	t.Helper()
	for _, each := range tree(err) {
		for _, format := range []string{"%v", "%+v", "%#v", "%q"} {
			text := fmt.Sprintf(format, each)
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%T has the password in it: %s", each, text)
				}
			}
		}
	}
}

func tree(err error) []error {
	if err == nil {
		return nil
	}
	all := []error{err}
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		all = append(all, tree(wrapper.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, each := range wrapper.Unwrap() {
			all = append(all, tree(each)...)
		}
	}
	return all
}
