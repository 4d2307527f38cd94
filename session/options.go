// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/sign"
)

// Options configure an [Issuer].
type Options struct {
	// Attributes are the attributes of the signed cookies. Leave Path empty: it comes
	// from the grants. Domain is the parent of the application's host and the CDN's,
	// such as example.com.
	Attributes sign.CookieAttributes
	// FormerAttributes are attributes with which earlier versions of the application,
	// or other code, set signed cookies. Such cookies are removed before others are
	// set: on their Path or, if that is empty, on the paths of the grants. Nil: there
	// are none.
	FormerAttributes []sign.CookieAttributes
	// Lifetime is how long cookies are valid at least when they are set, in whole
	// seconds. Zero: one hour.
	Lifetime time.Duration
	// Renewal is how long before they expire cookies are set again, up to a quarter
	// of it earlier at random so that not all viewers come at once: at most three
	// quarters of the lifetime. Zero: half the lifetime.
	Renewal time.Duration
	// Cache configures how signed policies are shared by several requests. Zero: the
	// defaults of sign.CacheOptions, with a window of a quarter of the lifetime.
	Cache sign.CacheOptions
	// HeaderBudget is how many bytes of header an issuer may add to one response. The
	// cookies of several folders can be more than a proxy in front of the application
	// takes: those that do not fit follow with the next responses of [Issuer.Renew] or
	// the middleware. Zero: 3,072 bytes, which fit into the 4 KiB of an nginx with its
	// default settings beside 1 KiB of headers of the application; with proxy_cache,
	// write 2,600. Raise it together with the limit of the proxy: proxy_buffer_size of
	// nginx, tune.bufsize of HAProxy, --max-http-header-size of Node.
	HeaderBudget int
	// StateCookie is the name of the cookie for the state. Two issuers on one host
	// need two names. Empty: __Host-cfsign, or cfsign if the attributes are
	// Insecure.
	StateCookie string
	// HintCookie is the name of a cookie for scripts, which contains the epoch
	// second at which the cookies expire, and nothing else. Empty: there is none.
	HintCookie string
	// Failed is called by the middleware if cookies cannot be renewed, instead of the
	// next handler. It is also called, after the next handler, if that has written
	// the response with another ResponseWriter and so without the cookies: then err
	// wraps [ErrLost], and what Failed writes is discarded. Nil: the next handler is
	// called, and finds the error with [Failure].
	Failed func(w http.ResponseWriter, r *http.Request, err error)
	// Observe is called for each response to which the issuer adds cookies, and for
	// each error, with the context of the request. A response that needs no cookies
	// is not an event. Several goroutines may call it at once. The response waits for
	// it, so it must be quick, and it must not panic. To see the uses of the key, set
	// sign.Options.Observe as well. Nil: there is no hook.
	Observe func(ctx context.Context, e Event)
}

const (
	// defaultHeaderBudget leaves 1 KiB of nginx's proxy_buffer_size, which is 4 KiB on
	// most platforms, to the application.
	defaultHeaderBudget = 3 << 10
	// leastHeaderBudget is enough for one folder with a short path.
	leastHeaderBudget = 1536
)

// withDefaults returns the options with the defaults filled in.
func (o Options) withDefaults() (Options, error) {
	if o.Lifetime == 0 {
		o.Lifetime = time.Hour
	}
	if o.Renewal == 0 {
		o.Renewal = o.Lifetime / 2
	}
	if o.Cache.Window == 0 {
		o.Cache.Window = max(time.Second, (o.Lifetime / 4).Truncate(time.Second))
	}
	if o.HeaderBudget == 0 {
		o.HeaderBudget = defaultHeaderBudget
	}
	if o.StateCookie == "" {
		o.StateCookie = "__Host-cfsign"
		if o.Attributes.Insecure {
			o.StateCookie = "cfsign"
		}
	}
	return o, o.check()
}

func (o Options) check() error {
	switch {
	case o.Attributes.Path != "":
		return refuse(ErrOptions, "Attributes.Path is %q, but the paths come from the grants: leave it empty", o.Attributes.Path)
	case o.Renewal < 0 || o.Renewal > o.Lifetime/4*3:
		return refuse(ErrOptions, "Renewal is %v: write at most three quarters of the lifetime, %v", o.Renewal, o.Lifetime)
	case o.Attributes.MaxAge != 0 && o.Attributes.MaxAge < o.Lifetime+o.Cache.Window-o.Renewal:
		return refuse(ErrOptions, "Attributes.MaxAge is %v, so browsers drop cookies before they are renewed after up to %v: write more, or a shorter Lifetime", o.Attributes.MaxAge, o.Lifetime+o.Cache.Window-o.Renewal)
	case o.HeaderBudget < leastHeaderBudget:
		return refuse(ErrOptions, "HeaderBudget is %d: write %d bytes or more", o.HeaderBudget, leastHeaderBudget)
	case o.StateCookie == o.HintCookie:
		return refuse(ErrOptions, "StateCookie and HintCookie are both %q: use two names", o.HintCookie)
	}
	for _, name := range []string{o.StateCookie, o.HintCookie} {
		if cookie := (&http.Cookie{Name: name, Value: "x"}); name != "" && (cookie.Valid() != nil || strings.HasPrefix(strings.ToLower(name), "cloudfront-")) {
			return refuse(ErrOptions, "%q cannot be the name of a cookie of the application", name)
		}
		if strings.HasPrefix(name, "__") && o.Attributes.Insecure {
			return refuse(ErrOptions, "browsers drop %q, because it is not Secure: use a name without the prefix", name)
		}
	}
	if hint := strings.ToLower(o.HintCookie); strings.HasPrefix(hint, "__http-") || strings.HasPrefix(hint, "__host-http-") {
		return refuse(ErrOptions, "scripts cannot read %q: use a name without the prefix", o.HintCookie)
	}
	for _, a := range append([]sign.CookieAttributes{o.Attributes}, o.FormerAttributes...) {
		if _, err := sign.ClearCookies(a); err != nil {
			return because(ErrOptions, err)
		}
	}
	return nil
}

// hash returns a hash of the options that change the cookies.
func (o *Options) hash() uint64 {
	a := o.Attributes
	return hashOf(fmt.Sprintf("%q %d %d %t %t %d", a.Domain, a.SameSite, a.MaxAge, a.Partitioned, a.Insecure, o.Lifetime), fmt.Sprint(o.HintCookie, o.FormerAttributes), nil)
}
