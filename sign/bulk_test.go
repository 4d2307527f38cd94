// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

func manyURLs(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s/files/%d.jpg", base, i))
	}
	return all
}

// TestBulkKeepsOrder: the result is the same as with one call after the other.
func TestBulkKeepsOrder(t *testing.T) {
	signer := newSigner(t, testkeys.P256(), 0)
	rawURLs := manyURLs(100)
	var want []string
	for _, rawURL := range rawURLs {
		signed, err := signer.URL(t.Context(), rawURL, expires)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, signed)
	}
	for _, workers := range []int{-1, 0, 1, 7, 1000} {
		var progress []int
		got, err := signer.URLs(t.Context(), rawURLs, expires, sign.BulkOptions{Workers: workers, Progress: func(done int) { progress = append(progress, done) }})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d workers (-want +got):\n%s", workers, diff)
		}
		if diff := cmp.Diff(count(len(rawURLs)), progress); diff != "" {
			t.Errorf("%d workers: progress (-want +got):\n%s", workers, diff)
		}
	}
	if got, err := signer.URLs(t.Context(), nil, expires, sign.BulkOptions{}); err != nil || len(got) != 0 {
		t.Errorf("no URLs: %v, %v", got, err)
	}
}

// TestCacheURLs: the bulk form returns what one call after the other does, and the second time
// it needs no key.
func TestCacheURLs(t *testing.T) {
	key := &remoteKey{}
	c := newCache(t, key, time.Hour, sign.CacheOptions{})
	rawURLs := append(manyURLs(50), manyURLs(20)...)
	got, err := c.URLs(t.Context(), rawURLs, sign.BulkOptions{Workers: 4})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, rawURL := range rawURLs {
		signed, err := c.URL(t.Context(), rawURL)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, signed)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := c.Stats().Misses; n != 50 {
		t.Errorf("%d key operations for 50 URLs", n)
	}
	rawURLs[7] = base + "/*"
	_, err = c.URLs(t.Context(), rawURLs, sign.BulkOptions{})
	var failed *sign.BulkError
	if !errors.As(err, &failed) || failed.Index != 7 || !errors.Is(err, policy.ErrWildcard) {
		t.Errorf("an invalid URL: %v", err)
	}
}

// count returns the numbers from 1 to n.
func count(n int) []int {
	var all []int
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

func TestBulkFails(t *testing.T) {
	signer := newSigner(t, testkeys.P256(), 0)
	rawURLs := manyURLs(50)
	rawURLs[20], rawURLs[40] = base+"/*", "ftp://a/"
	for range 20 {
		got, err := signer.URLs(t.Context(), rawURLs, expires, sign.BulkOptions{Workers: 4})
		var failed *sign.BulkError
		if !errors.As(err, &failed) || got != nil {
			t.Fatalf("%v, %v", got, err)
		}
		if want := map[int]error{20: policy.ErrWildcard, 40: policy.Reason("scheme")}[failed.Index]; want == nil || !errors.Is(err, want) {
			t.Fatalf("%d: %v", failed.Index, err)
		}
	}
	var progress []int
	_, err := signer.URLs(t.Context(), rawURLs, expires, sign.BulkOptions{Workers: 1, Progress: func(done int) { progress = append(progress, done) }})
	if diff := cmp.Diff(count(20), progress); err == nil || diff != "" {
		t.Errorf("a URL that failed is counted: %v (-want +got):\n%s", err, diff)
	}
	var noContext context.Context
	if _, err := signer.URLs(noContext, rawURLs, expires, sign.BulkOptions{}); !errors.Is(err, sign.ErrZeroValue) {
		t.Error(err)
	}
	if _, err := (*sign.Signer)(nil).URLs(t.Context(), rawURLs, expires, sign.BulkOptions{}); !errors.Is(err, sign.ErrZeroValue) {
		t.Error(err)
	}
}

// TestBulkPanics: code of the caller that ends a goroutine of URLs neither ends the
// process nor leaves a gap in the result.
func TestBulkPanics(t *testing.T) {
	for name, end := range map[string]func(){"panicked: enough": func() { panic("enough") }, "runtime.Goexit": runtime.Goexit} {
		signer := newSigner(t, testkeys.P256(), 0)
		got, err := signer.URLs(t.Context(), manyURLs(10), expires, sign.BulkOptions{Workers: 3, Progress: func(done int) {
			if done%3 == 0 || done > 7 {
				end()
			}
		}})
		if failed := (*sign.BulkError)(nil); !errors.As(err, &failed) || !strings.Contains(err.Error(), name) || got != nil {
			t.Errorf("%s: %d URLs, %v", name, len(got), err)
		}
	}
}

// TestBulkEndedBy names the first URL that is not signed.
func TestBulkEndedBy(t *testing.T) {
	tests := []struct {
		end    func()
		want   int
		reason string
	}{
		{func() { panic("enough") }, 4, "the turn of the URL has failed"},
		{runtime.Goexit, 5, "the URL was signed, and no worker is left for the next"},
	}
	for _, tt := range tests {
		signer := newSigner(t, testkeys.P256(), 0)
		_, err := signer.URLs(t.Context(), manyURLs(10), expires, sign.BulkOptions{Workers: 1, Progress: func(done int) {
			if done == 5 {
				tt.end()
			}
		}})
		var failed *sign.BulkError
		if !errors.As(err, &failed) || failed.Index != tt.want {
			t.Errorf("%v, want %d, because %s", err, tt.want, tt.reason)
		}
	}
}

// TestBulkBlames: the error names the URL that failed, not the URLs that it stopped.
func TestBulkBlames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{Signer: testkeys.P256(), delay: time.Second, stopped: errors.New("aborted")}
		signer, err := sign.New(keyPairID, key, sign.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rawURLs := manyURLs(3)
		rawURLs[2] = base + "/*"
		_, err = signer.URLs(t.Context(), rawURLs, time.Now().Add(time.Hour), sign.BulkOptions{Workers: 3})
		var failed *sign.BulkError
		if !errors.As(err, &failed) || failed.Index != 2 || !errors.Is(err, policy.ErrWildcard) {
			t.Errorf("%v", err)
		}
	})
}

// TestBulkStops: no operation begins after the context has ended.
func TestBulkStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{Signer: testkeys.P256(), delay: time.Second}
		signer, err := sign.New(keyPairID, key, sign.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
		defer cancel()
		got, err := signer.URLs(ctx, manyURLs(1000), time.Now().Add(time.Hour), sign.BulkOptions{Workers: 10})
		if !errors.Is(err, context.DeadlineExceeded) || got != nil {
			t.Errorf("%d URLs, %v", len(got), err)
		}
		if operations := key.operations.Load(); operations != 40 {
			t.Errorf("%d operations, and four rounds of ten have begun", operations)
		}
	})
}
