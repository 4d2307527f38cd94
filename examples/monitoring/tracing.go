// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// traceKey adds a use of the key to the span of the request that waited for it.
func traceKey(ctx context.Context, u sign.KeyUse) {
	trace.SpanFromContext(ctx).AddEvent("cfsign.key", trace.WithAttributes(
		attribute.String("outcome", outcome(u.Err)), attribute.Float64("seconds", u.Duration.Seconds())))
}

// traceCookies adds what happened to the cookies to the span of the request.
func traceCookies(ctx context.Context, e session.Event) {
	span := trace.SpanFromContext(ctx)
	span.AddEvent("cfsign.cookies", trace.WithAttributes(attribute.String("kind", string(e.Kind))))
	if e.Err != nil {
		span.SetStatus(codes.Error, string(e.Kind))
	}
}
