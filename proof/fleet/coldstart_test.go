// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// The fleet that is simulated. A simulation of all of its users takes hours, so it has a part of
// the users and the same part of the quota. Every user still meets many servers.
const (
	servers  = 1000
	allUsers = 1_000_000
	quota    = 500 // signatures a second

	arrivals = time.Hour        // All users of a day come within an hour,
	visit    = 10 * time.Minute // and each of them stays so long,
	requests = 20               // with so many requests at random servers.

	lifetime = time.Hour
	window   = 6 * time.Hour

	// dollars is the price of one signature with P-256. RSA 2048 costs a fifth.
	//
	// Source: "AWS Key Management Service pricing", https://aws.amazon.com/kms/pricing/
	dollars = 0.15 / 10_000
)

var users = flag.Int("users", 500, "simulate so many of the 1,000,000 users, with the same part of the quota")

// TestColdStart starts all servers with empty caches. Then a million users come.
func TestColdStart(t *testing.T) {
	scale := float64(*users) / allUsers
	var unlimited, alone, shared *outcome
	synctest.Test(t, func(t *testing.T) { unlimited = simulate(t, 1e12, nil) })
	synctest.Test(t, func(t *testing.T) { alone = simulate(t, quota*scale, nil) })
	synctest.Test(t, func(t *testing.T) { shared = simulate(t, quota*scale, newStore()) })
	t.Logf("%d of %d users\n%s%s%s%s", *users, allUsers, head,
		unlimited.row("without a store, no quota", scale), alone.row("without a store", scale), shared.row("with a store", scale))
	if most := int64(2 * *users); shared.signed > most { // This window, and perhaps the next one.
		t.Errorf("with a store, %d signatures for %d users", shared.signed, *users)
	}
	if least := int64(*users * requests * 9 / 10); unlimited.signed < least || unlimited.failed > 0 {
		t.Errorf("without a store, %d signatures for %d users, and %d failures", unlimited.signed, *users, unlimited.failed)
	}
	if shared.failed > alone.failed/2 {
		t.Errorf("with a store, %d requests failed, and %d without it", shared.failed, alone.failed)
	}
}

// simulate returns what happens to the users of a day, with a quota of signatures a second.
func simulate(t *testing.T, perSecond float64, shared sign.Store) *outcome {
	t.Helper()
	kms := newKMS(testkeys.P256(), perSecond)
	var fleet []*sign.Cache
	for range servers {
		fleet = append(fleet, newServer(t, kms, shared))
	}
	o := new(outcome)
	var visits sync.WaitGroup
	for user := range *users {
		random := rand.New(rand.NewPCG(1, uint64(user))) // The same in each simulation.
		visits.Go(func() {
			folder := folderOf(t, user)
			time.Sleep(time.Duration(random.Int64N(int64(arrivals))))
			for range requests {
				begun := time.Now()
				_, err := fleet[random.IntN(servers)].SignResource(t.Context(), folder, policy.Conditions{})
				o.add(time.Since(begun), err)
				time.Sleep(time.Duration(random.Int64N(int64(2 * visit / requests))))
			}
		})
	}
	visits.Wait()
	o.signed, o.throttled = kms.signed.Load(), kms.throttled.Load()
	slices.Sort(o.waits)
	return o
}

// newServer returns the cache of one server.
func newServer(t *testing.T, key kms, shared sign.Store) *sign.Cache {
	t.Helper()
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cache, err := sign.NewCache(signer, lifetime, sign.CacheOptions{Store: shared, Window: window})
	if err != nil {
		t.Fatal(err)
	}
	return cache
}

func folderOf(t *testing.T, user int) policy.Resource {
	t.Helper()
	r, err := policy.Under("https://cdn.example.com/users", strconv.Itoa(user))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// An outcome is what happened.
type outcome struct {
	signed, throttled int64

	mu     sync.Mutex
	failed int
	waits  []time.Duration // of the requests that did not fail, the shortest first
}

func (o *outcome) add(wait time.Duration, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		o.failed++
		return
	}
	o.waits = append(o.waits, wait)
}

const head = `
|  | signatures that KMS made | refused by the quota | failed requests of users | median wait | 99 % | longest | dollars a day |
|---|---:|---:|---:|---:|---:|---:|---:|
`

// row returns the outcome for all users.
func (o *outcome) row(name string, scale float64) string {
	all := func(n int64) float64 { return float64(n) / scale }
	return fmt.Sprintf("| %s | %.0f | %.0f | %.2f %% | %v | %v | %v | %.0f |\n", name, all(o.signed), all(o.throttled),
		100*float64(o.failed)/float64(o.failed+len(o.waits)), o.quantile(0.5), o.quantile(0.99), o.quantile(1), dollars*all(o.signed))
}

func (o *outcome) quantile(q float64) time.Duration {
	if len(o.waits) == 0 {
		return 0
	}
	return o.waits[int(q*float64(len(o.waits)-1))].Round(time.Millisecond)
}
