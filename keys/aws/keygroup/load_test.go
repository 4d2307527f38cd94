// SPDX-License-Identifier: Apache-2.0

package keygroup_test

import (
	"context"
	"crypto"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// TestNoViewerNotices: viewers fetch private files from a local edge all the time, with new
// links and with old ones. Meanwhile, keys are rotated by processes that are killed at random
// points and started again. The edge refuses nobody, and the removed keys are gone.
func TestNoViewerNotices(t *testing.T) {
	s := newSite(t)
	s.cloudFront.SetClock(nil)
	s.cloudFront.SetQuotas(awslocal.Quotas{PublicKeys: 1000, PublicKeysInKeyGroup: 1000})
	s.cloudFront.SetDelay(20 * time.Millisecond)
	s.options.Clock, s.options.MinAge = time.Now, 0
	s.options.KeepRetired = lifetime + time.Second // a process signs with the old key until the switch has returned
	signer, err := sign.New(s.store.id, s.store.current, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.options.InUse = func(context.Context) ([]string, error) {
		var ids []string
		for _, k := range signer.RetiredKeys() {
			ids = append(ids, k.KeyPairID)
		}
		return ids, nil
	}
	s.store.onSwitch = func(ctx context.Context, id string, key crypto.Signer) error { return signer.Rotate(ctx, id, key) }
	viewers := startViewers(t, s, signer)
	rotations, killed := 0, 0
	for end := time.Now().Add(loadTime(t)); time.Now().Before(end); {
		if rotateAndKill(t, s) {
			killed++
		}
		rotations++
	}
	viewers.stop()
	if _, err := s.rotator(t, s.client, s.options).Rotate(t.Context(), s.store); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d processes, %d of them killed, made %d keys; %d requests, %d refused; CloudFront has %d keys",
		rotations, killed, s.store.created, viewers.requests.Load(), viewers.refused.Load(), len(s.account(t).Keys))
	switch {
	case viewers.requests.Load() == 0 || killed == 0 || s.store.created == 0:
		t.Error("nothing was tried")
	case len(s.account(t).Keys) > s.store.created:
		t.Error("no key was removed")
	}
}

// lifetime is how long a link is valid.
const lifetime = 2 * time.Second

// loadTime is how long the viewers fetch: CFSIGN_LOAD, or a few lifetimes.
func loadTime(t *testing.T) time.Duration {
	text := os.Getenv("CFSIGN_LOAD")
	if text == "" {
		return 4 * lifetime
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal("CFSIGN_LOAD:", err)
	}
	return max(d, 4*lifetime)
}

// rotateAndKill runs a process that rotates, and that dies at a random point. It reports
// whether it died before it had finished.
func rotateAndKill(t *testing.T, s *site) bool {
	t.Helper()
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	const points = 150
	death := &death{at: 1 + rand.N(points), kill: kill}
	_, err := s.rotator(t, newClient(s.url, death), s.options).Rotate(ctx, &mortal{s.store, death})
	if err != nil && !death.dead {
		t.Error("the process failed: ", err)
	}
	return err != nil
}

// viewers fetch until they are stopped.
type viewers struct {
	requests, refused atomic.Int64
	stop              func()
}

func startViewers(t *testing.T, s *site, signer *sign.Signer) *viewers {
	t.Helper()
	server := httptest.NewServer(newEdge(t, s))
	t.Cleanup(server.Close)
	v := &viewers{}
	var running sync.WaitGroup
	done := make(chan struct{})
	v.stop = sync.OnceFunc(func() { close(done); running.Wait() })
	t.Cleanup(v.stop)
	for range 2 {
		running.Go(func() {
			var links []link
			for {
				select {
				case <-done:
					return
				default:
				}
				expires := time.Now().Add(lifetime).Truncate(time.Second)
				url, err := signer.URL(context.Background(), server.URL+"/a.txt", expires)
				if err != nil {
					t.Error(err)
					return
				}
				links = append(links, link{url, expires})
				v.fetch(t, links[len(links)-1])
				v.fetch(t, links[0])
				links = slices.DeleteFunc(links, func(l link) bool { return time.Until(l.expires) < time.Second/10 })
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	return v
}

// A link is a signed URL.
type link struct {
	url     string
	expires time.Time
}

func (v *viewers) fetch(t *testing.T, l link) {
	response, err := http.Get(l.url)
	if err != nil {
		t.Error("no answer")
		return
	}
	defer response.Body.Close()
	if !time.Now().Before(l.expires) {
		return // this machine was too slow
	}
	v.requests.Add(1)
	if response.StatusCode != http.StatusOK {
		v.refused.Add(1)
		t.Error("refused: ", response.Header.Get(edge.ExplanationHeader))
	}
}

// newEdge returns an edge that trusts what CloudFront's edge locations trust at the time of
// each request.
func newEdge(t *testing.T, s *site) http.Handler {
	t.Helper()
	var mu sync.Mutex
	var distribution edge.Distribution
	var last []string
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		trusted, err := keys.NewSet(s.cloudFront.Trusted(distributionID))
		if err == nil && !slices.Equal(trusted.IDs(), last) {
			last = trusted.IDs()
			err = distribution.Update(edge.Config{
				Debug:  true,
				Logger: slog.New(slog.DiscardHandler),
				Default: edge.Behavior{
					Origin:               edge.Bucket(fstest.MapFS{"a.txt": {Data: []byte("private")}}),
					TrustedKeyGroups:     []keys.Set{trusted},
					ViewerProtocolPolicy: edge.AllowAll,
				},
			})
		}
		mu.Unlock()
		if err != nil {
			t.Error(err)
		}
		distribution.ServeHTTP(w, r)
	})
}
