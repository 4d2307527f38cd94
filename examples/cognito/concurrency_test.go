// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
	"github.com/cfsign/cfsign/keys"
)

// TestConcurrency has many users share, end shares, look and sign at once, while the key is
// replaced. Nobody gets what is not theirs.
func TestConcurrency(t *testing.T) {
	w := newWorld(t, nil)
	asAlice, asBob := w.token(t, issuer.UseAccess, "alice", nil), w.token(t, issuer.UseID, "bob", nil)
	asCarol := w.token(t, issuer.UseAccess, "bob", map[string]any{"sub": "carol"})
	const rounds = 15
	var wait sync.WaitGroup
	each := func(f func(i int)) {
		wait.Go(func() {
			for i := range rounds {
				f(i)
			}
		})
	}
	either := func(c call, statuses ...int) {
		got := w.send(t, w.Viewer, c)
		for _, status := range statuses {
			if got.StatusCode == status {
				return
			}
		}
		t.Errorf("%s %s: %d: %s", c.method, c.target, got.StatusCode, got.body)
	}
	for range 4 {
		each(func(int) {
			either(call{target: "/sign_cookies?request_path=" + alice, token: asAlice}, 200)
			either(call{target: "/sign_url?path=" + bob + "/report.txt", token: asBob}, 200)
			either(call{target: "/sign_url?path=" + bob + "/report.txt", token: asAlice}, 200, 403, 429)
			either(call{target: "/sign_url?path=" + bob + "/report.txt", token: asCarol}, 403, 429)
			either(call{target: "/shares", token: asAlice}, 200)
		})
		each(func(i int) {
			either(call{method: []string{"PUT", "DELETE"}[i%2], target: "/shares/" + alice, token: asBob}, 204)
		})
	}
	wait.Go(func() {
		for i := range rounds {
			key, err := keys.GenerateECDSA()
			if err == nil {
				err = w.Signer.Rotate(t.Context(), fmt.Sprintf("K%d", i), crypto.Signer(key))
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
	wait.Wait()
	checkSecret(t, w.log.String(), asAlice, asBob, asCarol)
	if w.must(t, w.Viewer, http.StatusOK, call{target: readinessPath}) == (response{}) {
		t.Error("no answer")
	}
}
