// SPDX-License-Identifier: Apache-2.0

package session

import (
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/sign"
)

// Options change what [New] does by default.
type Options struct {
	// Attributes are those of the signed cookies but the Path, which comes from
	// the grants. Domain is the parent of the application's host and the
	// CDN's, such as example.com.
	Attributes sign.CookieAttributes
	// Former are attributes with which earlier versions of the application set
	// cookies. They are cleared whenever cookies are set or cleared: on their
	// Path or, if that is empty, on the same paths as those of now. Nil: there
	// are none.
	Former []sign.CookieAttributes
	// Lifetime is for how long cookies are valid at least when they are set, in
	// whole seconds. Zero: one hour.
	Lifetime time.Duration
	// Renewal is how long before their end cookies are set anew, up to a quarter
	// of it earlier at random so that not all viewers come at once: at most three
	// quarters of the lifetime. Zero: half the lifetime.
	Renewal time.Duration
	// Cache changes how signed policies are used for several requests. Zero: the
	// defaults of sign.CacheOptions, with a window of a quarter of the lifetime.
	Cache sign.CacheOptions
	// StateCookie is the name of the cookie for the state. Two issuers on one host
	// need two names. Empty: __Host-cfsign, or cfsign if the attributes are
	// Insecure.
	StateCookie string
	// HintCookie is the name of a cookie for scripts, which contains the epoch
	// second at which the cookies end, and nothing else. Empty: there is none.
	HintCookie string
	// Failed is called by the middleware if cookies cannot be renewed, instead
	// of the next handler. Nil: the next handler is called, and finds the error
	// with [Failure].
	Failed func(w http.ResponseWriter, r *http.Request, err error)
}

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
		return refuse(ErrOptions, "Attributes.Path is %q, but the paths come from the grants: leave it out", o.Attributes.Path)
	case o.Renewal < 0 || o.Renewal > o.Lifetime/4*3:
		return refuse(ErrOptions, "Renewal is %v: it has to be at most three quarters of the lifetime, %v", o.Renewal, o.Lifetime)
	case o.StateCookie == o.HintCookie:
		return refuse(ErrOptions, "StateCookie and HintCookie are both %q: give them two names", o.HintCookie)
	}
	for _, name := range []string{o.StateCookie, o.HintCookie} {
		if cookie := (&http.Cookie{Name: name, Value: "x"}); name != "" && (cookie.Valid() != nil || strings.HasPrefix(strings.ToLower(name), "cloudfront-")) {
			return refuse(ErrOptions, "%q is no name for a cookie of the application", name)
		}
		if strings.HasPrefix(name, "__") && o.Attributes.Insecure {
			return refuse(ErrOptions, "browsers drop %q, because it is not Secure: leave out the prefix", name)
		}
	}
	if hint := strings.ToLower(o.HintCookie); strings.HasPrefix(hint, "__http-") || strings.HasPrefix(hint, "__host-http-") {
		return refuse(ErrOptions, "scripts cannot read %q: leave out the prefix", o.HintCookie)
	}
	for _, a := range append([]sign.CookieAttributes{o.Attributes}, o.Former...) {
		if _, err := sign.ClearCookies(a); err != nil {
			return because(ErrOptions, err)
		}
	}
	return nil
}
