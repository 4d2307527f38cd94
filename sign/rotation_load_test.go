// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"strconv"
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
	"github.com/cfsign/cfsign/sign"
)

// A turnover is a distribution whose key is replaced again and again, and clients that
// notice if a request is denied.
type turnover struct {
	server *edgetest.Server
	config edge.Config
	signer *sign.Signer
	cache  *sign.Cache
	folder policy.Resource

	begun     atomic.Int64 // the number of the key in the last call of Rotate
	done      atomic.Int64 // the number of the key in the last call that has returned
	signed    atomic.Int64
	requests  atomic.Int64
	mostKeys  int
	rotations int
}

// TestRotationUnderLoad replaces the key in the four steps of CloudFront's key groups
// while clients sign and fetch. CFSIGN_LOAD says for how long, with a rotation every
// second; without it there are ten in a second. No request may be denied, and nothing
// may be signed with a key after it was replaced.
func TestRotationUnderLoad(t *testing.T) {
	duration, every, least := time.Second, 100*time.Millisecond, int64(1)
	if text := os.Getenv("CFSIGN_LOAD"); text != "" {
		var err error
		if duration, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
		every, least = time.Second, 100
	}
	turnover := newTurnover(t)
	ctx, cancel := context.WithTimeout(t.Context(), duration)
	defer cancel()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { turnover.fetch(ctx, t, i) })
	}
	all.Go(func() { turnover.rotate(ctx, t, every) })
	all.Wait()
	t.Logf("%d rotations in %v, at most %d trusted keys, %d signatures, %d requests, none denied",
		turnover.rotations, duration, turnover.mostKeys, turnover.signed.Load(), turnover.requests.Load())
	if turnover.rotations == 0 || turnover.requests.Load() < least {
		t.Error("too little happened")
	}
	if most := 2*int(3*time.Second/every) + 2; turnover.mostKeys > most {
		t.Errorf("%d keys were trusted at once, and nothing was signed for more than 3 seconds", turnover.mostKeys)
	}
}

func newTurnover(t *testing.T) *turnover {
	t.Helper()
	key, err := keys.GenerateECDSA()
	if err != nil {
		t.Fatal(err)
	}
	o := &turnover{config: edge.Config{Default: edge.Behavior{Origin: edge.Bucket(fstest.MapFS{"u/a.txt": {Data: []byte("a")}})}}}
	if o.signer, err = sign.New(keyNumber(0), key, sign.Options{}); err != nil {
		t.Fatal(err)
	}
	if o.cache, err = sign.NewCache(o.signer, time.Second, sign.CacheOptions{Window: time.Second}); err != nil {
		t.Fatal(err)
	}
	if o.folder, err = policy.Under(base+"/", "u"); err != nil {
		t.Fatal(err)
	}
	o.config.Default.TrustedKeyGroups = []keys.Set{o.signer.Trusted()}
	o.server = edgetest.NewDistribution(t, o.config)
	return o
}

// keyNumber returns an ID that contains the number of the key.
func keyNumber(n int64) string { return "K" + strconv.FormatInt(n, 10) }

// rotate goes through the four steps again and again.
func (o *turnover) rotate(ctx context.Context, t *testing.T, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for n := int64(1); ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		key, err := o.newKey(n)
		if err != nil {
			t.Error(err)
			return
		}
		// 1. The key group trusts the new key, too. What has expired by now leaves it:
		// steps 3 and 4 of the rotations before.
		next, err := keys.NewSet(map[string]crypto.PublicKey{keyNumber(n): key.Public()})
		if err != nil {
			t.Error(err)
			return
		}
		trusted := o.signer.Trusted()
		o.config.Default.TrustedKeyGroups = []keys.Set{trusted, next}
		o.server.Update(t, o.config)
		o.mostKeys = max(o.mostKeys, len(trusted.IDs())+1)
		// 2. The application signs with it.
		o.begun.Store(n)
		if err := o.signer.Rotate(ctx, keyNumber(n), key); err != nil {
			if ctx.Err() == nil {
				t.Error(err)
			}
			return
		}
		o.done.Store(n)
		o.rotations++
		if n%4 == 0 {
			ticker.Reset(time.Millisecond) // The next one comes before this key has signed much.
		} else {
			ticker.Reset(every)
		}
	}
}

// newKey returns a key of one kind after the other: P-256 of the standard library, the
// same behind another type, and RSA.
func (o *turnover) newKey(n int64) (crypto.Signer, error) {
	if n%5 == 0 {
		return testkeys.RSA(), nil
	}
	key, err := keys.GenerateECDSA()
	if n%2 == 0 && err == nil {
		return faultyKey{Signer: key, public: key.Public()}, nil
	}
	return key, err
}

// fetch signs in one way after the other, and uses what was signed for as long as it is
// valid.
func (o *turnover) fetch(ctx context.Context, t *testing.T, i int) {
	client := o.server.NewViewer(netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)})).Client
	client.Jar = nil
	defer client.CloseIdleConnections()
	for ; ctx.Err() == nil; i++ {
		least := o.done.Load()
		rawURL, cookies, expires, err := o.sign(ctx, i)
		if err != nil {
			if ctx.Err() == nil {
				t.Error(err)
			}
			return
		}
		o.signed.Add(1)
		if n := signedBy(rawURL, cookies); n < least || n > o.begun.Load() {
			t.Errorf("signed with key %d, after it was replaced by %d", n, least)
			return
		}
		// Some of it is used at once, and some until it expires.
		keep := i%32 < 3
		for again := true; again && ctx.Err() == nil; again = keep {
			err := o.get(ctx, client, rawURL, cookies)
			if !time.Now().Before(expires) {
				break // It may have been denied because of that.
			}
			if err != nil && ctx.Err() == nil {
				t.Errorf("way %d: %v", i%3, err)
				return
			}
			o.requests.Add(1)
			time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
		}
	}
}

// sign returns a URL, or cookies for it, signed in the i-th way.
func (o *turnover) sign(ctx context.Context, i int) (rawURL, cookies string, expires time.Time, err error) {
	const file = base + "/u/a.txt"
	expires = time.Unix(time.Now().Unix()+2, 0)
	var signed sign.SignedPolicy
	switch i % 3 {
	case 0:
		rawURL, err = o.signer.URL(ctx, file, expires)
		return rawURL, "", expires, err
	case 1:
		signed, err = o.cache.SignResource(ctx, o.folder, policy.Conditions{})
	default:
		var p policy.Policy
		if p, err = policy.Custom(o.folder, policy.Conditions{Expires: expires}); err == nil {
			signed, err = o.signer.Sign(ctx, p)
		}
	}
	if err != nil {
		return "", "", expires, err
	}
	var pairs []string
	for name, value := range signed.CookieSet().All() {
		pairs = append(pairs, name+"="+value)
	}
	return file, strings.Join(pairs, "; "), signed.Policy().Expires(), nil
}

// signedBy returns the number of the key.
func signedBy(rawURL, cookies string) int64 {
	_, rest, found := strings.Cut(rawURL, "Key-Pair-Id=K")
	if !found {
		_, rest, _ = strings.Cut(cookies, "CloudFront-Key-Pair-Id=K")
	}
	number, _, _ := strings.Cut(strings.ReplaceAll(rest, ";", "&"), "&")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func (o *turnover) get(ctx context.Context, client *http.Client, rawURL, cookies string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		return err
	}
	if cookies != "" {
		request.Header.Set("Cookie", cookies)
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
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", response.StatusCode, body)
	}
	return nil
}
