// SPDX-License-Identifier: Apache-2.0

package proxies_test

import (
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/session"
)

// TestHeaderBudget: other budgets, behind proxies whose limits are as docs/cookbook.md has
// them. The application's own headers have 1 KiB.
func TestHeaderBudget(t *testing.T) {
	for _, tt := range []struct {
		front
		budget int
		pages  int // after the login of a user with ten folders and an RSA key
		reason string
	}{
		{nginxCookbook, 15 << 10, 0, "proxy_buffer_size 16k takes all cookies of the login at once"},
		{haproxyCookbook, 27 << 10, 0, "tune.bufsize 32768"},
		{nodeCookbook, 27 << 10, 0, "--max-http-header-size=32768"},
		{nginx.configured("nginx-cache.conf"), 2600, 9, "a cache takes about 400 bytes of proxy_buffer_size"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app, cdn := newSite(t, testkeys.RSA(), session.Options{HeaderBudget: tt.budget})
			r := &row{front: tt.name, key: "RSA-2048", folders: most}
			r.run(newVisitor(t, cdn, app, tt.start(t, app.address)))
			t.Log("\n" + table([]*row{r}))
			if r.login.pages > tt.pages {
				t.Errorf("%d pages after the login set cookies, want at most %d: %s", r.login.pages, tt.pages, tt.reason)
			}
		})
	}
}
