// SPDX-License-Identifier: Apache-2.0

package shares_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/examples/cognito/internal/shares"
)

func testVerbs(t *testing.T, store *shares.Store) {
	type share struct{ owner, user string }
	steps := []struct {
		why         string
		add, remove share
		by, with    []string // by "anna", with "Bert"
	}{
		{why: "an empty database"},
		{why: "the first share", add: share{"anna", "Bert"}, by: []string{"Bert"}, with: []string{"anna"}},
		{why: "again", add: share{"anna", "Bert"}, by: []string{"Bert"}, with: []string{"anna"}},
		{why: "the other direction is another share", add: share{"Bert", "anna"}, by: []string{"Bert"}, with: []string{"anna"}},
		{why: "capitals are other letters", add: share{"anna", "bert"}, by: []string{"Bert", "bert"}, with: []string{"anna"}},
		{why: "sorted by bytes: digits, capitals, _, letters", add: share{"anna", "_"}, by: []string{"Bert", "_", "bert"}, with: []string{"anna"}},
		{why: "sorted by bytes: - first", add: share{"anna", "-c"}, by: []string{"-c", "Bert", "_", "bert"}, with: []string{"anna"}},
		{why: "another owner", add: share{"0", "Bert"}, by: []string{"-c", "Bert", "_", "bert"}, with: []string{"0", "anna"}},
		{why: "taken away", remove: share{"anna", "Bert"}, by: []string{"-c", "_", "bert"}, with: []string{"0"}},
		{why: "taken away again", remove: share{"anna", "Bert"}, by: []string{"-c", "_", "bert"}, with: []string{"0"}},
		{why: "never there", remove: share{"anna", "anna"}, by: []string{"-c", "_", "bert"}, with: []string{"0"}},
		{why: "given back", add: share{"anna", "Bert"}, by: []string{"-c", "Bert", "_", "bert"}, with: []string{"0", "anna"}},
	}
	for _, step := range steps {
		if step.add != (share{}) {
			add(t, store, step.add.owner, step.add.user)
		}
		if step.remove != (share{}) {
			if err := store.Remove(t.Context(), step.remove.owner, step.remove.user); err != nil {
				t.Fatalf("%s: %v", step.why, err)
			}
		}
		by, err1 := store.By(t.Context(), "anna")
		with, err2 := store.With(t.Context(), "Bert")
		has, err3 := store.Has(t.Context(), "anna", "Bert")
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatalf("%s: %v", step.why, err)
		}
		if diff := cmp.Diff([][]string{step.by, step.with}, [][]string{by, with}); diff != "" {
			t.Errorf("%s: -want +got\n%s", step.why, diff)
		}
		if want := slices.Contains(step.by, "Bert"); has != want {
			t.Errorf("%s: Has is %t", step.why, has)
		}
	}
}

var malformed = []struct{ id, why string }{
	{"", "nobody"},
	{"*", "a wildcard of CloudFront's"},
	{"?", "another"},
	{"%", "a wildcard of SQL's"},
	{"a/b", "two folders"},
	{"/", "the root"},
	{".", "the folder itself"},
	{"..", "the folder above"},
	{"a.b", "no sub has a dot"},
	{" ", "a space"},
	{"a ", "a space at the end"},
	{"a\n", "a second line in the log"},
	{"a\x00", "an end for C"},
	{"a\\", "a folder of Windows"},
	{"a%2Fb", "percent-encoded"},
	{"'; DROP TABLE shares; --", "SQL"},
	{"' OR '1'='1", "SQL"},
	{"ä", "no ASCII"},
	{"\xff", "no UTF-8"},
	{"a:b", "eu-central-1:... is the ID of an identity pool, not a sub"},
	{strings.Repeat("a", 129), "too long"},
}

