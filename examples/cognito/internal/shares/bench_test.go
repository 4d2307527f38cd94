// SPDX-License-Identifier: Apache-2.0

package shares_test

import (
	"testing"

	"github.com/cfsign/cfsign/examples/cognito/internal/shares"
	"github.com/cfsign/cfsign/examples/cognito/internal/shares/postgrestest"
)

// BenchmarkStore measures Has, which runs for every request of a folder that is not the user's own,
// in one goroutine and in as many as there are processors, and for comparison a change.
func BenchmarkStore(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchmark(b, inFile) })
	b.Run("PostgreSQL", func(b *testing.B) { benchmark(b, postgrestest.New(b).DSN) })
}

func benchmark(b *testing.B, database fresh) {
	dsn := database(b)
	store := open(b, dsn)
	fill(b, dsn, shares.Limit-1)
	b.Run("Has", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			has(b, store)
		}
	})
	b.Run("Has in parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				has(b, store)
			}
		})
	})
	b.Run("Add and Remove", func(b *testing.B) {
		for b.Loop() {
			add(b, store, "anna", "last")
			if err := store.Remove(b.Context(), "anna", "last"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func has(b *testing.B, store *shares.Store) {
	if has, err := store.Has(b.Context(), "anna", "user500"); !has || err != nil {
		b.Error(has, err)
	}
}
