// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORS is the part of a response headers policy that lets pages of other origins
// read responses. The headers are added to responses of the origin and to
// refusals alike, if the request has an Origin that is allowed.
//
// A preflight carries no credential, so a behavior that is not public refuses it
// whatever stands here.
//
// Source: "Understand response headers policies".
type CORS struct {
	// AllowOrigins are origins such as https://app.example.com, or with *. in
	// place of the first labels of the host, or "*" alone. At least one.
	AllowOrigins []string
	// AllowCredentials lets pages send cookies. It does not go with "*".
	AllowCredentials bool
	// AllowMethods are answered to a preflight. Empty: GET and HEAD.
	AllowMethods []string
	// AllowHeaders are answered to a preflight. Empty: none.
	AllowHeaders []string
	// ExposeHeaders are those that scripts may read. Empty: the safe ones.
	ExposeHeaders []string
	// MaxAge is how long the answer to a preflight may be kept. Zero: the
	// browser decides.
	MaxAge time.Duration
	// OriginOverride replaces headers of the origin that have the same names.
	// False: those of the origin stay.
	OriginOverride bool
}

func (c *CORS) check(field string) error {
	if c == nil {
		return nil
	}
	if len(c.AllowOrigins) == 0 {
		return refuse(field+".AllowOrigins", "there is none: write one such as https://app.example.com")
	}
	for i, origin := range c.AllowOrigins {
		if err := checkOrigin(fmt.Sprintf("%s.AllowOrigins[%d]", field, i), origin, c.AllowCredentials); err != nil {
			return err
		}
	}
	if c.AllowCredentials && (slices.Contains(c.AllowHeaders, "*") || slices.Contains(c.AllowMethods, "*")) {
		return refuse(field, "with credentials browsers take * in no list: name the headers and methods")
	}
	if c.MaxAge < 0 {
		return refuse(field+".MaxAge", "it is negative")
	}
	return nil
}

func checkOrigin(field, origin string, credentials bool) error {
	if origin == "*" {
		if credentials {
			return refuse(field, "with credentials browsers do not take *: name the origins")
		}
		return nil
	}
	scheme, host, ok := strings.Cut(origin, "://")
	name, _ := strings.CutPrefix(host, "*.")
	if !ok || scheme != "https" && scheme != "http" || name == "" || strings.ContainsAny(name, "*/?# ") || strings.ToLower(host) != host {
		return refuse(field, "%q is not an origin: write scheme and host in lower case without a path, such as https://app.example.com or https://*.example.com", origin)
	}
	return nil
}

// allowed returns the value of Access-Control-Allow-Origin for an origin, or "".
func (c *CORS) allowed(origin string) string {
	for _, pattern := range c.AllowOrigins {
		before, after, isPattern := strings.Cut(pattern, "*")
		switch {
		case pattern == "*", pattern == origin:
			return pattern
		case isPattern && len(origin) > len(before)+len(after) && strings.HasPrefix(origin, before) && strings.HasSuffix(origin, after):
			return origin
		}
	}
	return ""
}

// headers returns the headers to add to the response to r. A nil CORS has none.
func (c *CORS) headers(r *http.Request) http.Header {
	headers := http.Header{}
	origin := r.Header.Get("Origin")
	if c == nil || origin == "" {
		return headers
	}
	headers.Set("Vary", "Origin")
	allowed := c.allowed(origin)
	if allowed == "" {
		return headers
	}
	headers.Set("Access-Control-Allow-Origin", allowed)
	if c.AllowCredentials {
		headers.Set("Access-Control-Allow-Credentials", "true")
	}
	setList(headers, "Access-Control-Expose-Headers", c.ExposeHeaders)
	if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
		c.preflight(headers)
	}
	return headers
}

func (c *CORS) preflight(headers http.Header) {
	methods := c.AllowMethods
	if len(methods) == 0 {
		methods = []string{http.MethodGet, http.MethodHead}
	}
	setList(headers, "Access-Control-Allow-Methods", methods)
	setList(headers, "Access-Control-Allow-Headers", c.AllowHeaders)
	if c.MaxAge > 0 {
		headers.Set("Access-Control-Max-Age", strconv.FormatInt(int64(c.MaxAge/time.Second), 10))
	}
}

func setList(headers http.Header, name string, values []string) {
	if len(values) > 0 {
		headers.Set(name, strings.Join(values, ", "))
	}
}
