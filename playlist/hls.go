// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// hls rewrites playlists of RFC 8216 and its second edition.
type hls struct {
	credential
	location location
	begun    bool // #EXTM3U was there
	foreign  bool // it is no playlist
}

func (*hls) contentType() string { return typeHLS }

func (h *hls) end(data []byte, seen int) int {
	if h.foreign {
		return min(len(data), maxToken)
	}
	if i := bytes.IndexByte(data[seen:], '\n'); i >= 0 {
		return seen + i + 1
	}
	return 0
}

func (h *hls) appendLast(dst, rest []byte) ([]byte, error) { return h.appendToken(dst, rest) }

// appendToken appends a line.
func (h *hls) appendToken(dst, line []byte) ([]byte, error) {
	text := bytes.TrimRight(line, "\r\n")
	switch {
	case !h.begun && !h.foreign && !h.begin(text), h.foreign:
		return append(dst, line...), nil
	case bytes.HasPrefix(text, []byte("#")):
		dst = h.appendTag(dst, text)
	default:
		dst = h.appendURI(dst, text)
	}
	return append(dst, line[len(text):]...), nil
}

// begin reports whether text begins the playlist. Clients refuse one whose first
// line, but for a byte order mark and empty lines, is another.
func (h *hls) begin(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	h.begun = bytes.HasPrefix(text, []byte("#EXTM3U"))
	h.foreign = !h.begun && len(text) > 0
	return false
}

// appendURI appends the text of a URI, and the query if it is covered. Blanks
// around the URI, which are not allowed but which clients cut off, stay there.
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

// appendTag appends the line of a tag. One whose attributes cannot be read in one
// way only is left as it is.
func (h *hls) appendTag(dst, line []byte) []byte {
	tag, list, ok := bytes.Cut(line, []byte(":"))
	if !ok || uriAttributes(tag) == nil || !wellFormed(list) {
		return append(dst, line...)
	}
	dst = append(dst, line[:len(tag)+1]...)
	for len(list) > 0 {
		a, rest, _ := nextAttribute(list)
		written := list[:len(list)-len(rest)]
		if a.quoted && holdsURI(tag, a.name) {
			dst = append(dst, written[:a.start]...)
			dst = h.appendURI(dst, written[a.start:a.end])
			written = written[a.end:]
		}
		dst, list = append(dst, written...), rest
	}
	return dst
}

// uriAttributes returns the attributes of a tag that hold URIs in quotes.
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

var (
	uriOnly   = []string{"URI"}
	serverURI = []string{"SERVER-URI"}
	assets    = []string{"X-ASSET-URI", "X-ASSET-LIST"}
)

func holdsURI(tag, name []byte) bool {
	for _, known := range uriAttributes(tag) {
		if string(name) == known {
			return true
		}
	}
	return false
}
