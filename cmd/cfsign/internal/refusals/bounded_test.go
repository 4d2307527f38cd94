// SPDX-License-Identifier: Apache-2.0

package refusals

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBounded: what is kept is complete and the same, in whichever order and in however many maps the
// keys came.
func TestBounded(t *testing.T) {
	const keys, limit = 500, 20
	isFirst := func(key string) bool { return key == "7" }
	random := rand.New(rand.NewPCG(1, 2))
	var want map[string]int
	for round := range 50 {
		var order []string
		for i := range keys {
			for range i%5 + 1 { // how often the key comes
				order = append(order, strconv.Itoa(i))
			}
		}
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		maps := make([]*bounded[int], round%4+1)
		for i := range maps {
			maps[i] = newBounded[int](limit, isFirst)
		}
		for i, key := range order {
			if n := maps[i%len(maps)].get(key); n != nil {
				*n++
			}
		}
		all := newBounded[int](limit, isFirst)
		for _, m := range maps {
			if len(m.values) > 2*limit {
				t.Fatalf("%d keys are kept", len(m.values))
			}
			all.merge(m, func(to, from *int) { *to += *from })
		}
		got := map[string]int{}
		for key, n := range all.values {
			got[key] = *n
			if i, _ := strconv.Atoi(key); *n != i%5+1 {
				t.Errorf("%s came %d times, and %d are counted", key, i%5+1, *n)
			}
		}
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) != limit || !all.full || got["7"] == 0 {
			t.Fatalf("round %d: %d keys: %s", round, len(got), diff)
		}
	}
}

// TestSpread: the quantiles are right within 1.6 %, also of two merged spreads.
func TestSpread(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, largest := range []int64{1, 60, 130, 5000, 1 << 20, 1 << 33} {
		a, b := &spread{}, &spread{}
		var values []int64
		for i := range 2001 {
			value := random.Int64N(largest + 1)
			values = append(values, value)
			[]*spread{a, b}[i%2].add(value)
		}
		a.merge(b)
		slices.Sort(values)
		for _, share := range []float64{0.5, 0.9} {
			want := values[int(share*float64(len(values))+0.5)-1]
			if got := a.upTo(share); got < want || float64(got) > float64(want)*1.016+1 {
				t.Errorf("up to %d: %v is %d, want %d", largest, share, got, want)
			}
		}
		if a.most != values[len(values)-1] || a.n != int64(len(values)) {
			t.Errorf("up to %d: %d values, at most %d", largest, a.n, a.most)
		}
	}
}
