// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"net/http"
	"net/netip"
	"regexp"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusal"
)

// An exchange is a request and its response in the output of curl -v, where > marks
// what was sent, < what was received, and * what curl says.
type exchange struct {
	connection
	line   requestLine
	sent   []field
	status int
	got    []field
	body   strings.Builder
	inBody bool
}

// A connection is what curl says about one.
type connection struct {
	known         bool
	tls           bool
	remote, local netip.Addr
	port          string
}

var (
	transcriptPattern = regexp.MustCompile(`(?m)^(?:> [A-Z]{3,20} .* HTTP/[0-9.]+\s*$|< HTTP/[0-9.]+ [0-9]{3})`)

	// curl 8.16 and later say Established, and the local address too.
	connectedPattern   = regexp.MustCompile(`^Connected to .* \(([0-9a-fA-F:.]+)\) port ([0-9]+)`)
	establishedPattern = regexp.MustCompile(`^Established connection to .* \(([0-9a-fA-F:.]+) port ([0-9]+)\)(?: from ([0-9a-fA-F:.]+) port)?`)
	tlsPattern         = regexp.MustCompile(`TLS|SSL connection|^ALPN|OPENED stream for https://|^Server certificate`)
	progressPattern    = regexp.MustCompile(`^(?:[{}] \[[0-9]+ bytes data\]|\s*% Total|\s*Dload  Upload|.*--:--:--)`)
	// The body often ends without a line break, so that curl's next word follows it.
	trailerPattern = regexp.MustCompile(`\* (?:Connection #|Closing connection|closing connection #)`)
)

func isTranscript(text string) bool { return transcriptPattern.MatchString(text) }

func readTranscript(text string) (Request, error) {
	var t transcript
	for line := range strings.Lines(text) {
		t.read(line)
	}
	x := t.refused()
	if x == nil {
		return Request{}, errForm
	}
	r := x.request()
	if len(t.exchanges) > 1 {
		r.note(noteSeveral)
	}
	return r, nil
}

type transcript struct {
	connection
	exchanges []*exchange
	tunnel    bool // in the exchange with a proxy, which is not counted
}

// read takes one line, with its end.
func (t *transcript) read(raw string) {
	line := strings.TrimRight(raw, "\r\n")
	switch {
	case strings.HasPrefix(line, "* "):
		t.info(line[2:])
	case line == ">" || line == "> ":
	case strings.HasPrefix(line, "> "):
		t.sent(line[2:])
	case line == "<" || line == "< ":
		t.endHead()
	case strings.HasPrefix(line, "< "):
		t.received(line[2:])
	case progressPattern.MatchString(line):
	default:
		if x := t.last(); x != nil && x.inBody {
			if i := trailerPattern.FindStringIndex(raw); i != nil {
				raw = raw[:i[0]]
			}
			x.body.WriteString(raw)
		}
	}
}

func (t *transcript) last() *exchange {
	if len(t.exchanges) == 0 {
		return nil
	}
	return t.exchanges[len(t.exchanges)-1]
}

func (t *transcript) info(line string) {
	line = strings.TrimLeft(line, " ")
	if strings.HasPrefix(line, "Trying ") {
		t.connection = connection{}
	}
	if tlsPattern.MatchString(line) {
		t.tls = true
	}
	m := connectedPattern.FindStringSubmatch(line)
	if m == nil {
		m = establishedPattern.FindStringSubmatch(line)
	}
	if m == nil {
		return
	}
	t.known, t.port = true, m[2]
	t.remote, _ = netip.ParseAddr(m[1])
	if len(m) > 3 {
		t.local, _ = netip.ParseAddr(m[3])
	}
}

func (t *transcript) sent(line string) {
	if first, ok := parseRequestLine(line); ok {
		if t.tunnel = first.method == http.MethodConnect; t.tunnel {
			t.remote, t.local, t.port = netip.Addr{}, netip.Addr{}, "" // those of the proxy
			return
		}
		t.exchanges = append(t.exchanges, &exchange{connection: t.connection, line: first})
		return
	}
	x := t.last()
	if t.tunnel || x == nil || x.status != 0 {
		return
	}
	if f, ok := parseField(line); ok {
		x.sent = append(x.sent, f)
	}
}

func (t *transcript) received(line string) {
	if t.tunnel {
		return
	}
	status, isStatus := parseStatusLine(line)
	x := t.last()
	if x == nil {
		x = &exchange{connection: t.connection}
		t.exchanges = append(t.exchanges, x)
	}
	if isStatus {
		x.status, x.got, x.inBody = status, nil, false
		return
	}
	if f, ok := parseField(line); ok && !x.inBody {
		x.got = append(x.got, f)
	}
}

// endHead ends the head of a response. Informational ones have no body.
func (t *transcript) endHead() {
	if x := t.last(); x != nil && !t.tunnel {
		x.inBody = x.status >= http.StatusOK
	}
}

// refused returns the last exchange with a 403, or the last one.
func (t *transcript) refused() *exchange {
	for i := len(t.exchanges) - 1; i >= 0; i-- {
		if t.exchanges[i].status == http.StatusForbidden {
			return t.exchanges[i]
		}
	}
	return t.last()
}

func (x *exchange) request() Request {
	r := Request{Form: FormTranscript}
	if x.line.method != "" {
		r.setTarget(x.line, x.scheme(), x.sent)
	}
	r.addFields(x.sent)
	r.OverIPv6 = x.remote.IsValid() && isIPv6(x.remote)
	if isPublic(x.local) {
		r.ViewerIP = x.local
	}
	if x.status != 0 {
		r.setResponse(&refusal.Response{Status: x.status, Header: header(x.got), Body: x.responseBody()})
	}
	return r
}

// scheme returns what the connection says, or "".
func (x *exchange) scheme() string {
	switch {
	case x.tls || x.port == "443":
		return "https"
	case x.known:
		return "http"
	default:
		return ""
	}
}

// responseBody returns the body without what curl -i or -I wrote before it.
func (x *exchange) responseBody() []byte {
	body := strings.TrimLeft(x.body.String(), "\r\n")
	if response := parseResponse(body); response != nil {
		return response.Body
	}
	return bodyOf(body)
}

var sharedRange = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598: behind the carrier's NAT

// isPublic reports whether an address of this machine is the one that servers see.
func isPublic(addr netip.Addr) bool {
	return addr.IsValid() && addr.IsGlobalUnicast() && !addr.IsPrivate() && !sharedRange.Contains(addr)
}
