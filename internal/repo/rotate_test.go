// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"crypto"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// TestRotatePage: the test on the page works.
func TestRotatePage(t *testing.T) {
	markdown.CheckExamples(t, "../../docs/rotate.md", "rotate_test.go")
	const file = "https://cdn.example.com/report.pdf"
	group := func(keyPairID string, key crypto.Signer) keys.Set {
		set, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: key.Public()})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	link := func(signer *sign.Signer) string {
		signed, err := signer.URL(t.Context(), file, signer.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	oldKey, newKey := testkeys.P256(), testkeys.OtherP256()
	oldGroup, newGroup := group("K2OLD", oldKey), group("K2NEW", newKey)
	signer, err := sign.New("K2OLD", oldKey, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	bucket := edge.Bucket(fstest.MapFS{"report.pdf": {}})

	cdn := edgetest.New(t, bucket)
	trust := func(groups ...keys.Set) {
		cdn.Update(t, edge.Config{Default: edge.Behavior{Origin: bucket, TrustedKeyGroups: groups}})
	}
	trust(oldGroup)
	before := link(signer) // with the old key

	trust(oldGroup, newGroup)
	if err := signer.Rotate(t.Context(), "K2NEW", newKey); err != nil {
		t.Fatal(err)
	}
	cdn.Allowed(t, before)
	cdn.Allowed(t, link(signer))

	trust(newGroup)
	cdn.Denied(t, before, verify.ErrUnknownKey)
	cdn.Allowed(t, link(signer))
}
