// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"bytes"
	"slices"
)

// hls rewrites the playlists of RFC 8216 and its second edition. A token is a line.
type hls struct {
	credential
	location    location
	started     bool // #EXTM3U was read
	passThrough bool // not a playlist: all lines stay unchanged
}

func (*hls) contentType() string { return typeHLS }

func (h *hls) end(data []byte, seen int) int {
	if h.passThrough {
		return min(len(data), maxToken)
	}
	if i := bytes.IndexByte(data[seen:], '\n'); i >= 0 {
		return seen + i + 1
	}
	return 0
}

func (h *hls) appendLast(dst, rest []byte) ([]byte, error) { return h.appendToken(dst, rest) }

// appendToken appends a line, rewritten.
func (h *hls) appendToken(dst, line []byte) ([]byte, error) {
	text := bytes.TrimRight(line, "\r\n")
	switch {
	case h.passThrough:
		return append(dst, line...), nil
	case !h.started:
		h.start(text)
		return append(dst, line...), nil
	case bytes.HasPrefix(text, []byte("#")):
		dst = h.appendTag(dst, text)
	default:
		dst = h.appendURI(dst, text)
	}
	return append(dst, line[len(text):]...), nil
}

// start reads the text of a line before the playlist. Clients refuse a playlist unless its
// first line is #EXTM3U, apart from a byte order mark and empty lines.
func (h *hls) start(text []byte) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	h.started = bytes.HasPrefix(text, []byte("#EXTM3U"))
	h.passThrough = !h.started && len(text) > 0
}

// appendURI appends the text of a URI, and the query if the policy covers the URI. Blanks
// around the URI stay: they are not allowed, but clients cut them off.
func (h *hls) appendURI(dst, text []byte) []byte {
	uri := bytes.Trim(text, " \t")
	if !h.covers(&h.location, uri) {
		return append(dst, text...)
	}
	begin := len(text) - len(bytes.TrimLeft(text, " \t"))
	end := begin + len(uri)
	if i := bytes.IndexByte(uri, '#'); i >= 0 {
		end = begin + i
	}
	dst = append(dst, text[:end]...)
	dst = append(dst, separator(text[:end]))
	dst = append(dst, h.query...)
	return append(dst, text[end:]...)
}

// appendTag appends the line of a tag. If its attributes can be read in more than one way,
// it stays unchanged.
func (h *hls) appendTag(dst, line []byte) []byte {
	tag, list, ok := bytes.Cut(line, []byte(":"))
	names := uriAttributes(tag)
	if !ok || names == nil || !wellFormed(list) {
		return append(dst, line...)
	}
	dst = append(dst, line[:len(tag)+1]...)
	for len(list) > 0 {
		a, rest, _ := nextAttribute(list)
		written := list[:len(list)-len(rest)]
		if a.quoted && slices.Contains(names, string(a.name)) {
			dst = append(dst, written[:a.start]...)
			dst = h.appendURI(dst, written[a.start:a.end])
			written = written[a.end:]
		}
		dst, list = append(dst, written...), rest
	}
	return dst
}

var (
	uriOnly   = []string{"URI"}
	serverURI = []string{"SERVER-URI"}
	assets    = []string{"X-ASSET-URI", "X-ASSET-LIST"}
)

// uriAttributes returns the names of a tag's attributes that hold URIs in quotes.
func uriAttributes(tag []byte) []string {
	switch string(tag) {
	case "#EXT-X-KEY", "#EXT-X-SESSION-KEY", "#EXT-X-MAP", "#EXT-X-MEDIA", "#EXT-X-PART", "#EXT-X-PRELOAD-HINT",
		"#EXT-X-RENDITION-REPORT", "#EXT-X-SESSION-DATA", "#EXT-X-I-FRAME-STREAM-INF", "#EXT-X-IMAGE-STREAM-INF":
		return uriOnly
	case "#EXT-X-CONTENT-STEERING":
		return serverURI
	case "#EXT-X-DATERANGE":
		return assets
	}
	return nil
}

// An hlsAttribute is one attribute of an attribute list (RFC 8216, section 4.2).
type hlsAttribute struct {
	name       []byte
	start, end int // of the value in the list, without quotes
	quoted     bool
}

// nextAttribute returns the first attribute of list, and the rest after its comma. It
// accepts blanks around attributes, as clients do. It returns false for a list that clients
// read in different ways: with quotes in the middle of a value, or without a closing quote.
func nextAttribute(list []byte) (a hlsAttribute, rest []byte, ok bool) {
	equals := bytes.IndexByte(list, '=')
	if equals < 0 {
		return hlsAttribute{}, nil, len(bytes.Trim(list, " \t")) == 0
	}
	a.name = bytes.Trim(list[:equals], " \t")
	a.start = equals + 1
	if len(a.name) == 0 || bytes.ContainsAny(a.name, "\",\r") {
		return hlsAttribute{}, nil, false
	}
	if a.start < len(list) && list[a.start] == '"' {
		return quotedAttribute(a, list)
	}
	value, rest, _ := bytes.Cut(list[a.start:], []byte(","))
	a.end = a.start + len(value)
	return a, rest, bytes.IndexByte(value, '"') < 0
}

func quotedAttribute(a hlsAttribute, list []byte) (hlsAttribute, []byte, bool) {
	a.start++
	quote := bytes.IndexByte(list[a.start:], '"')
	if quote < 0 {
		return hlsAttribute{}, nil, false
	}
	a.end, a.quoted = a.start+quote, true
	after, rest, _ := bytes.Cut(list[a.end+1:], []byte(","))
	return a, rest, len(bytes.Trim(after, " \t")) == 0
}

// wellFormed reports whether list consists of attributes only.
func wellFormed(list []byte) bool {
	for len(list) > 0 {
		var ok bool
		if _, list, ok = nextAttribute(list); !ok {
			return false
		}
	}
	return true
}
