// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"bytes"
	"slices"
)

// hls rewrites the playlists of RFC 8216 and its second edition.
type hls struct {
	credential
	location location
	started  bool // #EXTM3U was read
	result   Result
}

func (*hls) contentType() string { return typeHLS }

func (h *hls) passes() bool { return h.result.NotPlaylist }

func (h *hls) counts() Result { return h.result }

func (h *hls) appendLine(dst, line []byte) []byte {
	text := withoutBreak(line)
	switch {
	case h.passes():
		return append(dst, line...)
	case !h.started:
		h.start(text)
		return append(dst, line...)
	case bytes.HasPrefix(text, []byte("#")):
		dst = h.appendTag(dst, text)
	default:
		dst = h.appendURI(dst, text)
	}
	return append(dst, line[len(text):]...)
}

// start reads the text of a line before the playlist. Clients refuse a playlist unless its
// first line is #EXTM3U, apart from a byte order mark and empty lines.
func (h *hls) start(text []byte) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	h.started = bytes.HasPrefix(text, []byte("#EXTM3U"))
	h.result.NotPlaylist = !h.started && len(text) > 0
}

func (h *hls) appendURI(dst, text []byte) []byte {
	dst, v := h.appendSigned(dst, text, &h.location)
	h.result.add(v)
	return dst
}

// appendTag appends the line of a tag. If its attributes can be read in more than one way,
// it stays unchanged.
func (h *hls) appendTag(dst, line []byte) []byte {
	tag, list, ok := bytes.Cut(line, []byte(":"))
	names := uriAttributes(tag)
	if !ok || names == nil {
		return append(dst, line...)
	}
	if !wellFormed(list) {
		h.result.add(ambiguous)
		return append(dst, line...)
	}
	dst = append(dst, line[:len(tag)+1]...)
	for len(list) > 0 {
		a, rest, _ := nextAttribute(list)
		written := list[:len(list)-len(rest)]
		switch {
		case !slices.Contains(names, string(a.name)):
		case a.quoted:
			dst = append(dst, written[:a.start]...)
			dst = h.appendURI(dst, written[a.start:a.end])
			written = written[a.end:]
		case a.end > a.start: // some clients read values without quotes
			h.result.add(ambiguous)
		}
		dst, list = append(dst, written...), rest
	}
	return dst
}

var (
	uriOnly   = []string{"URI"}
	serverURI = []string{"SERVER-URI"}
	assets    = []string{"X-ASSET-URI", "X-ASSET-LIST", "X-URI"}
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
