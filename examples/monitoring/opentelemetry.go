// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// otelKey records how long the key takes, by outcome.
func otelKey(m metric.Meter) (func(context.Context, sign.KeyUse), error) {
	seconds, err := m.Float64Histogram("cfsign.key.duration", metric.WithUnit("s"))
	return func(ctx context.Context, u sign.KeyUse) {
		seconds.Record(ctx, u.Duration.Seconds(), metric.WithAttributes(
			attribute.String("outcome", outcome(u.Err)), attribute.Bool("background", u.Background)))
	}, err
}

// otelCookies counts responses by what happened to the cookies.
func otelCookies(m metric.Meter) (func(context.Context, session.Event), error) {
	events, err := m.Int64Counter("cfsign.cookies")
	return func(ctx context.Context, e session.Event) {
		events.Add(ctx, 1, metric.WithAttributes(
			attribute.String("kind", string(e.Kind)), attribute.Bool("pending", e.Pending > 0)))
	}, err
}

// otelCache reads the counters of the cache when metrics are collected.
func otelCache(m metric.Meter, stats func() sign.CacheStats) error {
	_, err := m.Int64ObservableCounter("cfsign.cache", metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
		for name, n := range counts(stats()) {
			o.Observe(int64(n), metric.WithAttributes(attribute.String("event", name)))
		}
		return nil
	}))
	return err
}
