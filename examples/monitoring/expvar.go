// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"context"
	"expvar"

	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// expvarKey counts uses of the key by outcome. Call it once: expvar panics if a name
// exists.
func expvarKey() func(context.Context, sign.KeyUse) {
	uses, nanoseconds := expvar.NewMap("cfsign_key_uses"), expvar.NewInt("cfsign_key_nanoseconds")
	return func(_ context.Context, u sign.KeyUse) {
		uses.Add(outcome(u.Err), 1)
		nanoseconds.Add(u.Duration.Nanoseconds())
	}
}

// expvarCookies counts responses by what happened to the cookies. Call it once.
func expvarCookies() func(context.Context, session.Event) {
	events := expvar.NewMap("cfsign_cookies")
	return func(_ context.Context, e session.Event) { events.Add(string(e.Kind), 1) }
}

// expvarCache publishes the counters of the cache. Call it once.
func expvarCache(stats func() sign.CacheStats) {
	expvar.Publish("cfsign_cache", expvar.Func(func() any { return stats() }))
}
