// SPDX-License-Identifier: Apache-2.0

package valkeystore_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/valkey-io/valkey-go"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/sign/valkeystore"
	"github.com/cfsign/cfsign/verify"
)

// The environment of a process of the fleet.
const (
	processKMS     = "CFSIGN_FLEET_KMS"     // the URL of the kms
	processServer  = "CFSIGN_FLEET_SERVER"  // the URL of the Valkey server
	processTimeout = "CFSIGN_FLEET_TIMEOUT" // CacheOptions.StoreTimeout

	keyPairID = "K2JCJMDEHXQW5F"
)

// A question asks a process for signatures.
type question struct {
	Folder string
	// Times is how many calls the process makes at once: for the folder, and for a few more
	// that other processes ask for as well.
	Times int
}

// A reply is what a process did for a question.
type reply struct {
	Query                   string
	Calls, Wrong            int
	SlowestCall, SlowestKey time.Duration
	StoreHits, StoreErrors  uint64
	Error                   string
}

// add adds the counts of another reply.
func (r *reply) add(other reply) {
	r.Calls += other.Calls
	r.Wrong += other.Wrong
	r.SlowestCall, r.SlowestKey = max(r.SlowestCall, other.SlowestCall), max(r.SlowestKey, other.SlowestKey)
	r.StoreHits += other.StoreHits
	r.StoreErrors += other.StoreErrors
}

// TestFleetProcess is a process of the fleet, and not a test.
func TestFleetProcess(t *testing.T) {
	if os.Getenv(processKMS) == "" {
		t.Skip("TestFleet starts it as a process of its own")
	}
	timeout, err := time.ParseDuration(os.Getenv(processTimeout))
	if err != nil {
		t.Fatal(err)
	}
	s, err := newServer(os.Getenv(processKMS), os.Getenv(processServer), timeout)
	if err != nil {
		t.Fatal(err)
	}
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var q question
		if err := in.Decode(&q); errors.Is(err, io.EOF) {
			os.Exit(0) // The test framework would write to standard output.
		} else if err != nil {
			t.Fatal(err)
		}
		if err := out.Encode(s.answer(q)); err != nil {
			t.Fatal(err)
		}
	}
}

// A server is what a process of the fleet has.
type server struct {
	cache    *sign.Cache
	verifier verify.Verifier
	key      *remoteKey
	before   sign.CacheStats
}

func newServer(kmsURL, valkeyURL string, timeout time.Duration) (*server, error) {
	option, err := valkey.ParseURL(valkeyURL)
	if err != nil {
		return nil, err
	}
	client, err := valkey.NewClient(option)
	if err != nil {
		return nil, err
	}
	store, err := valkeystore.New(client, valkeystore.Options{})
	if err != nil {
		return nil, err
	}
	key := &remoteKey{url: kmsURL}
	signer, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		return nil, err
	}
	cache, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{Store: store, StoreTimeout: timeout, StoreError: func(error) {}})
	if err != nil {
		return nil, err
	}
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: key.Public()})
	return &server{cache: cache, verifier: verify.Verifier{Keys: trusted}, key: key}, err
}

// answer makes the calls of a question at once.
func (s *server) answer(q question) reply {
	var mu sync.Mutex
	var all reply
	var calls sync.WaitGroup
	for i := range q.Times {
		folder := q.Folder
		if i > 0 {
			folder = fmt.Sprintf("%d-%d", time.Now().Unix(), i%10) // All processes ask for these at about the same time.
		}
		calls.Go(func() {
			r := s.call(folder)
			mu.Lock()
			defer mu.Unlock()
			all.add(r)
			if r.Error != "" {
				all.Error = r.Error
			}
			if i == 0 {
				all.Query = r.Query
			}
		})
	}
	calls.Wait()
	stats := s.cache.Stats()
	all.StoreHits, all.StoreErrors = stats.StoreHits-s.before.StoreHits, stats.StoreErrors-s.before.StoreErrors
	s.before = stats
	all.SlowestKey = s.key.slowest()
	return all
}

// call gets a signature from the cache, and verifies a URL with it.
func (s *server) call(folder string) reply {
	const base = "https://cdn.example.com/users"
	resource, err := policy.Under(base, folder)
	if err != nil {
		return reply{Error: err.Error()}
	}
	begun := time.Now()
	signed, err := s.cache.SignResource(context.Background(), resource, policy.Conditions{})
	r := reply{Calls: 1, SlowestCall: time.Since(begun)}
	if err != nil {
		r.Error = err.Error()
		return r
	}
	r.Query = string(signed.AppendUncheckedQuery(nil))
	if _, err := s.verifier.Verify(verify.Request{URL: base + "/" + folder + "/a.jpg?" + r.Query}); err != nil {
		r.Wrong = 1
	}
	return r
}

// A remoteKey is a key in the kms.
type remoteKey struct {
	url string

	mu      sync.Mutex
	longest time.Duration
}

// Public returns the public key of the kms.
func (k *remoteKey) Public() crypto.PublicKey { return testkeys.P256().Public() }

// Sign is not used: a remoteKey is a keys.ContextSigner.
func (k *remoteKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("without a context")
}

// SignContext asks the kms for a signature.
func (k *remoteKey) SignContext(ctx context.Context, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	begun := time.Now()
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.longest = max(k.longest, time.Since(begun))
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, k.url, bytes.NewReader(digest))
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("kms: %s", body)
	}
	return body, err
}

// slowest returns how long the slowest operation took.
func (k *remoteKey) slowest() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.longest
}
