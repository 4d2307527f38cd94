// SPDX-License-Identifier: Apache-2.0

package accesslog

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// fields are the names of the fields, in their order.
var fields = [...]string{
	"date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status",
	"cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id",
	"x-host-header", "cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher",
	"x-edge-response-result-type", "cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port",
	"time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start",
	"sc-range-end",
}

const location = "DEV1" // has the form of an edge location

// record returns the line about the exchange, which ended at the given time.
func (e *exchange) record(end time.Time) string {
	r := e.request
	path, query, _ := strings.Cut(r.RequestURI, "?")
	address, port := viewer(r)
	ready, result, detail := e.results()
	rangeStart, rangeEnd := contentRange(e.header.Get("Content-Range"))
	protocol, cipher := tlsNames(r.TLS)
	values := [len(fields)]string{
		end.UTC().Format(time.DateOnly), end.UTC().Format(time.TimeOnly), location,
		strconv.FormatInt(e.sentBytes(), 10), address, r.Method, "", path, fmt.Sprintf("%03d", e.status),
		r.Referer(), r.UserAgent(), query, strings.Join(r.Header["Cookie"], "; "), result, e.requestID(),
		r.Host, e.protocol(), strconv.FormatInt(e.receivedBytes(), 10), seconds(end.Sub(e.began)), forwardedFor(r),
		protocol, cipher, ready, r.Proto, "", "", port, e.firstByte(end), detail,
		e.header.Get("Content-Type"), e.header.Get("Content-Length"), rangeStart, rangeEnd,
	}
	for i, value := range values {
		values[i] = cmp.Or(encode(value), "-")
	}
	return strings.Join(values[:], "\t") + "\n"
}

// results returns the types of the result: before the response was sent, after it, and in
// detail.
func (e *exchange) results() (ready, result, detail string) {
	const failed, gone = "Error", "ClientCommError"
	ready = resultType(e.header, e.status)
	switch {
	case e.request.Context().Err() != nil:
		return ready, failed, gone
	case e.aborted:
		return ready, failed, failed
	}
	return ready, ready, cmp.Or(e.detailed, ready)
}

// resultType returns the type of a result, which CloudFront's X-Cache header begins with.
func resultType(header http.Header, status int) string {
	name, ok := strings.CutSuffix(header.Get("X-Cache"), " from cloudfront")
	switch {
	case ok && name != "" && !strings.Contains(name, " "):
		return name
	case status >= http.StatusBadRequest || status == 0:
		return "Error"
	}
	return "Miss"
}

// requestID returns the ID in the response.
func (e *exchange) requestID() string {
	if e.hijacked {
		return e.Header().Get("X-Amz-Cf-Id")
	}
	return e.header.Get("X-Amz-Cf-Id")
}

// protocol returns http, https, ws or wss.
func (e *exchange) protocol() string {
	name := "http"
	if e.status == http.StatusSwitchingProtocols && strings.EqualFold(e.request.Header.Get("Upgrade"), "websocket") {
		name = "ws"
	}
	if e.request.TLS != nil {
		name += "s"
	}
	return name
}

// firstByte returns the time until the header was sent or, without a response, until the end.
func (e *exchange) firstByte(end time.Time) string {
	if e.answered.IsZero() {
		return seconds(end.Sub(e.began))
	}
	return seconds(e.answered.Sub(e.began))
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// viewer returns the address and the port of the connection.
func viewer(r *http.Request) (address, port string) {
	address, port, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr, ""
	}
	return address, port
}

// forwardedFor returns the address of the first viewer in the X-Forwarded-For header, or "".
func forwardedFor(r *http.Request) string {
	first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ",")
	address, err := netip.ParseAddr(strings.TrimSpace(first))
	if err != nil {
		return ""
	}
	return address.String()
}

// contentRange returns the two ends of a Content-Range.
func contentRange(header string) (start, end string) {
	positions, ok := strings.CutPrefix(header, "bytes ")
	positions, _, _ = strings.Cut(positions, "/")
	start, end, found := strings.Cut(positions, "-")
	if !ok || !found {
		return "", ""
	}
	return start, end
}

// tlsNames returns the names of the protocol and the cipher, or "" for plain HTTP.
func tlsNames(state *tls.ConnectionState) (protocol, cipher string) {
	if state == nil {
		return "", ""
	}
	protocol = strings.Replace(tls.VersionName(state.Version), "TLS ", "TLSv", 1)
	name := tls.CipherSuiteName(state.CipherSuite)
	return strings.TrimSuffix(protocol, ".0"), cmp.Or(ciphers[name], name)
}

// ciphers are the OpenSSL names of ciphers by their RFC names. The ciphers of TLS 1.3 have one
// name.
//
// Source: "Supported protocols and ciphers between viewers and CloudFront",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
var ciphers = map[string]string{
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256":       "ECDHE-ECDSA-AES128-GCM-SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256":       "ECDHE-ECDSA-AES128-SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA":          "ECDHE-ECDSA-AES128-SHA",
	"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384":       "ECDHE-ECDSA-AES256-GCM-SHA384",
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
	"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA":          "ECDHE-ECDSA-AES256-SHA",
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256":         "ECDHE-RSA-AES128-GCM-SHA256",
	"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256":         "ECDHE-RSA-AES128-SHA256",
	"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA":            "ECDHE-RSA-AES128-SHA",
	"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384":         "ECDHE-RSA-AES256-GCM-SHA384",
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256":   "ECDHE-RSA-CHACHA20-POLY1305",
	"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA":            "ECDHE-RSA-AES256-SHA",
	"TLS_RSA_WITH_AES_128_GCM_SHA256":               "AES128-GCM-SHA256",
	"TLS_RSA_WITH_AES_256_GCM_SHA384":               "AES256-GCM-SHA384",
	"TLS_RSA_WITH_AES_128_CBC_SHA256":               "AES128-SHA256",
	"TLS_RSA_WITH_AES_256_CBC_SHA":                  "AES256-SHA",
	"TLS_RSA_WITH_AES_128_CBC_SHA":                  "AES128-SHA",
}

// encode encodes the characters that CloudFront encodes: everything but printable ASCII, the
// space, and some others. The percent sign is one of them, so /a%20b becomes /a%2520b.
//
// Source: "Configuring and using standard logs (access logs)", on the format of log files,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html
func encode(value string) string {
	const encoded, digits = "<>\"#%{}|\\^~[]`'", "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		if c <= ' ' || c > '~' || strings.IndexByte(encoded, c) >= 0 {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
