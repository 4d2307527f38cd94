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

// Options configure an [Issuer]. The zero value is ready to use, but most applications set
// Attributes.Domain and Observe.
type Options struct {
	// Attributes are the attributes of the signed cookies. Set Domain to the domain that
	// your application shares with the CDN, such as example.com. [New] cannot compare it
	// with the grants: if it does not cover the host of a grant, you get [ErrGrant] when the
	// cookies are made. Without a Domain, only your application's own host gets the cookies.
	// Leave Path empty: every grant has its own.
	Attributes sign.CookieAttributes
	// FormerAttributes are attributes that earlier versions of your application, or other
	// code, gave to signed cookies. When you change Attributes, such as the Domain, add
	// the old ones here. A browser keeps cookies with another Domain, Path or Partitioned
	// next to the new ones, and sends both to the CDN. The issuer removes these cookies
	// before it sets new ones: on their Path or, if that is empty, on the paths of the
	// grants. To close a folder, it must remove each signature with these attributes as
	// well, so closing can take several responses. Keep an entry here as long as browsers
	// may have such cookies. Nil: there are no such cookies.
	FormerAttributes []sign.CookieAttributes
	// Lifetime is the minimum lifetime of new cookies, in whole seconds. Zero: one
	// hour.
	Lifetime time.Duration
	// Renewal is how long before the cookies expire the issuer renews them. It adds up to
	// a quarter at random, so that viewers do not all come at once. It can be at most
	// three quarters of the lifetime. Zero: half the lifetime.
	Renewal time.Duration
	// Cache configures how requests share signed policies. Zero: the defaults of
	// sign.CacheOptions, with a window of a quarter of the lifetime.
	Cache sign.CacheOptions
	// HeaderBudget is how many bytes of header the issuer may add to one response. The
	// cookies of one folder need about 1 KiB, or 1.2 KiB with RSA. What does not fit
	// follows with the next responses: a user with four folders can open two or three of
	// them after the first page, and all of them after the second. The budget must have
	// room to close, in one response, every folder that the user has lost, and room for
	// the cookies of any one folder; otherwise you get [ErrHeader].
	//
	// Your proxy's limit for a response header must have room for the budget and for the
	// headers of your application: nginx takes 4 KiB by default, and answers 502 to more.
	// If you raise the budget, raise that limit too: proxy_buffer_size of nginx,
	// tune.bufsize of HAProxy, --max-http-header-size of Node.
	//
	// Zero: 3,072 bytes, which leave 1 KiB of nginx's 4 KiB. With proxy_cache of nginx,
	// set 2,600.
	HeaderBudget int
	// StateCookie is the name of the cookie in which the issuer notes what it has set: for
	// which grants, on which paths, and when the cookies expire. Two issuers on one host
	// need two names.
	//
	// The state cookie is not signed, because a viewer cannot gain anything with a forged
	// one: the issuer takes the grants from your code at every request, and never from the
	// cookie. A viewer with a forged state cookie can only spoil the cookies in their own
	// browser, or keep cookies that the issuer would have removed. The viewer could keep
	// those anyway, by copying them.
	//
	// Empty: __Host-cfsign, or cfsign if Attributes are Insecure.
	StateCookie string
	// HintCookie is the name of a cookie that tells your scripts when the signed cookies
	// expire: its value is an epoch second. Empty: no such cookie.
	HintCookie string
	// Failed is what the middleware calls instead of the next handler if it cannot renew
	// the cookies. The middleware also calls Failed after the next handler, if that
	// handler wrote the response with another ResponseWriter and lost the cookies. Then
	// err wraps [ErrLost], and the output of Failed is discarded. Nil: the middleware
	// calls the next handler, which can find the error with [Failure].
	Failed func(w http.ResponseWriter, r *http.Request, err error)
	// Observe is called for each response that gets cookies from the issuer, and for each
	// error, with the context of the request. If the cookies are current, it is not
	// called. Several goroutines may call it at once. The response waits for it, so it
	// must be quick, and it must not panic. To observe the key as well, set
	// sign.Options.Observe. Nil: what the middleware cannot set is written to slog.Default of
	// log/slog, unless Failed gets it.
	Observe func(ctx context.Context, e Event)
}

const (
	// defaultHeaderBudget leaves the application 1 KiB of nginx's proxy_buffer_size, which
	// is 4 KiB on most platforms.
	defaultHeaderBudget = 3 << 10
	// leastHeaderBudget has room for one folder with a short path.
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
		return refuse(ErrOptions, "Attributes.Path is %q, and each grant has its own path: leave it empty", o.Attributes.Path)
	case o.Renewal < 0 || o.Renewal > o.Lifetime/4*3:
		return refuse(ErrOptions, "Renewal is %v: write at most three quarters of the lifetime, %v", o.Renewal, o.Lifetime)
	case o.Attributes.MaxAge != 0 && o.Attributes.MaxAge < o.Lifetime+o.Cache.Window-o.Renewal:
		return refuse(ErrOptions, "Attributes.MaxAge is %v, and cookies are renewed after up to %v: choose a longer MaxAge or a shorter Lifetime", o.Attributes.MaxAge, o.Lifetime+o.Cache.Window-o.Renewal)
	case o.HeaderBudget < leastHeaderBudget:
		return refuse(ErrOptions, "HeaderBudget is %d: write %d bytes or more", o.HeaderBudget, leastHeaderBudget)
	case o.StateCookie == o.HintCookie:
		return refuse(ErrOptions, "StateCookie and HintCookie are both %q: use two names", o.HintCookie)
	}
	for _, name := range []string{o.StateCookie, o.HintCookie} {
		if cookie := (&http.Cookie{Name: name, Value: "x"}); name != "" && (cookie.Valid() != nil || strings.HasPrefix(strings.ToLower(name), "cloudfront-")) {
			return refuse(ErrOptions, "%q cannot be the name of the StateCookie or HintCookie: choose another name", name)
		}
		if strings.HasPrefix(name, "__") && o.Attributes.Insecure {
			return refuse(ErrOptions, "browsers drop an Insecure cookie with the name %q: use a name without the prefix", name)
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