func testMalformed(t *testing.T, store *shares.Store) {
	verbs := map[string]func(context.Context, string) error{
		"add by":      func(ctx context.Context, id string) error { return store.Add(ctx, id, "anna") },
		"add with":    func(ctx context.Context, id string) error { return store.Add(ctx, "anna", id) },
		"remove by":   func(ctx context.Context, id string) error { return store.Remove(ctx, id, "anna") },
		"remove with": func(ctx context.Context, id string) error { return store.Remove(ctx, "anna", id) },
		"has by":      func(ctx context.Context, id string) error { return errorOf(store.Has(ctx, id, "anna")) },
		"has with":    func(ctx context.Context, id string) error { return errorOf(store.Has(ctx, "anna", id)) },
		"by":          func(ctx context.Context, id string) error { return errorOf(store.By(ctx, id)) },
		"with":        func(ctx context.Context, id string) error { return errorOf(store.With(ctx, id)) },
	}
	for _, tt := range malformed {
		for name, verb := range verbs {
			err := verb(t.Context(), tt.id)
			if !errors.Is(err, shares.ErrUser) {
				t.Errorf("%s %q (%s): %v", name, tt.id, tt.why, err)
			} else if len(tt.id) > 3 && strings.Contains(err.Error(), tt.id) {
				t.Errorf("%s: %q repeats the ID", name, err)
			}
		}
	}
	if err := store.Add(t.Context(), "anna", "anna"); !errors.Is(err, shares.ErrUser) {
		t.Errorf("with oneself: %v", err)
	}
	for name, list := range map[string]func(context.Context, string) ([]string, error){"by": store.By, "with": store.With} {
		if ids, err := list(t.Context(), "anna"); ids != nil || err != nil {
			t.Errorf("%s: %q, %v", name, ids, err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

func testLongest(t *testing.T, store *shares.Store) {
	owner, user := strings.Repeat("-", 128), strings.Repeat("Z", 128)
	add(t, store, owner, user)
	if has, err := store.Has(t.Context(), owner, user); !has || err != nil {
		t.Error(has, err)
	}
	if has, err := store.Has(t.Context(), owner, user[1:]); has || err != nil {
		t.Error(has, err)
	}
}

// operations are all that a context can end.
func operations(store *shares.Store) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"add":    func(ctx context.Context) error { return store.Add(ctx, "anna", "carl") },
		"remove": func(ctx context.Context) error { return store.Remove(ctx, "anna", "bert") },
		"has":    func(ctx context.Context) error { return errorOf(store.Has(ctx, "anna", "bert")) },
		"by":     func(ctx context.Context) error { return errorOf(store.By(ctx, "anna")) },
		"with":   func(ctx context.Context) error { return errorOf(store.With(ctx, "bert")) },
		"ping":   store.Ping,
	}
}

func testCancelled(t *testing.T, store *shares.Store) {
	add(t, store, "anna", "bert")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, operate := range operations(store) {
		if err := operate(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	cancelMany(t, store)
	if users, err := store.By(t.Context(), "anna"); len(users) != 1 || err != nil {
		t.Errorf("by %q, %v", users, err)
	}
}

// cancelMany cancels operations in their middle. The database is left as it was, and usable.
func cancelMany(t *testing.T, store *shares.Store) {
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			if err := store.Add(ctx, "dora", "emil"); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		group.Go(func() {
			if _, err := store.With(ctx, "emil"); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		cancel()
		group.Wait()
		if err := store.Remove(t.Context(), "dora", "emil"); err != nil {
			t.Fatal(err)
		}
	}
}

func testClosed(t *testing.T, store *shares.Store) {
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for name, operate := range operations(store) {
		if err := operate(t.Context()); err == nil {
			t.Errorf("%s works", name)
		}
	}
}

// testBusy: one store under many goroutines, none of which fails.
func testBusy(t *testing.T, store *shares.Store) {
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			owner := "owner" + string(rune('a'+worker))
			for range 10 {
				err := errors.Join(store.Add(t.Context(), owner, "bert"), store.Add(t.Context(), "all", owner),
					errorOf(store.Has(t.Context(), owner, "bert")), store.Remove(t.Context(), owner, "bert"))
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if users, err := store.By(t.Context(), "all"); len(users) != 16 || err != nil {
		t.Errorf("%d users, %v", len(users), err)
	}
	if owners, err := store.With(t.Context(), "bert"); len(owners) != 0 || err != nil {
		t.Errorf("%q, %v", owners, err)
	}
}
