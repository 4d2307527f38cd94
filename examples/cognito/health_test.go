// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/cfsign/cfsign/examples/cognito/internal/token"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/sign"
)

func TestHealth(t *testing.T) {
	w := newWorld(t, nil)
	for _, path := range []string{healthPath, readinessPath} {
		if got := w.must(t, w.Viewer, http.StatusOK, call{target: path}); strings.TrimSpace(got.body) != `{"status":"ok"}` {
			t.Errorf("%s: %s", path, got.body)
		}
	}
	if lines := w.log.String(); lines != "" {
		t.Errorf("the log has %s", lines)
	}
}

// known is a verifier for which every token is of one user.
type known struct{ sub string }

func (k known) Verify(context.Context, string) (token.User, error) {
	return token.User{Sub: k.sub}, nil
}

// TestPatience: a database that hangs does not hold a request forever, and a client that
// leaves is no failure.
func TestPatience(t *testing.T) {
	for _, tt := range []struct {
		name   string
		leaves bool
		status int
		level  string
	}{
		{"database", false, http.StatusServiceUnavailable, "ERROR"},
		{"client", true, statusGone, "WARN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &logbook{}
				signer, err := sign.New("K1", testkeys.P256(), sign.Options{})
				if err != nil {
					t.Fatal(err)
				}
				s, err := newService(options{cdn: cdn, lifetime: defaultLifetime, signer: signer, users: known{alice}, shares: hanging{}, logger: newLogger(log)})
				if err != nil {
					t.Fatal(err)
				}
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/sign_cookies?request_path="+bob, nil)
				request.Header.Set("Authorization", "Bearer a.b.c")
				recorder := httptest.NewRecorder()
				if tt.leaves {
					go func() { synctest.Wait(); leave() }()
				}
				s.ServeHTTP(recorder, request)
				if recorder.Code != tt.status || len(recorder.Header().Values("Set-Cookie")) > 0 {
					t.Errorf("got %d, %v", recorder.Code, recorder.Header())
				}
				if line := log.String(); !strings.Contains(line, `"level":"`+tt.level+`"`) {
					t.Errorf("the log has %s", line)
				}
			})
		})
	}
}
