// SPDX-License-Identifier: Apache-2.0

package refusals

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/verify"
)

// A credential has the signing values of a line as the log has them.
type credential struct {
	keyPairID, policy, expires, signature, hash []byte

	signed  bool // there is at least one of them
	cookies bool // they are cookies
}

// credentialOf finds the signing values of a record. As for CloudFront, the cookies do not count
// if the query has one of the values.
func credentialOf(r *accesslogs.Record) (c credential) {
	_, query := r.Target()
	for len(query) > 0 {
		var parameter []byte
		parameter, query, _ = bytes.Cut(query, []byte("&"))
		c.add(parameter, "")
	}
	if c.signed {
		return c
	}
	cookies := r.Raw(accesslogs.Cookie)
	if !bytes.Contains(cookies, []byte("CloudFront-")) {
		return c
	}
	for len(cookies) > 0 {
		var cookie []byte
		cookie, cookies, _ = bytes.Cut(cookies, []byte(";"))
		cookie = bytes.TrimPrefix(bytes.TrimLeft(cookie, " "), []byte("%20"))
		c.add(cookie, "CloudFront-")
	}
	c.cookies = c.signed
	return c
}

// add adds a value, if the name is the name of a signing value.
func (c *credential) add(pair []byte, prefix string) {
	name, value, _ := bytes.Cut(pair, []byte("="))
	name, ok := bytes.CutPrefix(name, []byte(prefix))
	if !ok {
		return
	}
	switch string(name) {
	case wire.ParamKeyPairID:
		c.keyPairID = value
	case wire.ParamPolicy:
		c.policy = value
	case wire.ParamExpires:
		c.expires = value
	case wire.ParamSignature:
		c.signature = value
	case wire.ParamHashAlgorithm:
		c.hash = value
	default:
		return
	}
	c.signed = true
}

// A viewerRequest is a record as the edge got it.
type viewerRequest struct {
	verify.Request
	err   error // of verify.RequestFrom
	exact bool  // the URL is certain, byte for byte
}

// requestOf rebuilds the request of a record. decode undoes the encoding of the log. ok is false if
// the log does not have the host, the protocol or the path.
func requestOf(r *accesslogs.Record, decode func([]byte) (string, bool)) (request viewerRequest, ok bool) {
	path, query := r.Target()
	text, exactPath := decode(path)
	parameters, exactQuery := decode(query)
	if query != nil {
		text += "?" + parameters
	}
	received := &http.Request{RequestURI: text, Host: string(r.ViewerHost()), Header: http.Header{}}
	if viewer := r.Viewer(); viewer.IsValid() {
		received.RemoteAddr = net.JoinHostPort(viewer.String(), "0")
	}
	if cookies, _ := r.Text(accesslogs.Cookie); cookies != "" {
		received.Header.Set("Cookie", cookies)
	}
	protocol := string(r.Raw(accesslogs.Protocol))
	if protocol == "https" || protocol == "wss" {
		received.TLS = &tls.ConnectionState{}
	}
	if received.Host == "" || protocol == "" || !strings.HasPrefix(text, "/") {
		return viewerRequest{}, false
	}
	request.Request, request.err = verify.RequestFrom(received)
	request.exact = exactPath && exactQuery
	return request, true
}

// asLogged is for logs that do not encode values.
func asLogged(raw []byte) (string, bool) { return string(raw), true }
