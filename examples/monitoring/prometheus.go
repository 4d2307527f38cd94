// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// prometheusKey records how long the key takes, by outcome.
func prometheusKey(r prometheus.Registerer) func(context.Context, sign.KeyUse) {
	seconds := promauto.With(r).NewHistogramVec(prometheus.HistogramOpts{
		Name: "cfsign_key_seconds", Help: "Uses of the private key.",
	}, []string{"outcome", "background"})
	return func(_ context.Context, u sign.KeyUse) {
		seconds.WithLabelValues(outcome(u.Err), strconv.FormatBool(u.Background)).Observe(u.Duration.Seconds())
	}
}

// prometheusCookies counts responses by what happened to the cookies.
func prometheusCookies(r prometheus.Registerer) func(context.Context, session.Event) {
	events := promauto.With(r).NewCounterVec(prometheus.CounterOpts{
		Name: "cfsign_cookies_total", Help: "Responses by what happened to the cookies of the viewer.",
	}, []string{"kind", "pending"})
	return func(_ context.Context, e session.Event) {
		events.WithLabelValues(string(e.Kind), strconv.FormatBool(e.Pending > 0)).Inc()
	}
}

// prometheusCache reads the counters of the cache when metrics are collected.
func prometheusCache(r prometheus.Registerer, stats func() sign.CacheStats) {
	for name := range counts(sign.CacheStats{}) {
		promauto.With(r).NewCounterFunc(prometheus.CounterOpts{
			Name: "cfsign_cache_total", Help: "Events of the cache of signatures.", ConstLabels: prometheus.Labels{"event": name},
		}, func() float64 { return float64(counts(stats())[name]) })
	}
}
