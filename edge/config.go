// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io/fs"
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
	// Observe is called with every decision, before the response is written and
	// with the context of the request, by several goroutines at once. It must not
	// change d.Request. Nil: nobody is told.
	Observe func(ctx context.Context, d Decision)
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
	// Origin answers the requests that are let through. Its ResponseWriter has Flush,
	// ReadFrom and Hijack, so that event streams and WebSockets work.
	Origin http.Handler
	// TrustedKeyGroups are the keys whose signatures count.
	TrustedKeyGroups []keys.Set
	// Public lets every request through. False: only those with a valid
	// credential.
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
	return fmt.Errorf("edge: %w: %s %s", ErrConfig, field, fmt.Sprintf(format, args...))
}

// compile checks the configuration and prepares it for use.
func (c Config) compile() (*state, error) {
	if c.Default.PathPattern != "" {
		return nil, refuse("Default.PathPattern", "is %q, but the default behavior has none: leave it out, or move the behavior to Behaviors", c.Default.PathPattern)
	}
	root := c.DefaultRootObject
	if root != "" && (!fs.ValidPath(root) || strings.ContainsAny(root, "%\\;?# \r\n")) {
		return nil, refuse("DefaultRootObject", "is %q: write a path without a slash at its start and without a query, such as index.html", root)
	}
	s := &state{config: c, clock: c.Clock}
	if s.clock == nil {
		s.clock = time.Now
	}
	seen := map[pathPattern]bool{}
	for i, b := range c.Behaviors {
		field := fmt.Sprintf("Behaviors[%d]", i)
		pattern, err := parsePathPattern(field+".PathPattern", b.PathPattern)
		if err != nil {
			return nil, err
		}
		if seen[pattern] {
			return nil, refuse(field+".PathPattern", "is %q, which appears twice, and only the first would be used: remove one", b.PathPattern)
		}
		seen[pattern] = true
		compiled, err := b.compile(field, b.PathPattern, pattern)
		if err != nil {
			return nil, err
		}
		s.behaviors = append(s.behaviors, compiled)
	}
	last, err := c.Default.compile("Default", defaultName, "/*")
	s.behaviors = append(s.behaviors, last)
	return s, err
}

// defaultName is that of the default behavior in CloudFront's console.
const defaultName = "Default (*)"

// A behavior is a Behavior that was checked.
type behavior struct {
	Behavior
	name    string
	pattern pathPattern
	keys    keys.Set // of all key groups
}

func (b Behavior) compile(field, name string, pattern pathPattern) (behavior, error) {
	b.CORS = b.CORS.clone()
	if err := b.check(field); err != nil {
		return behavior{}, err
	}
	trusted, err := union(field+".TrustedKeyGroups", b.TrustedKeyGroups)
	return behavior{Behavior: b, name: name, pattern: pattern, keys: trusted}, err
}

func (b Behavior) check(field string) error {
	function, isFunction := b.Origin.(http.HandlerFunc)
	switch {
	case b.Origin == nil, isFunction && function == nil:
		return refuse(field+".Origin", "is nil: set a handler, such as edge.Bucket(os.DirFS(folder))")
	case b.Public && len(b.TrustedKeyGroups) > 0:
		return refuse(field, "has both Public and TrustedKeyGroups: remove one")
	case !b.Public && len(b.TrustedKeyGroups) == 0:
		return refuse(field+".TrustedKeyGroups", "is empty: add a key group, or set Public")
	case b.ViewerProtocolPolicy < HTTPSOnly || b.ViewerProtocolPolicy > AllowAll:
		return refuse(field+".ViewerProtocolPolicy", "is %d: use HTTPSOnly, RedirectToHTTPS or AllowAll", b.ViewerProtocolPolicy)
	case b.AllowedMethods < GetHead || b.AllowedMethods > AllMethods:
		return refuse(field+".AllowedMethods", "is %d: use GetHead, GetHeadOptions or AllMethods", b.AllowedMethods)
	}
	return b.CORS.check(field + ".CORS")
}

// union returns the set of the keys of all groups. No groups have none.
func union(field string, groups []keys.Set) (keys.Set, error) {
	all := map[string]crypto.PublicKey{}
	for i, group := range groups {
		if len(group.IDs()) == 0 {
			return keys.Set{}, refuse(fmt.Sprintf("%s[%d]", field, i), "has no key: make it with keys.NewSet")
		}
		for _, id := range group.IDs() {
			key, _ := group.Lookup(id)
			if other, ok := all[id]; ok && !other.(interface{ Equal(crypto.PublicKey) bool }).Equal(key) {
				return keys.Set{}, refuse(fmt.Sprintf("%s[%d]", field, i), "has another key with the ID %s than a group before it: an ID is that of one key", id)
			}
			all[id] = key
		}
	}
	if len(all) == 0 {
		return keys.Set{}, nil
	}
	return keys.NewSet(all)
}
