// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/cfsign/cfsign/playlist"
	"github.com/cfsign/cfsign/sign"
)

const (
	playlistURL = base + "/" + userID + "/video/1080p.m3u8"
	segments    = 5000
)

// playlistJobs rewrite a long HLS playlist so that each segment has the credential.
func playlistJobs(a algorithm, w *workload) ([]job, error) {
	s, err := sign.New(keyPairID, privateKey(a), sign.Options{})
	if err != nil {
		return nil, err
	}
	signed, err := s.Sign(context.Background(), w.custom)
	if err != nil {
		return nil, err
	}
	text := hlsPlaylist()
	return []job{{
		cells: []cell{{a, rowPlaylist, ours}},
		measure: inProcess(1, func() error {
			return playlist.RewriteHLS(io.Discard, bytes.NewReader(text), playlistURL, signed)
		}),
		output: func(context.Context) (output, error) {
			var rewritten bytes.Buffer
			if err := playlist.RewriteHLS(&rewritten, bytes.NewReader(text), playlistURL, signed); err != nil {
				return output{}, err
			}
			return lastSegment(rewritten.String())
		},
	}}, nil
}

// hlsPlaylist returns a playlist of 500 KB. Its lines are those of a recording.
func hlsPlaylist() []byte {
	var b bytes.Buffer
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n")
	start := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	for i := range segments {
		at := start.Add(time.Duration(i) * 6 * time.Second)
		fmt.Fprintf(&b, "#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:6.000,\n1080p/2026-01-01/segment-%05d.m4s\n", at.Format("2006-01-02T15:04:05.000Z"), i)
	}
	b.WriteString("#EXT-X-ENDLIST\n")
	return b.Bytes()
}

// lastSegment returns the URL of the last segment as a player asks for it, and an
// error unless every segment is signed.
func lastSegment(rewritten string) (output, error) {
	signed, last := 0, ""
	for line := range strings.Lines(rewritten) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		last = strings.TrimSpace(line)
		if strings.Contains(last, "&Signature=") {
			signed++
		}
	}
	if signed != segments {
		return output{}, fmt.Errorf("%d of %d segments are signed", signed, segments)
	}
	location, err := url.Parse(playlistURL)
	if err != nil {
		return output{}, err
	}
	segment, err := location.Parse(last)
	if err != nil {
		return output{}, err
	}
	return output{URL: segment.String()}, nil
}
