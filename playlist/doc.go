// SPDX-License-Identifier: Apache-2.0

/*
Package playlist adds a signature to the URLs in HLS playlists and DASH manifests, for
players that cannot send signed cookies. If your players can use signed cookies, you do
not need this package.

	credentials := func(r *http.Request) (string, sign.SignedPolicy, error) {
		if r.Header.Get("X-Ticket") == "" {
			return "", sign.SignedPolicy{}, errNoTicket
		}
		return "https://cdn.example.com" + r.URL.EscapedPath(), signed, nil
	}
	origin := playlist.Handler(files, credentials, playlist.Options{Error: deny})

The playlist must come from the host of its segments, or name them with absolute URLs: a
relative URL is on the host of the playlist, and the policy is for the host of the CDN. So
put [Handler] between CloudFront and the origin, and not into an application on another
host. Otherwise no URL is signed, the status is still 200, and the player gets a 403 for each
segment. [Options].Observe tells you or, without it, the log. The page docs/streams.md has a program.

Sign a policy that covers a folder. The package then adds CloudFront's signing parameters to
each URL that the policy covers. [Handler] rewrites the responses of a server. [RewriteHLS],
[RewriteDASH] and [RewriteWebVTT] rewrite a whole file, and [NewHLS], [NewDASH] and
[NewWebVTT] return a [Writer] that rewrites what you write to it. A [Result] counts the URLs
that were signed, and those that were left alone, by reason.

# What is rewritten

In HLS (RFC 8216 and its second edition, with low latency and interstitials): the lines that
are URIs, and the attributes with URIs of EXT-X-KEY, SESSION-KEY, MAP, MEDIA,
I-FRAME-STREAM-INF, IMAGE-STREAM-INF, PART, PRELOAD-HINT, RENDITION-REPORT, SESSION-DATA,
CONTENT-STEERING and DATERANGE (X-ASSET-URI, X-ASSET-LIST, X-URI).

In DASH (ISO/IEC 23009-1): a BaseURL that names a file, Location, PatchLocation, the URLs of
SegmentTemplate, SegmentURL, Initialization, InitializationSet, RepresentationIndex and
BitstreamSwitching, xlink:href, ImportedMPD, and UTCTiming over HTTP. If they are absolute
URLs, also ContentSteering and its proxyServerURL, the URLs of ReplacePresentation,
InsertPresentation and AlternativeMPD, callback events, and the properties for chaining,
fallback and links to other manifests. Some players resolve a relative URL there at the URL
of their page. Lists of several URLs stay unchanged.

In WebVTT: the images of thumbnails.

All other bytes stay the same. A URL keeps its form, relative or absolute. The signing
parameters go after the URL's own parameters and before its fragment.

# What is not rewritten

These documents have URLs of their own, and are not rewritten: the JSON of X-ASSET-LIST, of
session data and of steering servers, patches of a manifest (the root element Patch), the
Periods and other elements behind an xlink:href, and manifests of Smooth Streaming. Write
signed URLs into them, or use cookies. The same is true for DRM license servers (Laurl) and
for the href of UrlQueryInfo.

Some players change a signed URL, or do not use it:

  - ffmpeg, and mpv with it, cannot read the manifest if a BaseURL that names a file is
    signed, because ffmpeg's DASH demuxer writes it back without XML's escapes. Use a
    SegmentTemplate or SegmentList for these players, or cookies.
  - A steering server can define pathway clones. hls.js and Shaka then put the clone's host
    into a signed URL, so the signing parameters go to that host. Define clones only for
    hosts that may see them.
  - UrlQueryInfo with useMPDUrlQuery adds the query of the manifest's URL to segments. With a
    signed manifest this is another way to sign segments. Do not use both, because CloudFront
    does not say what it does with parameters that appear twice.

# Which URLs are signed

The package resolves each URL as a player does, and adds the signing parameters only if the
policy covers the result. A URL of another host never gets them, and neither does a URL with
a signing parameter of its own. Spaces, letters outside ASCII and other characters that
browsers percent-encode are judged as browsers request them. A URL stays unchanged if players
could read it in different ways, because:

  - it has a control character, a backslash, a character outside ASCII other than letters,
    marks and digits, or an HLS variable {$name}, whose value can come from another playlist
    or from the URL;
  - it has dot segments that are percent-encoded, that lead above the root, or that are in
    an absolute URL;
  - it is in a tag with attributes that can be read in more than one way;
  - in DASH, it is in a CDATA section, has an entity of a document type, is below a
    BaseURL that cannot be read, or is in a SegmentTemplate with an unknown variable.

A URL of a manifest can stand for several: a player resolves the SegmentTemplate of an
AdaptationSet at the BaseURLs of each Representation, with its ID. The policy must cover all
of them. If alternative BaseURLs have other hosts, relative URLs stay unchanged; the Result
counts them as divided. If a template has other variables in its path, the policy must have
a wildcard there.

# Limits

HLS and WebVTT are rewritten line by line, and a line may have 1 MiB. A DASH manifest is
collected, and rewritten when it is complete. It may have 16 MiB, 256 nested elements, and
131,072 elements with URLs. If it exceeds these limits, if its URLs have too many BaseURLs
and Representations (256 MiB when all of them are resolved), or if it is not well-formed XML,
that is an error, and nothing was written. A URL that is longer than CloudFront's 8,192
bytes, an element with more than 64 alternative BaseURLs, and BaseURLs in more than 16
nested elements are not known; the URLs that depend on them stay unchanged.

# Caching and expiry

A rewritten playlist contains the credential, so you must not cache it for other viewers.
All of its URLs expire with the policy. A live playlist is signed again with each request.
For a recording, the policy should last as long as a viewer may watch it.

# Several playlists

A multivariant playlist names media playlists. Their URLs get the signing parameters too,
but their content must also be rewritten when a player requests it, so all of them must go
through [Handler]. Two playlists can name the same URL, as rendition reports do. Pass the same
signed policy for both playlists, and the URL is the same in both of them.
*/
package playlist
