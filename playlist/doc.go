// SPDX-License-Identifier: Apache-2.0

/*
Package playlist adds a signature to the URLs in HLS playlists and DASH manifests, for
players that cannot send signed cookies.

A policy that covers a folder is signed once, and [NewHLS] or [NewDASH] give a
[Writer] that adds its query to each URL that the policy covers while the playlist
goes through. [RewriteHLS] and [RewriteDASH] do so for a whole file, and [Handler]
for the answers of a server. Where signed cookies work, none of this is needed.

# What is rewritten

In HLS (RFC 8216 and its second edition, with low latency and interstitials): the
lines that are URIs, and the attributes with URIs of EXT-X-KEY, SESSION-KEY, MAP, MEDIA,
I-FRAME-STREAM-INF, IMAGE-STREAM-INF, PART, PRELOAD-HINT, RENDITION-REPORT, SESSION-DATA,
CONTENT-STEERING and DATERANGE (X-ASSET-URI, X-ASSET-LIST). In DASH (ISO/IEC 23009-1):
BaseURLs of files, Location, PatchLocation, the URLs of SegmentTemplate, SegmentURL,
Initialization, RepresentationIndex and BitstreamSwitching, and xlink:href.

Nothing else changes, not by a byte. A URL stays as it is written, relative or not,
and the query goes behind its own parameters and before a fragment.

# Who gets the credential

A URL is resolved as the player does it, and gets the query only if the policy covers
the result: never one of another host, and none with a signing parameter of its own.
Where players differ, the URL is left alone. So it is with

  - characters outside of RFC 3986, which includes HLS variables such as {$name}: their
    values may come from other playlists or the URL;
  - dot segments that are percent-encoded, lead above the root, or stand in an
    absolute URL;
  - tags whose attributes cannot be read in one way only;
  - DASH URLs in CDATA sections or with entities of a document type, URLs below a
    BaseURL that cannot be read, and SegmentTemplates with unknown variables.

A relative URL of a manifest must be covered at each of the BaseURLs that apply to it.
Some come after it: a SegmentTemplate of an AdaptationSet is resolved at the BaseURL of
each Representation. If one of these leads elsewhere, the manifest is refused with
[ErrDiverted], since the URL is already on its way; such BaseURLs belong to the MPD or
the Period, before what they apply to. A template whose variables are in its path is
covered if the policy has a wildcard there.

Whoever reads the result has the credential, so it must not be cached for others; and
what expires with the policy are all its URLs. A live playlist is signed anew with
each request for it, a recording has to be signed for as long as it is watched.

# Several playlists

The URL of a media playlist in a multivariant playlist gets the query as well, but its own
content has to be rewritten too, when it is requested: put [Handler] between CloudFront
and the origin. Where two playlists name the same URL, as rendition reports do,
it is the same with the query if the same policy was signed.
*/
package playlist
