// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"
	"crypto"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

const keyPairID = "K2JCJMDEHXQW5F"

// A device is a key that can lose its permission.
type device struct {
	crypto.Signer
	denied atomic.Bool
}

func (d *device) Sign(r io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	if d.denied.Load() {
		return nil, keys.ErrAccessDenied
	}
	return d.Signer.Sign(r, digest, o)
}

func newDevice() *device { return &device{Signer: testkeys.P256()} }

// grants gives each user a folder.
func grants(r *http.Request) ([]session.Grant, error) {
	folder, err := policy.Under("https://cdn.example.com/u", r.Header.Get("User"))
	return []session.Grant{{Resource: folder}}, err
}

// visit sends a request of a user through the middleware.
func visit(ctx context.Context, issuer *session.Issuer, user string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "https://app.example.com/", nil)
	r.Header.Set("User", user)
	w := httptest.NewRecorder()
	issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})).ServeHTTP(w, r)
	return w
}

// visitAll has one user get cookies, and one get none because the key is denied.
func visitAll(ctx context.Context, issuer *session.Issuer, key *device) {
	visit(ctx, issuer, "alice")
	key.denied.Store(true)
	visit(ctx, issuer, "bob")
}

// watched returns an issuer with the hooks.
func watched(t *testing.T, key crypto.Signer, keyHook func(context.Context, sign.KeyUse), cookieHook func(context.Context, session.Event)) *session.Issuer {
	t.Helper()
	signer, err := sign.New(keyPairID, key, sign.Options{Observe: keyHook})
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := session.New(signer, grants, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}, Observe: cookieHook})
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}
