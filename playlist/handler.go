// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/internal/lostlog"
	"github.com/cfsign/cfsign/internal/responsewriter"
	"github.com/cfsign/cfsign/sign"
)

// Credentials returns the policy that was signed for the viewer of r, and the URL that the
// viewer fetches the playlist from, as in [NewHLS]. If the viewer may not have the
// playlist, it returns an error.
//
// Behind CloudFront, r.Host is the origin's own host, unless the behavior forwards the
// viewer's. So write the host of the distribution into playlistURL yourself.
//
// A [Handler] calls it for each response that is a playlist. Several goroutines may call it
// at once. It must check the viewer itself, or run behind a handler that does. It must not
// change r.
type Credentials func(r *http.Request) (playlistURL string, s sign.SignedPolicy, err error)

// Options configure a [Handler]. The zero value is ready to use.
type Options struct {
	// Error answers the viewer if [Credentials] returns an error, or an invalid URL or
	// policy, or if the playlist cannot be rewritten. When it is called, nothing has been
	// sent, and w has no headers of the origin. Nil: a response with the status 500 and no
	// details.
	Error func(w http.ResponseWriter, r *http.Request, err error)
	// Observe is called with the counts of each playlist, and with each error, even if
	// the response has already begun. You should set it, and look at the URLs that were
	// left alone: a playlist without a signature is not an error, and its status is 200.
	// Observe gets the context of the request, and must not change e.Request. Several
	// goroutines may call it at once. Nil: slog.Default of log/slog gets the errors that
	// Options.Error does not get, and playlists in which URLs were left alone and none was
	// signed.
	Observe func(ctx context.Context, e Event)
}

// Handler returns a handler that sends the responses of origin, with playlists rewritten. The
// origin can be any handler, such as a file server or an httputil.ReverseProxy. Handler
// calls credentials for each playlist. If the viewer fetches the playlist from another host
// than the policy's, relative URLs stay unsigned, and the status is 200.
//
// A response is a playlist if it answers GET or HEAD with the status 200, and its
// Content-Type is an HLS or DASH type. If the path ends in .m3u8, .m3u or .mpd, the
// Content-Type can also be missing, or be octet-stream, plain text or XML. All other responses
// pass through unchanged: other statuses and methods, and ranges.
//
// For a path with such an ending, the origin gets the request without Range, conditions and
// Accept-Encoding, so that it sends the whole playlist. For another path, a playlist is
// rewritten only if the origin sends it whole.
//
// A playlist that the origin has compressed with gzip is decoded, if it has at most 16 MiB
// both ways. A playlist with another Content-Encoding passes through unchanged, and Observe
// gets an error that wraps [ErrEncoding]. The rewritten playlist is compressed with gzip if
// the viewer accepts that, because the signing parameters make it ten times longer.
//
// The rewritten response is for one viewer: Cache-Control becomes "private, no-store".
// Content-Length, ETag, Last-Modified, Accept-Ranges, Expires and digests are removed, because
// they describe the original. If CloudFront is in front, its cache behavior must have a
// minimum TTL of 0, because otherwise it caches the response anyway. A response to HEAD has
// the same headers.
//
// If the playlist cannot be rewritten, or the origin sends another length than its
// Content-Length, Options.Error answers as long as nothing was sent. A DASH manifest is sent
// when it is complete. Of an HLS playlist, 32 KiB are held back, unless the origin flushes.
// After that the handler panics with [http.ErrAbortHandler]. Then net/http closes the
// connection, so the viewer cannot mistake a part of the playlist for the whole.
//
// The ResponseWriter that origin gets has Flush, ReadFrom and Hijack, so event streams and
// WebSockets work; for other methods use [http.ResponseController]. The handler is safe for
// concurrent use.
func Handler(origin http.Handler, credentials Credentials, o Options) http.Handler {
	isRefused := o.Error != nil // and not only answered
	lost := new(lostlog.Log)
	if !isRefused {
		o.Error = func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			origin.ServeHTTP(w, r)
			return
		}
		x := &response{request: r, credentials: credentials, options: o, isRefused: isRefused, lost: lost, before: w.Header().Clone()}
		x.Init(w, x)
		origin.ServeHTTP(x, wholePlaylist(r))
		x.finish()
	})
}

// wholePlaylist returns the request for the origin: if the path is the path of a playlist, a
// request for the whole playlist.
func wholePlaylist(r *http.Request) *http.Request {
	if constructorFor("", r.URL.Path) == nil {
		return r
	}
	whole := r.WithContext(r.Context())
	whole.Header = r.Header.Clone()
	for _, name := range []string{
		"Range", "If-Range", "Accept-Encoding",
		"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since",
	} {
		whole.Header.Del(name)
	}
	return whole
}

// constructor is the type of NewHLS and NewDASH.
type constructor = func(io.Writer, string, sign.SignedPolicy) (*Writer, error)

const (
	typeHLS  = "application/vnd.apple.mpegurl"
	typeDASH = "application/dash+xml"
)

