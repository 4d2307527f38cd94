// SPDX-License-Identifier: Apache-2.0

package refusal

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"strings"
)

// An xmlError is the error that S3, CloudFront and AWS's APIs answer with.
type xmlError struct {
	code    string
	message string
	ids     bool // it has the elements RequestId or HostId, which S3's errors have
	api     bool // it is the form of an API of AWS
}

// found reports whether there was an error.
func (e xmlError) found() bool { return e.code != "" }

var (
	errorElement = regexp.MustCompile(`<(Error|ErrorResponse)[\s/>]`)
	errorCode    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._]{0,63}$`)
)

const (
	deepest   = 16      // elements that an error is read into; the known ones have three
	longField = 4 << 10 // bytes that are kept of an element
)

// parseXML reads the error in body, also one that was copied out of a browser, with
// the browser's own words before it, and one whose end is missing. Documents have no
// say here: their entities are not looked up, and their declarations not read.
func parseXML(body []byte) xmlError {
	at := errorElement.FindIndex(body)
	if at == nil {
		return xmlError{}
	}
	api := bytes.HasPrefix(body[at[0]:], []byte("<ErrorResponse"))
	fields := readFields(xml.NewDecoder(bytes.NewReader(body[at[0]:])), api)
	code := strings.TrimSpace(fields["Code"])
	if !errorCode.MatchString(code) {
		return xmlError{}
	}
	_, request := fields["RequestId"]
	_, host := fields["HostId"]
	return xmlError{code: code, message: strings.TrimSpace(fields["Message"]), ids: request || host, api: api}
}

// readFields returns the texts of the elements of one level, the first of each name.
func readFields(d *xml.Decoder, api bool) map[string]string {
	level := 2
	if api {
		level = 3
	}
	fields := map[string]string{}
	depth, name := 0, ""
	for {
		token, err := d.Token()
		if err != nil {
			return fields // what was read so far is right, or as wrong as the rest
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth > deepest {
				return fields
			}
			if depth == level {
				name = fieldToRead(fields, token.Name.Local)
			}
		case xml.CharData:
			if depth == level && name != "" && len(fields[name]) < longField {
				fields[name] += string(token[:min(len(token), longField)])
			}
		case xml.EndElement:
			if depth--; depth < level {
				name = ""
			}
			if depth == 0 {
				return fields
			}
		}
	}
}

// fieldToRead returns name if its element is wanted and is the first of that name.
func fieldToRead(fields map[string]string, name string) string {
	switch name {
	case "Code", "Message", "RequestId", "HostId":
		if _, again := fields[name]; !again {
			fields[name] = ""
			return name
		}
	}
	return ""
}
