// SPDX-License-Identifier: Apache-2.0

package edge_test

import (
	"crypto"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/testkeys"
	"github.com/cfsign/cfsign/keys"
)

func TestConfigRefused(t *testing.T) {
	origin := http.NotFoundHandler()
	open := edge.Behavior{Origin: origin, Public: true}
	with := func(change func(*edge.Behavior)) edge.Config {
		b := open
		change(&b)
		return edge.Config{Default: b}
	}
	and := func(patterns ...string) edge.Config {
		c := edge.Config{Default: open}
		for _, pattern := range patterns {
			b := open
			b.PathPattern = pattern
			c.Behaviors = append(c.Behaviors, b)
		}
		return c
	}
	cors := func(c edge.CORS) edge.Config { return with(func(b *edge.Behavior) { b.CORS = &c }) }
	all := []string{"*"}
	app := []string{"https://app.example.com"}
	tests := []struct {
		name, field string
		config      edge.Config
	}{
		{"zero", "Default.Origin", edge.Config{}},
		{"neither public nor a group", "Default.TrustedKeyGroups", with(func(b *edge.Behavior) { b.Public = false })},
		{"an empty group", "Default.TrustedKeyGroups[0]", with(func(b *edge.Behavior) { b.Public, b.TrustedKeyGroups = false, []keys.Set{{}} })},
		{"public and a group", "Default.Public", with(func(b *edge.Behavior) { b.TrustedKeyGroups = []keys.Set{{}} })},
		{"default with a pattern", "Default.PathPattern", with(func(b *edge.Behavior) { b.PathPattern = "*" })},
		{"unknown protocol policy", "Default.ViewerProtocolPolicy", with(func(b *edge.Behavior) { b.ViewerProtocolPolicy = 9 })},
		{"unknown methods", "Default.AllowedMethods", with(func(b *edge.Behavior) { b.AllowedMethods = -1 })},
		{"no pattern", "Behaviors[1].PathPattern", and("a/*", "")},
		{"bad pattern", "Behaviors[0].PathPattern", and("a b")},
		{"pattern twice", "Behaviors[1].PathPattern", and("a/*", "/a/*")},
		{"behavior without origin", "Behaviors[0].Origin", edge.Config{Default: open, Behaviors: []edge.Behavior{{PathPattern: "a", Public: true}}}},
		{"root object with slash", "DefaultRootObject", edge.Config{Default: open, DefaultRootObject: "/index.html"}},
		{"root object with query", "DefaultRootObject", edge.Config{Default: open, DefaultRootObject: "index.html?a"}},
		{"no origins", "Default.CORS.AllowOrigins", cors(edge.CORS{})},
		{"all with credentials", "Default.CORS.AllowOrigins[0]", cors(edge.CORS{AllowOrigins: all, AllowCredentials: true})},
		{"all headers with credentials", "Default.CORS", cors(edge.CORS{AllowOrigins: app, AllowHeaders: all, AllowCredentials: true})},
		{"all methods with credentials", "Default.CORS", cors(edge.CORS{AllowOrigins: app, AllowMethods: all, AllowCredentials: true})},
		{"origin with a path", "Default.CORS.AllowOrigins[0]", cors(edge.CORS{AllowOrigins: []string{"https://app.example.com/"}})},
		{"origin in upper case", "Default.CORS.AllowOrigins[0]", cors(edge.CORS{AllowOrigins: []string{"https://App.example.com"}})},
		{"origin without scheme", "Default.CORS.AllowOrigins[1]", cors(edge.CORS{AllowOrigins: []string{"https://a.example.com", "app.example.com"}})},
		{"wildcard within the host", "Default.CORS.AllowOrigins[0]", cors(edge.CORS{AllowOrigins: []string{"https://app*.example.com"}})},
		{"wildcard for any host", "Default.CORS.AllowOrigins[0]", cors(edge.CORS{AllowOrigins: []string{"https://*."}})},
		{"negative age", "Default.CORS.MaxAge", cors(edge.CORS{AllowOrigins: all, MaxAge: -1})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := edge.New(tt.config)
			if !errors.Is(err, edge.ErrConfig) || !strings.HasPrefix(err.Error(), "edge: "+tt.field+": ") {
				t.Errorf("got error %v, want one about %s", err, tt.field)
			}
		})
	}
}

// TestUpdate: a fault leaves the configuration as it was, and the groups are copied.
func TestUpdate(t *testing.T) {
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{"K1": testkeys.P256().Public()})
	if err != nil {
		t.Fatal(err)
	}
	groups := []keys.Set{trusted}
	c := edge.Config{
		Default:   edge.Behavior{Origin: http.NotFoundHandler(), Public: true, ViewerProtocolPolicy: edge.AllowAll},
		Behaviors: []edge.Behavior{{PathPattern: "private/*", Origin: http.NotFoundHandler(), TrustedKeyGroups: groups, ViewerProtocolPolicy: edge.AllowAll}},
	}
	d, err := edge.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Update(edge.Config{}); !errors.Is(err, edge.ErrConfig) {
		t.Fatal(err)
	}
	c.Behaviors[0].Public, c.Behaviors[0].PathPattern, groups[0] = true, "open/*", keys.Set{}
	if status := statusOf(d, "/private/a"); status != http.StatusForbidden {
		t.Errorf("status %d: the configuration was changed from outside", status)
	}
	if err := d.Update(edge.Config{Default: edge.Behavior{Origin: http.NotFoundHandler(), Public: true, ViewerProtocolPolicy: edge.AllowAll}}); err != nil {
		t.Fatal(err)
	}
	if status := statusOf(d, "/private/a"); status != http.StatusNotFound {
		t.Errorf("status %d: the update had no effect", status)
	}
}

func TestZeroDistributionRefuses(t *testing.T) {
	if status := statusOf(&edge.Distribution{}, "/a"); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
}
