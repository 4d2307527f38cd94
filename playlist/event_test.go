// SPDX-License-Identifier: Apache-2.0

package playlist_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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

// TestEventsWithoutHook: without a hook, the log has what a player would notice, and nobody else gets.
func TestEventsWithoutHook(t *testing.T) {
	s := signFolder(t, newSigner(t), folder)
	signed := func(*http.Request) (string, sign.SignedPolicy, error) { return playlistURL, s, nil }
	denied := func(*http.Request) (string, sign.SignedPolicy, error) {
		return "", sign.SignedPolicy{}, errors.New("no ticket")
	}
	answered := func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusForbidden) }
	const request = ` event.method=GET event.path=/a.m3u8 `
	const elsewhere = "#EXTM3U\n#EXTINF:4,\nhttps://other.example.com/1.ts\n"
	for _, tt := range []struct {
		name, encoding, body string
		credentials          playlist.Credentials
		options              playlist.Options
		ends                 bool // the viewer has gone
		want, reason         string
	}{
		{"an advertisement", "", small + "https://ads.example.net/1.ts\n", signed, playlist.Options{}, false, "", "it is elsewhere on purpose"},
		{"the wrong host", "", elsewhere, signed, playlist.Options{}, false, `level=WARN msg="playlist: no URL was signed: is the URL that Credentials returns on the host of the policy?"` + request + `event.urls="0 signed, 1 elsewhere"` + "\n", "every segment is a 403"},
		{"Observe", "", elsewhere, signed, playlist.Options{Observe: func(context.Context, playlist.Event) {}}, false, "", "the hook gets it"},
		{"no URL yet", "", "#EXTM3U\n", signed, playlist.Options{}, false, "", "a live stream begins"},
		{"no playlist", "", "<html>", signed, playlist.Options{}, false, `level=WARN msg="playlist: the origin sent something else than a playlist"` + request + `event.urls="not a playlist"` + "\n", "an error page with the status 200"},
		{"encoded", "br", small, signed, playlist.Options{Error: answered}, false, `level=ERROR msg="playlist: a playlist was not sent, or not as it should be"` + request + `event.error="playlist: invalid Content-Encoding: only gzip can be decoded: let the origin send playlists as they are"` + "\n", "Error does not get it"},
		{"no ticket", "", small, denied, playlist.Options{}, false, `level=ERROR msg="playlist: a playlist was not sent, or not as it should be"` + request + `event.error="no ticket"` + "\n", "the answer has no details"},
		{"Error", "", small, denied, playlist.Options{Error: answered}, false, "", "it gets the error"},
		{"a viewer who has gone", "", small, denied, playlist.Options{}, true, "", "nobody waits for the playlist"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := defaultlog.Capture(t)
			h := playlist.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", mpegurl)
				if tt.encoding != "" {
					w.Header().Set("Content-Encoding", tt.encoding)
				}
				io.WriteString(w, tt.body)
			}), tt.credentials, tt.options)
			ctx, end := context.WithCancel(t.Context())
			defer end()
			if tt.ends {
				end()
			}
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/a.m3u8?Signature=secret", nil))
			if diff := cmp.Diff(tt.want, log.Take()); diff != "" {
				t.Errorf("%s: the log (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

// TestBrokenConnectionWithoutHook: a viewer who closes the connection during a playlist does not fill the log.
func TestBrokenConnectionWithoutHook(t *testing.T) {
	log := defaultlog.Capture(t)
	s := signFolder(t, newSigner(t), folder)
	h := playlist.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, small) }),
		func(*http.Request) (string, sign.SignedPolicy, error) { return playlistURL, s, nil }, playlist.Options{})
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("the handler panicked with %v", got)
		}
		if got := log.Take(); got != "" {
			t.Errorf("the log: %s", got)
		}
	}()
	h.ServeHTTP(brokenConnection{httptest.NewRecorder()}, httptest.NewRequest(http.MethodGet, "/a.m3u8", nil))
}

// A brokenConnection is the ResponseWriter of a viewer who has gone.
type brokenConnection struct{ http.ResponseWriter }

func (brokenConnection) Write([]byte) (int, error) {
	return 0, &net.OpError{Op: "write", Net: "tcp", Err: errors.New("broken pipe")}
}
