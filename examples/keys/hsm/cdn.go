// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// cdnURL is where the private file is, for a client of a cdn.
const (
	cdnURL  = "http://cdn.example.com"
	fileURL = cdnURL + "/reports/2026.txt"
)

// A cdn is a local CloudFront over a folder in memory, in which everything is
// private.
type cdn struct {
	server *http.Server
	client *http.Client
}

// startCDN starts one that trusts a key group.
func startCDN(ctx context.Context, trusted keys.Set) (*cdn, error) {
	bucket := edge.Bucket(fstest.MapFS{"reports/2026.txt": {Data: []byte("The report.")}})
	distribution, err := edge.New(edge.Config{
		Default: edge.Behavior{
			Origin:               bucket,
			TrustedKeyGroups:     []keys.Set{trusted},
			ViewerProtocolPolicy: edge.AllowAll, // there is no TLS on this machine
		},
		Debug:  true, // say why, which CloudFront does not
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: distribution, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener) // until close
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, listener.Addr().String()) // whatever the host
	}}
	return &cdn{server: server, client: &http.Client{Transport: transport, Timeout: 10 * time.Second}}, nil
}

func (c *cdn) close() {
	c.client.CloseIdleConnections()
	_ = c.server.Close()
}

// get fetches a URL, and returns what came of it in one line.
func (c *cdn) get(ctx context.Context, rawURL string) (string, error) {
	return c.getWithCookies(ctx, rawURL, sign.CookieSet{})
}

func (c *cdn) getWithCookies(ctx context.Context, rawURL string, cookies sign.CookieSet) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, http.NoBody)
	if err != nil {
		return "", err
	}
	for name, value := range cookies.All() {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := c.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Sprintf("%s: %s", response.Status, response.Header.Get(edge.ExplanationHeader)), nil
	}
	return fmt.Sprintf("%s: %s", response.Status, strings.TrimSpace(string(body))), nil
}
