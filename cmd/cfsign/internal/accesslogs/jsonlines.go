// SPDX-License-Identifier: Apache-2.0

package accesslogs

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// byJSONName are the fields by every spelling of their names, so that a name needs no change.
var byJSONName = func() map[string]Field {
	fields := map[string]Field{}
	for field, name := range fieldNames {
		for _, spelling := range []string{name, strings.ReplaceAll(name, "_", "-"), Field(field).String()} {
			fields[spelling] = Field(field)
		}
	}
	return fields
}()

const notJSON = "it is no JSON object, so it was cut or changed"

// parseJSON reads a line with one JSON object into r. It returns what is wrong with the line, or
// "". encoding/json needs ten times as long, because it must build a value for each member.
func parseJSON(line []byte, r *Record) string {
	r.values, r.realTime = [numFields][]byte{}, false
	rest, ok := cutToken(line, '{')
	for first := true; ok; first = false {
		if after, ends := cutToken(rest, '}'); ends {
			if len(bytes.TrimSpace(after)) > 0 {
				return notJSON
			}
			if !r.Has(Status) {
				return "it has no sc-status"
			}
			return r.check()
		}
		if !first {
			if rest, ok = cutToken(rest, ','); !ok {
				break
			}
		}
		var name, value []byte
		if name, rest, ok = cutString(rest); !ok {
			break
		}
		if rest, ok = cutToken(rest, ':'); !ok {
			break
		}
		if value, rest, ok = cutValue(rest); !ok {
			break
		}
		if field, known := byJSONName[string(name)]; known {
			r.values[field] = value
		}
	}
	return notJSON
}

// cutToken cuts a character from the start of text, after white space.
func cutToken(text []byte, token byte) (rest []byte, ok bool) {
	text = skipSpace(text)
	if len(text) == 0 || text[0] != token {
		return text, false
	}
	return text[1:], true
}

// cutString cuts a string from the start of text. It returns the text that the string stands for.
func cutString(text []byte) (value, rest []byte, ok bool) {
	text, ok = cutToken(text, '"')
	if !ok {
		return nil, text, false
	}
	for end := 0; ; end++ {
		next := bytes.IndexByte(text[end:], '"')
		if next < 0 {
			return nil, text, false
		}
		end += next
		if !endsEscaped(text[:end]) {
			value, rest = text[:end:end], text[end+1:]
			break
		}
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return value, rest, true
	}
	var plain string
	if json.Unmarshal(slices.Concat([]byte(`"`), value, []byte(`"`)), &plain) != nil {
		return nil, text, false
	}
	return []byte(plain), rest, true
}

// endsEscaped reports whether the character after text is escaped.
func endsEscaped(text []byte) bool {
	return (len(text)-len(bytes.TrimRight(text, `\`)))%2 == 1
}

// skipSpace returns text without white space at its start.
func skipSpace(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t' || text[0] == '\r') {
		text = text[1:]
	}
	return text
}

// cutValue cuts a value from the start of text. It returns the text of a string or a number, and an
// empty text for anything else.
func cutValue(text []byte) (value, rest []byte, ok bool) {
	text = skipSpace(text)
	if len(text) > 0 && text[0] == '"' {
		return cutString(text)
	}
	if len(text) > 0 && (text[0] == '{' || text[0] == '[') {
		rest, ok = cutNested(text)
		return []byte{}, rest, ok
	}
	end := bytes.IndexAny(text, ",} \t\r")
	if end <= 0 {
		return nil, text, false
	}
	value, rest = text[:end:end], text[end:]
	switch {
	case string(value) == "null", string(value) == "true", string(value) == "false":
		return []byte{}, rest, true
	case len(bytes.Trim(value, "0123456789+-.eE")) == 0:
		return value, rest, true
	}
	return nil, text, false
}

// cutNested cuts an object or a list from the start of text. CloudFront writes none, so it is not
// read.
func cutNested(text []byte) (rest []byte, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	var skipped json.RawMessage
	if decoder.Decode(&skipped) != nil {
		return text, false
	}
	return text[decoder.InputOffset():], true
}
