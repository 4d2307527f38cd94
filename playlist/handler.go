// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"context"
	"net/http"
	"path"
	"strings"

	"github.com/cfsign/cfsign/sign"
)

// Credentials says what the viewer who sent r gets: the URL under which they have
// fetched the playlist, as [NewHLS] needs it, and a policy that was signed for
// them. It returns an error if they get nothing.
//
// It is called for each response that is a playlist, perhaps by several goroutines,
// and must have checked the viewer itself, or stand behind something that has. It
// must not change r.
type Credentials func(r *http.Request) (playlistURL string, s sign.SignedPolicy, err error)

// Options are what a [Handler] can do without.
type Options struct {
	// Error answers instead of the playlist when credentials, or the URL or policy that
	// it returned, has an error. Nothing was sent before, and w has no header that
	// the origin set. Nil answers 500 without details.
	Error func(w http.ResponseWriter, r *http.Request, err error)
	// Observe is called with each error, also with one after which nothing can be
	// answered, with the context of the request and by several goroutines at once.
	// It must not change e.Request. Nil: nobody is told.
	Observe func(ctx context.Context, e Event)
}

// Handler returns a handler that sends what origin does, with playlists rewritten:
// answers with the status 200 to GET and HEAD, without a Content-Encoding, whose
// Content-Type is one of HLS or DASH, or says nothing (none, octet-stream, plain
// text, XML) while the path ends in .m3u8, .m3u or .mpd. Everything else passes
// through untouched: other statuses and methods, ranges, compressed answers.
//
// So that a path with such an ending is answered in full, its request goes to the
// origin without Range, conditions and Accept-Encoding. A playlist at another
// path is rewritten if the origin happens to send it in full and uncompressed.
//
// The rewritten answer is that of one viewer: Cache-Control becomes "private,
// no-store", and Content-Length, ETag, Last-Modified, Accept-Ranges, Expires and
// digests, which are those of something else, are dropped. A cache behavior of
// CloudFront in front needs a minimum TTL of 0, or it keeps the answer all the same.
//
// If the rewriting fails after the start, or the origin sends less than its
// Content-Length said, the handler panics with [http.ErrAbortHandler], as net/http
// asks it to, so that no part of a playlist is taken for the whole.
//
// The ResponseWriter that origin gets has Flush, ReadFrom and Hijack, so that event streams
// and WebSockets pass; for the rest use [http.ResponseController]. The handler is safe for
// concurrent use.
func Handler(origin http.Handler, credentials Credentials, o Options) http.Handler {
	if o.Error == nil {
		o.Error = func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			origin.ServeHTTP(w, r)
			return
		}
		answer := &response{request: r, credentials: credentials, options: o, before: w.Header().Clone()}
		answer.Init(w, answer)
		origin.ServeHTTP(answer, inFull(r))
		answer.finish()
	})
}

// inFull returns the request for the origin: one for all of the playlist, as it is.
func inFull(r *http.Request) *http.Request {
	if makerOf("", r.URL.Path) == nil {
		return r
	}
	full := r.WithContext(r.Context())
	full.Header = r.Header.Clone()
	for _, name := range []string{
		"Range", "If-Range", "Accept-Encoding",
		"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since",
	} {
		full.Header.Del(name)
	}
	return full
}

// makerOf returns the constructor for what has this Content-Type and path, or nil.
func makerOf(contentType, urlPath string) maker {
	contentType, _, _ = strings.Cut(contentType, ";")
	switch strings.ToLower(strings.TrimSpace(contentType)) {
	case typeHLS, "application/x-mpegurl", "application/mpegurl", "audio/mpegurl", "audio/x-mpegurl":
		return NewHLS
	case typeDASH:
		return NewDASH
	// What servers say of a file whose ending they do not know; binary is S3's.
	case "", "application/octet-stream", "binary/octet-stream", "text/plain", "text/xml", "application/xml":
		switch strings.ToLower(path.Ext(urlPath)) {
		case ".m3u8", ".m3u":
			return NewHLS
		case ".mpd":
			return NewDASH
		}
	}
	return nil
}

const (
	typeHLS  = "application/vnd.apple.mpegurl"
	typeDASH = "application/dash+xml"
)
