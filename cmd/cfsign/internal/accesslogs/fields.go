// SPDX-License-Identifier: Apache-2.0

package accesslogs

import (
	"strings"
)

// A Field is one of the fields that this package keeps. It skips all others.
type Field int

// The fields, with CloudFront's names. Real-time logs have cs-host for the viewer's Host, and
// x-host-header for the domain name of the distribution. In standard logs, it is the other way
// round.
const (
	Date            Field = iota // date
	Clock                        // time
	Timestamp                    // timestamp, in seconds
	TimestampMillis              // timestamp(ms)
	ClientIP                     // c-ip
	Method                       // cs-method
	HostHeader                   // x-host-header
	Host                         // cs(Host), or cs-host
	Stem                         // cs-uri-stem
	Query                        // cs-uri-query
	Cookie                       // cs(Cookie), or cs-cookie
	Protocol                     // cs-protocol
	Status                       // sc-status
	TimeTaken                    // time-taken
	Result                       // x-edge-result-type
	ResponseResult               // x-edge-response-result-type
	DetailedResult               // x-edge-detailed-result-type
	ContentType                  // sc-content-type
	ContentLength                // sc-content-len
	OriginFirstByte              // origin-fbl
	numFields
)

// fieldNames are the names of the fields as [normalize] returns them.
var fieldNames = [numFields]string{
	"date", "time", "timestamp", "timestamp_ms", "c_ip", "cs_method", "x_host_header", "cs_host", "cs_uri_stem", "cs_uri_query",
	"cs_cookie", "cs_protocol", "sc_status", "time_taken", "x_edge_result_type", "x_edge_response_result_type",
	"x_edge_detailed_result_type", "sc_content_type", "sc_content_len", "origin_fbl",
}

// byName are the fields by their normalized names.
var byName = func() map[string]Field {
	fields := map[string]Field{}
	for field, name := range fieldNames {
		fields[name] = Field(field)
	}
	return fields
}()

// nameNormalizer makes one name of cs(Cookie), cs-cookie and cs_cookie: text and JSON have the
// first, real-time logs the second, and Parquet the third.
var nameNormalizer = strings.NewReplacer("(", "_", ")", "", "-", "_")

func normalize(name string) string { return nameNormalizer.Replace(strings.ToLower(name)) }

// fieldNamed returns the field with a name, in the spelling of any format.
func fieldNamed(name string) (Field, bool) {
	field, ok := byName[normalize(name)]
	return field, ok
}

// String returns CloudFront's name of the field in standard logs.
func (f Field) String() string {
	switch f {
	case TimestampMillis:
		return "timestamp(ms)"
	case Host:
		return "cs(Host)"
	case Cookie:
		return "cs(Cookie)"
	}
	return strings.ReplaceAll(fieldNames[f], "_", "-")
}

// standardFields are the fields of a standard log of version 1, in their order.
var standardFields = strings.Fields(`date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status
	cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol
	cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status
	fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len
	sc-range-start sc-range-end`)

// realTimeFields are the first fields of a real-time log with all fields, in their order.
// CloudFront adds new fields after them.
var realTimeFields = strings.Fields(`timestamp c-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host
	cs-uri-stem cs-bytes x-edge-location x-edge-request-id x-host-header time-taken cs-protocol-version c-ip-version
	cs-user-agent cs-referer cs-cookie cs-uri-query x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher
	x-edge-result-type fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start sc-range-end c-port
	x-edge-detailed-result-type c-country cs-accept-encoding cs-accept cache-behavior-path-pattern cs-headers
	cs-header-names cs-headers-count`)

// encoded are the printable characters that CloudFront encodes in the values of a log. It also
// encodes the codes up to 32, and from 127.
const encoded = "<>\"#%{}|\\^~[]`'"

// isEncoded reports whether CloudFront encodes a character.
func isEncoded(c byte) bool { return c <= ' ' || c > '~' || strings.IndexByte(encoded, c) >= 0 }

// Decode undoes the percent-encoding of a value, once. CloudFront writes %20 for a space and %25
// for a percent sign, so the %2F of a viewer is %252F in the log, and a %2F in the log is none of
// CloudFront's codes: it stays as it is. exact is whether CloudFront would write the text in the
// same way, so nothing was guessed.
func Decode(raw []byte) (text string, exact bool) {
	exact = true
	var b []byte
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c == '%' && i+2 < len(raw) {
			if code, ok := unhex(raw[i+1], raw[i+2]); ok && isEncoded(code) {
				if b == nil {
					b = append(make([]byte, 0, len(raw)), raw[:i]...)
				}
				b = append(b, code)
				i += 2
				continue
			}
		}
		exact = exact && !isEncoded(c)
		if b != nil {
			b = append(b, c)
		}
	}
	if b == nil {
		return string(raw), exact
	}
	return string(b), exact
}

// unhex returns the byte of two upper-case hexadecimal digits.
func unhex(high, low byte) (byte, bool) {
	const digits = "0123456789ABCDEF"
	h, l := strings.IndexByte(digits, high), strings.IndexByte(digits, low)
	return byte(h<<4 | l), h >= 0 && l >= 0
}
