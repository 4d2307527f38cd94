// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"
	"crypto"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// newIssuer returns an issuer with hooks for its key, its cookies and its cache.
func newIssuer(keyPairID string, key crypto.Signer, grants func(*http.Request) ([]session.Grant, error), logger *slog.Logger, r prometheus.Registerer) (*session.Issuer, error) {
	signer, err := sign.New(keyPairID, key, sign.Options{
		Observe: all(logKey(logger), prometheusKey(r), traceKey),
	})
	if err != nil {
		return nil, err
	}
	issuer, err := session.New(signer, grants, session.Options{
		Attributes: sign.CookieAttributes{Domain: "example.com"},
		Observe:    all(logCookies(logger), prometheusCookies(r), traceCookies),
	})
	if err != nil {
		return nil, err
	}
	prometheusCache(r, issuer.Stats)
	return issuer, nil
}

// all returns a hook that calls several hooks.
func all[T any](hooks ...func(context.Context, T)) func(context.Context, T) {
	return func(ctx context.Context, event T) {
		for _, hook := range hooks {
			hook(ctx, event)
		}
	}
}