// constructorFor returns the constructor for a response with this Content-Type and path, or
// nil if the response is not a playlist.
func constructorFor(contentType, urlPath string) constructor {
	contentType, _, _ = strings.Cut(contentType, ";")
	switch strings.ToLower(strings.TrimSpace(contentType)) {
	case typeHLS, "application/x-mpegurl", "application/mpegurl", "audio/mpegurl", "audio/x-mpegurl":
		return NewHLS
	case typeDASH:
		return NewDASH
	// Servers send these for files with an unknown extension; binary/octet-stream is S3's.
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

// A response is the http.ResponseWriter that the origin gets.
type response struct {
	responsewriter.Writer
	request     *http.Request
	credentials Credentials
	options     Options
	isRefused   bool // Options.Error is the caller's
	lost        *lostlog.Log
	before      http.Header // the header before the origin was called

	sender   notingWriter
	body     *body // nil: not a playlist, refused, or HEAD
	declared int64 // the origin's Content-Length, or -1
}

// Hijacked does nothing: a connection is not a playlist.
func (x *response) Hijacked() {}

// Begin decides whether the response is rewritten, refused, or passed through.
func (x *response) Begin(status int) io.Writer {
	newWriter := constructorFor(x.Header().Get("Content-Type"), x.request.URL.Path)
	if newWriter == nil || status != http.StatusOK {
		return nil
	}
	encoding := contentEncoding(x.Header())
	if encoding != "" && encoding != "gzip" {
		x.observe(Result{}, refuse(ErrEncoding, "only gzip can be decoded: let the origin send playlists as they are"))
		return nil
	}
	b, err := x.begin(newWriter, encoding == "gzip")
	if err != nil {
		x.refuse(err)
		return responsewriter.Answered{}
	}
	if x.request.Method == http.MethodHead {
		b.viewer.release()
		return io.Discard
	}
	x.body = b
	return b
}

// begin creates the body, and makes the header fit the rewritten playlist.
func (x *response) begin(newWriter constructor, decode bool) (*body, error) {
	playlistURL, s, err := x.credentials(x.request)
	if err != nil {
		return nil, err
	}
	x.sender.ResponseWriter = x.Unwrap()
	compress := acceptsGzip(x.request.Header)
	v := newViewer(&x.sender, compress)
	b := &body{viewer: v, sender: &x.sender, isCompressed: decode}
	if b.writer, err = newWriter(v, playlistURL, s); err != nil {
		v.release()
		return nil, err
	}
	h := x.Header()
	x.declared = -1
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
		x.declared = n
	}
	changeHeader(h, compress)
	if h.Get("Content-Type") == "" { // net/http would guess a type
		h.Set("Content-Type", b.writer.rewriter.contentType())
	}
	return b, nil
}

// changeHeader removes what describes the origin's response, and forbids caching.
func changeHeader(h http.Header, compress bool) {
	for _, name := range []string{
		"Content-Length", "Content-Encoding", "ETag", "Last-Modified", "Accept-Ranges", "Expires",
		"Digest", "Content-Digest", "Repr-Digest", "Content-MD5",
		// Some caches prefer these to Cache-Control.
		"CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Surrogate-Control", "X-Accel-Expires",
	} {
		h.Del(name)
	}
	h.Set("Cache-Control", "private, no-store")
	h.Add("Vary", "Accept-Encoding")
	if compress {
		h.Set("Content-Encoding", "gzip")
	}
}

// refuse answers err, with the header from before the origin was called.
func (x *response) refuse(err error) {
	h := x.Header()
	clear(h)
	maps.Copy(h, x.before)
	x.tell(Result{}, err)
	if !x.isRefused {
		x.lose(Result{}, err)
	}
	x.options.Error(x.Unwrap(), x.request, err)
}

// finish ends the response after the origin has returned.
func (x *response) finish() {
	x.Finish()
	if x.body == nil {
		return
	}
	defer x.body.viewer.release()
	err := x.body.close(x.declared)
	switch {
	case err == nil:
		x.observe(x.body.writer.Result(), nil)
	case !x.sender.sent:
		x.refuse(err)
	default:
		x.observe(x.body.writer.Result(), err)
		panic(http.ErrAbortHandler)
	}
}

// observe tells the hook about a playlist, or the log if there is no hook.
func (x *response) observe(result Result, err error) {
	x.tell(result, err)
	x.lose(result, err)
}

// tell calls the hook.
func (x *response) tell(result Result, err error) {
	if x.options.Observe != nil {
		x.options.Observe(x.request.Context(), Event{Request: x.request, Result: result, Err: err})
	}
}

// lose logs what a viewer would notice, if there is no hook. A viewer who has gone notices nothing.
func (x *response) lose(result Result, err error) {
	ctx := x.request.Context()
	connection := (*net.OpError)(nil)
	if x.options.Observe != nil || ctx.Err() != nil || errors.As(err, &connection) {
		return
	}
	event := slog.Any("event", Event{Request: x.request, Result: result, Err: err})
	switch {
	case err != nil:
		x.lost.Write(ctx, slog.LevelError, "playlist: a playlist was not sent, or not as it should be", event)
	case result.NotPlaylist:
		x.lost.Write(ctx, slog.LevelWarn, "playlist: the origin sent something else than a playlist", event)
	case result.Signed == 0 && result.LeftAlone() > 0:
		x.lost.Write(ctx, slog.LevelWarn, "playlist: no URL was signed: is the URL that Credentials returns on the host of the policy?", event)
	}
}
