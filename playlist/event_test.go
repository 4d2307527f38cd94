// SPDX-License-Identifier: Apache-2.0

package playlist_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/defaultlog"
	"github.com/cfsign/cfsign/playlist"
	"github.com/cfsign/cfsign/sign"
)

// TestEventHidesCredentials: a credential can be in the query or, by mistake, in the path.
func TestEventHidesCredentials(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "https://app.example.com/v/a.m3u8&Signature=c2VjcmV0&Policy=c2VjcmV0?token=secret", nil)
	const want = "GET /v/a.m3u8&Signature=[...]&Policy=[...]: no ticket"
	e := playlist.Event{Request: r, Err: errors.New("no ticket")}
	for _, got := range []string{e.String(), fmt.Sprintf("%+v", e)} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	attributes := map[string]string{}
	for _, a := range e.LogValue().Group() {
		attributes[a.Key] = a.Value.String()
	}
	if diff := cmp.Diff(map[string]string{"method": "GET", "path": "/v/a.m3u8&Signature=[...]&Policy=[...]", "error": "no ticket"}, attributes); diff != "" {
		t.Errorf("log/slog (-want +got):\n%s", diff)
	}
}

// TestEventsWithoutHook: without a hook, the log has what a player would notice.
func TestEventsWithoutHook(t *testing.T) {
	log := defaultlog.Capture(t)
	s := signFolder(t, newSigner(t), folder)
	for _, tt := range []struct{ encoding, body, want, reason string }{
		{"", small + "https://ads.example.net/1.ts\n", "", "an advertisement is elsewhere"},
		{"", "#EXTM3U\n#EXTINF:4,\nhttps://other.example.com/1.ts\n", `level=WARN msg="playlist: no URL of a playlist was signed: is the URL that Credentials returns on the host of the policy?" event.method=GET event.path=/a.m3u8 event.urls="0 signed, 1 elsewhere"` + "\n", "the wrong host"},
		{"", "#EXTM3U\n", "", "a playlist that has no URL yet"},
		{"", "<html>", `level=WARN msg="playlist: no URL of a playlist was signed: is the URL that Credentials returns on the host of the policy?" event.method=GET event.path=/a.m3u8 event.urls="not a playlist"` + "\n", "an error page with the status 200"},
		{"br", small, `level=ERROR msg="playlist: a playlist was not sent, or not as it should be" event.method=GET event.path=/a.m3u8 event.error="playlist: invalid Content-Encoding: only gzip can be decoded: let the origin send playlists as they are"` + "\n", "it cannot be read"},
	} {
		h := playlist.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mpegurl)
			if tt.encoding != "" {
				w.Header().Set("Content-Encoding", tt.encoding)
			}
			io.WriteString(w, tt.body)
		}), func(*http.Request) (string, sign.SignedPolicy, error) { return playlistURL, s, nil }, playlist.Options{})
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/a.m3u8?Signature=secret", nil))
		if diff := cmp.Diff(tt.want, log.Take()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}
