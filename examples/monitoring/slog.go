// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"
	"log/slog"

	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// logKey logs uses of the key: failures as errors, and the rest for debugging.
func logKey(logger *slog.Logger) func(context.Context, sign.KeyUse) {
	return func(ctx context.Context, u sign.KeyUse) {
		level := slog.LevelDebug
		if u.Err != nil {
			level = slog.LevelError
		}
		logger.Log(ctx, level, "CloudFront key", "use", u)
	}
}

// logCookies logs which grants viewers get cookies for, and which fail.
func logCookies(logger *slog.Logger) func(context.Context, session.Event) {
	return func(ctx context.Context, e session.Event) {
		level := slog.LevelInfo
		if e.Kind == session.Refused || e.Kind == session.Lost {
			level = slog.LevelWarn
		}
		logger.Log(ctx, level, "CloudFront cookies", "event", e)
	}
}
