// SPDX-License-Identifier: Apache-2.0

package edge_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/edge/edgetest"
)

// A rawRequest is sent byte for byte, which net/http clients cannot do.
type rawRequest struct {
	method, url, proto string // proto empty: HTTP/1.1
	header             []string
	target             string // of the request line; empty: the path and query of url
	body               string
	viewer             netip.Addr // zero: 192.0.2.1
}

// send returns the response and its body.
func (r rawRequest) send(t testing.TB, server *edgetest.Server) (*http.Response, string) {
	t.Helper()
	scheme, rest, ok := strings.Cut(r.url, "://")
	if !ok {
		t.Fatalf("%q is not a URL", r.url)
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	connection := r.dial(t, server, scheme, rest[:end])
	defer connection.Close()
	if r.proto == "" {
		r.proto = "HTTP/1.1"
	}
	if r.target == "" {
		r.target = rest[end:]
	}
	lines := append([]string{r.method + " " + r.target + " " + r.proto, "Host: " + rest[:end]}, r.header...)
	if _, err := io.WriteString(connection, strings.Join(lines, "\r\n")+"\r\n\r\n"+r.body); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: r.method})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func (r rawRequest) dial(t testing.TB, server *edgetest.Server, scheme, host string) net.Conn {
	t.Helper()
	client := server.Client
	if r.viewer.IsValid() {
		client = server.NewViewer(r.viewer).Client
	}
	transport := client.Transport.(interface{ Clone() *http.Transport }).Clone()
	port := map[string]string{"https": ":443", "http": ":80"}[scheme]
	connection, err := transport.DialContext(t.Context(), "tcp", "any.example"+port)
	if err != nil {
		t.Fatal(err)
	}
	if scheme == "http" {
		return connection
	}
	name, _, _ := strings.Cut(host, ":")
	return tls.Client(connection, &tls.Config{RootCAs: transport.TLSClientConfig.RootCAs, ServerName: strings.TrimSuffix(strings.ToLower(name), ".")})
}
