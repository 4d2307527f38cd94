// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/cfsign/cfsign/keys"
)

// ErrConfig is wrapped by every error about a [Config]. The text names the field
// and says what to write instead.
var ErrConfig = errors.New("unusable configuration")

// A Config describes a distribution.
type Config struct {
	// Default is the behavior for paths that no other one matches. It has no
	// path pattern.
	Default Behavior
	// Behaviors are the others. The first whose path pattern matches decides.
	Behaviors []Behavior
	// DefaultRootObject is what "/" stands for, such as index.html, without a
	// slash at its start. Empty: the origin is asked for "/".
	DefaultRootObject string
	// Clock returns the current time. Nil: time.Now.
	Clock func() time.Time
	// Debug adds an explanation to every response, and logs it. False:
	// refusals are as bare as CloudFront's.
	Debug bool
	// Logger gets the explanations. Nil: slog.Default.
	Logger *slog.Logger
	// Observe, if not nil, is called with every decision before the response
	// is written, by several goroutines at once. It must not change r.
	Observe func(r *http.Request, d Decision)
}

// A Behavior is what a distribution does with some paths: a cache behavior
// without the cache. It is either public or trusts at least one key group.
type Behavior struct {
	// PathPattern says which paths: "*" stands for any characters, slashes
	// among them, and "?" for one. Case counts, queries do not, and a slash
	// at the start may be left out. Empty: only in Config.Default.
	//
	// Source: "Cache behavior settings", path pattern.
	PathPattern string
	// Origin answers the requests that are let through.
	Origin http.Handler
	// TrustedKeyGroups are the keys whose signatures count.
	TrustedKeyGroups []keys.Set
	// Public lets everybody through. False: who has a credential.
	Public bool
	// ViewerProtocolPolicy says what happens to plain HTTP. Zero: HTTPSOnly.
	ViewerProtocolPolicy ViewerProtocolPolicy
	// AllowedMethods are the methods that the origin gets to see. Zero:
	// GetHead.
	AllowedMethods AllowedMethods
	// CORS are headers for pages of other origins. Nil: none are added.
	CORS *CORS
}

// A ViewerProtocolPolicy says what happens to requests over plain HTTP.
type ViewerProtocolPolicy int

// The viewer protocol policies.
const (
	// HTTPSOnly refuses plain HTTP with 403.
	HTTPSOnly ViewerProtocolPolicy = iota
	// RedirectToHTTPS redirects it: with 301, or 307 if the method is neither
	// GET nor HEAD. A policy that was signed for http:// then fails.
	RedirectToHTTPS
	// AllowAll takes it like HTTPS.
	AllowAll
)

// AllowedMethods is one of the sets of methods that a behavior can allow.
type AllowedMethods int

// The sets of allowed methods.
const (
	// GetHead is GET and HEAD.
	GetHead AllowedMethods = iota
	// GetHeadOptions is GET, HEAD and OPTIONS, which preflights need.
	GetHeadOptions
	// AllMethods is GET, HEAD, OPTIONS, PUT, PATCH, POST and DELETE.
	AllMethods
)

func (m AllowedMethods) allow(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodOptions:
		return m != GetHead
	case http.MethodPut, http.MethodPatch, http.MethodPost, http.MethodDelete:
		return m == AllMethods
	}
	return false
}

// refuse returns an error about a field of the configuration.
func refuse(field, format string, args ...any) error {
	return fmt.Errorf("edge: %s: %w: %s", field, ErrConfig, fmt.Sprintf(format, args...))
}

func (c Config) check() error {
	if c.Default.PathPattern != "" {
		return refuse("Default.PathPattern", "the default behavior has none: leave it out, or list the behavior in Behaviors")
	}
	if err := c.Default.check("Default"); err != nil {
		return err
	}
	seen := map[pathPattern]bool{}
	for i, b := range c.Behaviors {
		field := fmt.Sprintf("Behaviors[%d]", i)
		pattern, err := parsePathPattern(field+".PathPattern", b.PathPattern)
		if err != nil {
			return err
		}
		if seen[pattern] {
			return refuse(field+".PathPattern", "%q is there twice, and the first one decides: remove one", b.PathPattern)
		}
		seen[pattern] = true
		if err := b.check(field); err != nil {
			return err
		}
	}
	if strings.HasPrefix(c.DefaultRootObject, "/") || strings.ContainsAny(c.DefaultRootObject, "?#") {
		return refuse("DefaultRootObject", "it is a path without a slash at its start and without a query: write index.html")
	}
	return nil
}

func (b Behavior) check(field string) error {
	switch {
	case b.Origin == nil:
		return refuse(field+".Origin", "there is none: give it a handler, such as edge.Bucket(os.DirFS(dir))")
	case b.Public && len(b.TrustedKeyGroups) > 0:
		return refuse(field+".Public", "it has trusted key groups too: leave one of them out")
	case !b.Public && len(b.TrustedKeyGroups) == 0:
		return refuse(field+".TrustedKeyGroups", "there is none: name the keys whose signatures count, or set Public")
	case b.ViewerProtocolPolicy < HTTPSOnly || b.ViewerProtocolPolicy > AllowAll:
		return refuse(field+".ViewerProtocolPolicy", "write HTTPSOnly, RedirectToHTTPS or AllowAll")
	case b.AllowedMethods < GetHead || b.AllowedMethods > AllMethods:
		return refuse(field+".AllowedMethods", "write GetHead, GetHeadOptions or AllMethods")
	}
	for i, group := range b.TrustedKeyGroups {
		if len(group.IDs()) == 0 {
			return refuse(fmt.Sprintf("%s.TrustedKeyGroups[%d]", field, i), "it has no key: make it with keys.NewSet")
		}
	}
	return b.CORS.check(field + ".CORS")
}
