// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// TestSigner rotates a signer by the secret alone, and verifies what it signs with what
// the secret says is trusted.
func TestSigner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		var told events
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Observe: told.add})
		signer, err := sign.New("K1", keyA, sign.Options{})
		if err != nil {
			t.Fatal(err)
		}
		end := start(t, source, signer.Rotate)
		const file = "https://cdn.example.com/report.pdf"
		var links []string
		check := func(id string) {
			t.Helper()
			link, err := signer.URL(t.Context(), file, time.Now().Add(24*time.Hour))
			if err != nil || !strings.Contains(link, "Key-Pair-Id="+id+"&") {
				t.Errorf("not signed with %s: %v", id, err)
			}
			links = append(links, link)
			for _, link := range links[max(0, len(links)-2):] { // the key before is trusted, too
				verifier := verify.Verifier{Keys: source.Trusted()}
				if _, err := verifier.Verify(verify.Request{URL: link}); err != nil {
					t.Error(err)
				}
			}
		}
		check("K1")
		m.put(pairJSON("K2", keyB))
		time.Sleep(5*time.Minute + time.Second)
		check("K2")

		m.put(pairJSON("K2", keyC)) // half a rotation
		time.Sleep(time.Hour)
		check("K2")
		errs := told.take()
		for _, err := range errs {
			checkOnly(t, err, keys.ErrMismatch)
		}
		if len(errs) < 10 {
			t.Errorf("Observe was told %d errors in an hour", len(errs))
		}

		m.put(pairJSON("K3", keyC))
		time.Sleep(5*time.Minute + time.Second)
		check("K3")
		m.put(pairJSON("K2", keyB)) // and back
		time.Sleep(5*time.Minute + time.Second)
		check("K2")
		if err := end(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
