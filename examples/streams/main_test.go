// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/playlist"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

const secret = "kept in CloudFront and here"

var files = fstest.MapFS{
	"films/7/index.m3u8":      {Data: []byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000\nlow/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=4000000\nhigh/index.m3u8\n")},
	"films/7/low/index.m3u8":  {Data: []byte("#EXTM3U\n#EXTINF:6,\n1.ts\n#EXTINF:6,\n2.ts\n#EXT-X-ENDLIST\n")},
	"films/7/high/index.m3u8": {Data: []byte("#EXTM3U\n#EXTINF:6,\n1.ts\n#EXTINF:6,\n/films/7/high/2.ts\n#EXT-X-ENDLIST\n")},
	"films/7/low/1.ts":        {}, "films/7/low/2.ts": {}, "films/7/high/1.ts": {}, "films/7/high/2.ts": {},
	"films/8/index.m3u8": {Data: []byte("#EXTM3U\n#EXTINF:6,\nhttps://elsewhere.example.net/1.ts\n#EXT-X-ENDLIST\n")},
	"films/8/1.ts":       {},
}

// newCDN returns a distribution with the two behaviors of the page, and the cache that signs.
func newCDN(t *testing.T) (*edgetest.Server, *sign.Cache) {
	t.Helper()
	bucket := edge.Bucket(files)
	cdn := edgetest.New(t, bucket)
	cache, err := sign.NewCache(cdn.Signer, 4*time.Hour, sign.CacheOptions{})
	if err != nil {
		t.Fatal(err)
	}
	origin, err := newOrigin(bucket, cache, secret)
	if err != nil {
		t.Fatal(err)
	}
	cdn.Update(t, edge.Config{
		Behaviors: []edge.Behavior{{
			PathPattern: "*.m3u8",
			Origin:      edge.Origin{Handler: origin, Headers: map[string]string{secretName: secret}},
		}},
		Default: edge.Behavior{Origin: bucket},
	})
	return cdn, cache
}

// play requests a playlist and all that it names, and returns the URLs of the segments.
func play(t *testing.T, cdn *edgetest.Server, playlistURL string) (segments []string) {
	t.Helper()
	base, err := url.Parse(playlistURL)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(cdn.Allowed(t, playlistURL).Body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		named, err := base.Parse(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		if path.Ext(named.Path) == ".m3u8" {
			segments = append(segments, play(t, cdn, named.String())...)
			continue
		}
		cdn.Allowed(t, named.String())
		segments = append(segments, named.String())
	}
	return segments
}

// TestPlay: a player with the link gets every segment, and nothing of another film.
func TestPlay(t *testing.T) {
	cdn, cache := newCDN(t)
	link, err := filmLink(t.Context(), cache, "7")
	if err != nil {
		t.Fatal(err)
	}
	segments := play(t, cdn, link)
	var names []string
	for _, segment := range segments {
		name, query, _ := strings.Cut(strings.TrimPrefix(segment, "https://cdn.example.com/films/"), "?")
		names = append(names, name)
		cdn.Denied(t, "https://cdn.example.com/films/"+name, verify.ErrMissing)
		cdn.Denied(t, "https://cdn.example.com/films/8/1.ts?"+query, verify.ErrWrongResource)
		cdn.Denied(t, "https://cdn.example.com/films/8/index.m3u8?"+query, verify.ErrWrongResource)
	}
	if diff := cmp.Diff([]string{"7/low/1.ts", "7/low/2.ts", "7/high/1.ts", "7/high/2.ts"}, names); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
}

// TestExpiry: the link expires. A viewer who has requested a playlist in time has a new
// signature, as the page says.
func TestExpiry(t *testing.T) {
	cdn, cache := newCDN(t)
	link, err := filmLink(t.Context(), cache, "7")
	if err != nil {
		t.Fatal(err)
	}
	last := link
	for range 4 {
		segments := play(t, cdn, last)
		_, query, _ := strings.Cut(segments[0], "?")
		last = "https://cdn.example.com/films/7/index.m3u8?" + query
		cdn.Clock.Advance(3 * time.Hour)
	}
	cdn.Denied(t, link, verify.ErrExpired)
	cdn.Allowed(t, last)
	cdn.Clock.Advance(9 * time.Hour) // the lifetime, a window and more
	cdn.Denied(t, last, verify.ErrExpired)
}

// TestOrigin: the origin answers nobody but CloudFront, and signs no film for a path that leads
// to another one.
func TestOrigin(t *testing.T) {
	_, cache := newCDN(t)
	origin, err := newOrigin(http.FileServerFS(files), cache, secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path, secret string
		want         int
		reason       string
	}{
		{"/films/7/index.m3u8", secret, http.StatusOK, "CloudFront"},
		{"/films/7/index.m3u8", "", http.StatusForbidden, "a viewer who found the origin"},
		{"/films/7/index.m3u8", "guess", http.StatusForbidden, "a guess"},
		{"/films/7/..%2f8/index.m3u8", secret, http.StatusInternalServerError, "film 8, with a signature for film 7"},
		{"/films/..%2ffilms/index.m3u8", secret, http.StatusNotFound, "no film"},
		{"/films/9/index.m3u8", secret, http.StatusNotFound, "no such film"},
		{"/other/index.m3u8", secret, http.StatusNotFound, "no film"},
	} {
		r := httptest.NewRequest(http.MethodGet, tt.path, nil)
		r.Header.Set(secretName, tt.secret)
		w := httptest.NewRecorder()
		origin.ServeHTTP(w, r)
		if w.Code != tt.want || w.Code != http.StatusOK && strings.Contains(w.Body.String(), "#EXTM3U") {
			t.Errorf("%s, %s: %d, want %d", tt.path, tt.reason, w.Code, tt.want)
		}
	}
	if _, err := newOrigin(http.NotFoundHandler(), cache, ""); err == nil {
		t.Error("an empty secret lets everyone in")
	}
}

// TestWarning: URLs without a signature are logged.
func TestWarning(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	cdn, cache := newCDN(t)
	for film, want := range map[string]bool{"7": false, "8": true} {
		log.Reset()
		link, err := filmLink(context.Background(), cache, film)
		if err != nil {
			t.Fatal(err)
		}
		cdn.Allowed(t, link)
		if got := strings.Contains(log.String(), "1 elsewhere"); got != want || strings.Contains(log.String(), "Signature") {
			t.Errorf("film %s logs %s", film, &log)
		}
	}
}

// TestOtherHost: relative URLs in a playlist of the application's host stay unsigned, and the
// status is 200, as the page warns.
func TestOtherHost(t *testing.T) {
	_, cache := newCDN(t)
	credentials := func(r *http.Request) (string, sign.SignedPolicy, error) {
		_, signed, err := signFilm(r.Context(), cache, "7")
		return "https://app.example.com" + r.URL.EscapedPath(), signed, err
	}
	var log bytes.Buffer
	handler := playlist.Handler(http.FileServerFS(files), credentials, playlist.Options{
		Observe: func(_ context.Context, e playlist.Event) { log.WriteString(e.String()) },
	})
	const index = "films/7/low/index.m3u8"
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/"+index, nil))
	if w.Code != http.StatusOK || w.Body.String() != string(files[index].Data) || !strings.Contains(log.String(), "0 signed, 2 elsewhere") {
		t.Errorf("%d, %q, %s", w.Code, w.Body, &log)
	}
}

// TestPage: the page shows the program.
func TestPage(t *testing.T) {
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(string(program), "\n\n")
	if diff := cmp.Diff([]string{want}, markdown.Code(t, "../../docs/streams.md", "go")); diff != "" {
		t.Errorf("the page (-program +page):\n%s", diff)
	}
}
