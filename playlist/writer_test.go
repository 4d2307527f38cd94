// SPDX-License-Identifier: Apache-2.0

package playlist_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/playlist"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

func TestNew(t *testing.T) {
	s := signFolder(t, newSigner(t), folder)
	for name, c := range map[string]struct {
		url  string
		s    sign.SignedPolicy
		want error
	}{
		"in order":         {url: playlistURL, s: s},
		"query":            {url: playlistURL + "?token=x&Signature=secret", s: s},
		"asterisk":         {url: "https://cdn.example.com/v/*.m3u8", s: s},
		"zero policy":      {url: playlistURL, want: playlist.ErrZeroValue},
		"relative":         {url: "/v/a.m3u8?Signature=secret", s: s, want: playlist.ErrURL},
		"another scheme":   {url: "ftp://cdn.example.com/a.m3u8", s: s, want: playlist.ErrURL},
		"no path":          {url: "https://cdn.example.com?Signature=secret", s: s, want: policy.ErrPath},
		"asterisk in host": {url: "https://*.example.com/a.m3u8", s: s, want: playlist.ErrURL},
		"dot segment":      {url: "https://cdn.example.com/a/../b.m3u8", s: s, want: policy.ErrDotSegment},
		"upper case":       {url: "https://CDN.example.com/b.m3u8", s: s, want: policy.ErrHost},
		"fragment":         {url: "https://cdn.example.com/b.m3u8#x", s: s, want: policy.ErrFragment},
	} {
		t.Run(name, func(t *testing.T) {
			for _, dash := range []bool{false, true} {
				w, err := newWriter(io.Discard, dash, c.url, c.s)
				if !errors.Is(err, c.want) || (err == nil) != (w != nil) {
					t.Fatalf("got %v, %v", w, err)
				}
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("the error has the query: %v", err)
				}
			}
		})
	}
}

// A failingWriter fails after some writes.
type failingWriter struct{ left int }

var errFull = errors.New("full")

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

type shortWriter struct{}

func (shortWriter) Write(p []byte) (int, error) { return len(p) / 2, nil }

func TestErrorsStay(t *testing.T) {
	s := signFolder(t, newSigner(t), folder)
	for _, dash := range []bool{false, true} {
		w, err := newWriter(&failingWriter{left: 1}, dash, playlistURL, s)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []error{nil, errFull, errFull} {
			if _, err := io.WriteString(w, "#EXTM3U\n<"); !errors.Is(err, want) {
				t.Errorf("write %d: %v, want %v", i, err, want)
			}
		}
		if err := w.Close(); !errors.Is(err, errFull) {
			t.Errorf("Close: %v", err)
		}
		w, err = newWriter(shortWriter{}, dash, playlistURL, s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "#EXTM3U\n<"); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("a short write: %v", err)
		}
		w, err = newWriter(io.Discard, dash, playlistURL, s)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Close(), w.Close()); err != nil {
			t.Errorf("Close twice: %v", err)
		}
		if _, err := w.Write(nil); !errors.Is(err, playlist.ErrClosed) {
			t.Errorf("Write after Close: %v", err)
		}
	}
	var zero playlist.Writer
	if _, err := zero.Write(nil); !errors.Is(err, playlist.ErrZeroValue) {
		t.Errorf("a zero Writer: %v", err)
	}
	if err := zero.Close(); !errors.Is(err, playlist.ErrZeroValue) {
		t.Errorf("a zero Writer: %v", err)
	}
	if err := playlist.RewriteHLS(io.Discard, io.MultiReader(strings.NewReader(small), &failingReader{}), playlistURL, s); !errors.Is(err, errFull) {
		t.Errorf("a failing reader: %v", err)
	}
}

type failingReader struct{}

func (*failingReader) Read([]byte) (int, error) { return 0, errFull }

func TestTooLong(t *testing.T) {
	s := signFolder(t, newSigner(t), folder)
	const most = 1 << 20
	for name, c := range map[string]struct {
		dash   bool
		input  string
		want   error
		reason string
	}{
		"line that fits": {input: "#EXTM3U\n#" + strings.Repeat("x", most-2) + "\n"},
		"line":           {input: "#EXTM3U\n#" + strings.Repeat("x", most-1) + "\n", want: playlist.ErrTooLong},
		"last line":      {input: "#EXTM3U\n" + strings.Repeat("x", most+1), want: playlist.ErrTooLong},
		"no playlist":    {input: "GIF89a\n" + strings.Repeat("x", 3*most), reason: "goes through"},
		"comment":        {dash: true, input: "<MPD><!--" + strings.Repeat("x", most) + "-->", want: playlist.ErrTooLong},
		"tag":            {dash: true, input: "<MPD a='" + strings.Repeat("x", most) + "'>", want: playlist.ErrTooLong},
		"text":           {dash: true, input: "<MPD>" + strings.Repeat("x", most+1) + "</MPD>", want: playlist.ErrTooLong},
		"no manifest":    {dash: true, input: "<html>" + strings.Repeat("x", 3*most), reason: "goes through"},
		"long BaseURL":   {dash: true, input: "<MPD><BaseURL>" + strings.Repeat("x", most/2) + "</BaseURL></MPD>", reason: "is not covered"},
	} {
		for _, size := range []int{len(c.input), 4096, 5000} {
			got, err := rewrite(t, c.dash, playlistURL, s, c.input, size)
			if !errors.Is(err, c.want) {
				t.Errorf("%s in pieces of %d: %v, want %v: %s", name, size, err, c.want, c.reason)
			}
			if err == nil && got != c.input {
				t.Errorf("%s in pieces of %d was changed", name, size)
			}
		}
	}
}

// TestOtherPolicies: the policy decides, whatever its form.
func TestOtherPolicies(t *testing.T) {
	signer := newSigner(t)
	canned, err := policy.Canned("https://cdn.example.com/v/a/2.ts", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	exact, err := signer.Sign(t.Context(), canned)
	if err != nil {
		t.Fatal(err)
	}
	pattern, err := policy.Pattern("https://*.example.com/v/*.ts")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		s    sign.SignedPolicy
		dash bool
		text string
	}{
		"canned":          {s: exact, text: "#EXTM3U\n1.ts\n2.ts[?]\n2.ts?a\n"},
		"canned template": {s: exact, dash: true, text: `<MPD><SegmentTemplate media="$Number$.ts" initialization="2.ts[?]"/></MPD>`},
		"pattern":         {s: signResource(t, signer, pattern), text: "#EXTM3U\n1.ts[?]\n1.mp4\n1.ts?a\nhttps://other.example.com/v/2.ts[?]\nhttps://example.net/v/2.ts\n"},
	} {
		t.Run(name, func(t *testing.T) {
			input, want := fill(c.text, c.dash, c.s)
			var b bytes.Buffer
			w, err := newWriter(&b, c.dash, playlistURL, c.s)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(w, input)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, b.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
