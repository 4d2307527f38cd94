// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"bytes"
	"io"
	"path"
	"strings"

	"github.com/cfsign/cfsign/sign"
)

// NewWebVTT returns a Writer that rewrites the WebVTT file of a player's thumbnails, and
// writes it to w. It signs the lines of cues that name an image: a part of it, as in
// sprite.jpg#xywh=0,0,160,90, or the whole, as in 1.jpg. Other lines stay
// unchanged, such as the text of subtitles. Input that does not begin with WEBVTT stays
// unchanged.
//
// fileURL is the URL that the viewer fetches the file from. The errors are those of [NewHLS].
//
// Use it only if your player resolves the URLs at the URL of the file, as players do. A
// player that resolves them at the URL of its page would send the signing parameters to the
// page's host.
func NewWebVTT(w io.Writer, fileURL string, s sign.SignedPolicy) (*Writer, error) {
	c, l, err := prepare(fileURL, s)
	if err != nil {
		return nil, err
	}
	return &Writer{rewriter: &lines{lineFormat: &webVTT{credential: c, location: l}, output: output{w: w}}}, nil
}

// RewriteWebVTT is [RewriteHLS] for the file of [NewWebVTT].
func RewriteWebVTT(dst io.Writer, src io.Reader, fileURL string, s sign.SignedPolicy) (Result, error) {
	x, err := NewWebVTT(dst, fileURL, s)
	if err != nil {
		return Result{}, err
	}
	return rewrite(x, src)
}

// webVTT rewrites the files of thumbnails.
//
// Source: "WebVTT: The Web Video Text Tracks Format", file structure,
// https://www.w3.org/TR/webvtt1/#file-structure
type webVTT struct {
	credential
	location location
	started  bool // WEBVTT was read
	inCue    bool // after the line with the times of a cue
	result   Result
}

func (*webVTT) contentType() string { return "text/vtt" }

func (v *webVTT) passes() bool { return v.result.NotPlaylist }

func (v *webVTT) counts() Result { return v.result }

func (v *webVTT) appendLine(dst, line []byte) []byte {
	text := withoutBreak(line)
	switch {
	case v.passes():
	case !v.started:
		v.started = bytes.HasPrefix(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), []byte("WEBVTT"))
		v.result.NotPlaylist = !v.started
	case len(text) == 0:
		v.inCue = false
	case bytes.Contains(text, []byte("-->")):
		v.inCue = true
	case v.inCue && namesImage(text):
		var verdict verdict
		dst, verdict = v.appendSigned(dst, text, &v.location)
		v.result.add(verdict)
		return append(dst, line[len(text):]...)
	}
	return append(dst, line...)
}

// namesImage reports whether a line of a cue is the URL of an image, or of a part of it.
func namesImage(line []byte) bool {
	uri, fragment, _ := strings.Cut(strings.Trim(string(line), " \t"), "#")
	if strings.HasPrefix(fragment, "xywh=") {
		return true
	}
	uri, _, _ = strings.Cut(uri, "?")
	switch strings.ToLower(path.Ext(uri)) {
	case ".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif":
		return !strings.ContainsAny(uri, " \t")
	}
	return false
}
