// SPDX-License-Identifier: Apache-2.0

package edge_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// An attempt is a request and the expected response.
type attempt struct {
	name, url, cookies string
	status             int
	contains           string
}

// TestLoad sends good and bad requests from 100 clients at once, while the configuration is
// replaced. CFSIGN_LOAD sets the duration.
func TestLoad(t *testing.T) {
	duration := 2 * time.Second
	if text := os.Getenv("CFSIGN_LOAD"); text != "" {
		var err error
		if duration, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	before := runtime.NumGoroutine()
	t.Run("clients", func(t *testing.T) {
		bucket := edge.Bucket(fstest.MapFS{"u/7/a.txt": {Data: []byte("seven")}, "u/8/a.txt": {Data: []byte("eight")}, "open/a.txt": {Data: []byte("open")}})
		config := edge.Config{
			Default:   edge.Behavior{Origin: bucket},
			Behaviors: []edge.Behavior{{PathPattern: "open/*", Origin: bucket, Public: true}},
		}
		server := edgetest.NewDistribution(t, config)
		ctx, cancel := context.WithTimeout(t.Context(), duration)
		defer cancel()
		var sent atomic.Int64
		var clients sync.WaitGroup
		attempts := attempts(t, server)
		for i := range 100 {
			clients.Go(func() { load(ctx, t, server, attempts, i, &sent) })
		}
		clients.Go(func() { replace(ctx, t, server, config) })
		clients.Wait()
		t.Logf("%d requests in %v", sent.Load(), duration)
		if sent.Load() < 100 {
			t.Errorf("%d requests were sent", sent.Load())
		}
	})
	for range 600 { // Goroutines need a moment to end, on an emulated processor half a minute.
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines, and %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}

// attempts returns good and bad requests.
func attempts(t *testing.T, server *edgetest.Server) []attempt {
	t.Helper()
	const seven, eight = "https://cdn.example.com/u/7/a.txt", "https://cdn.example.com/u/8/a.txt"
	now := server.Clock.Now()
	canned := server.SignedURL(t, seven, time.Hour)
	resource, err := policy.Under("https://cdn.example.com/u", "7")
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Custom(resource, policy.Conditions{Expires: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := server.Signer.Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	custom, err := signed.URL(seven)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for name, value := range signed.CookieSet().All() {
		pairs = append(pairs, name+"="+value)
	}
	cookies := strings.Join(pairs, "; ")
	return []attempt{
		{"canned", canned, "", 200, "seven"},
		{"custom", custom, "", 200, "seven"},
		{"cookies", seven, cookies, 200, "seven"},
		{"public", "https://cdn.example.com/open/a.txt", "", 200, "open"},
		{"unsigned", seven, "", 403, "MissingKey"},
		{"other folder by cookies", eight, cookies, 403, "AccessDenied"},
		{"other folder by URL", strings.Replace(custom, "/u/7/", "/u/8/", 1), "", 403, "AccessDenied"},
		{"other file by canned URL", strings.Replace(canned, "/u/7/", "/u/8/", 1), "", 403, "AccessDenied"},
		{"unknown key", strings.Replace(custom, edgetest.KeyPairID, "K9", 1), "", 403, "InvalidKey"},
		{"later expiry", strings.Replace(canned, "Expires=1", "Expires=2", 1), "", 403, "AccessDenied"},
		{"plain", "http://cdn.example.com/u/7/a.txt", cookies, 403, "could not be satisfied"},
	}
}

// load sends attempts one after the other. Each client begins with another one.
func load(ctx context.Context, t *testing.T, server *edgetest.Server, attempts []attempt, i int, sent *atomic.Int64) {
	client := server.NewViewer(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})).Client
	client.Jar = nil
	defer client.CloseIdleConnections()
	for ; ctx.Err() == nil; i++ {
		a := attempts[i%len(attempts)]
		if err := a.send(ctx, client); err != nil && ctx.Err() == nil {
			t.Errorf("%s: %v", a.name, err)
			return
		}
		sent.Add(1)
	}
}

func (a attempt) send(ctx context.Context, client *http.Client) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url, nil)
	if err != nil {
		return err
	}
	if a.cookies != "" {
		request.Header.Set("Cookie", a.cookies)
	}
	response, err := client.Do(request)
	if err != nil {
		return errors.Unwrap(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != a.status || !strings.Contains(string(body), a.contains) {
		return fmt.Errorf("status %d, body %q, want %d with %q", response.StatusCode, body, a.status, a.contains)
	}
	return nil
}

// replace adds another trusted key and removes it, again and again.
func replace(ctx context.Context, t *testing.T, server *edgetest.Server, config edge.Config) {
	other, err := keys.NewSet(map[string]crypto.PublicKey{"K3OTHER": testkeys.OtherP256().Public()})
	if err != nil {
		t.Error(err)
		return
	}
	for i := 0; ctx.Err() == nil; i++ {
		c := config
		c.Default.TrustedKeyGroups = [][]keys.Set{{server.Keys}, {other, server.Keys}}[i%2]
		server.Update(t, c)
		time.Sleep(time.Millisecond)
	}
}
