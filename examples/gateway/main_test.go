// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/examples/gateway/internal/issuer"
	"github.com/cfsign/cfsign/examples/internal/localhost"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// TestRun starts the site on this machine, as go run does.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	output, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-listen", "127.0.0.1:0"}, stdout)
		ended <- err
		stdout.CloseWithError(err)
	}()
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	page, err := url.Parse(strings.Fields(line)[1])
	if err != nil {
		t.Fatal(err)
	}
	address, err := net.ResolveTCPAddr("tcp", "127.0.0.1:"+page.Port())
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: localhost.Transport(address)}
	for path, want := range map[string]string{"": "403 Forbidden", "/../../auth/login": "200 OK"} {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, page.JoinPath(path).String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.Status != want {
			t.Errorf("%s: %s, want %s", request.URL.Path, response.Status, want)
		}
	}
	client.CloseIdleConnections()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestFlags(t *testing.T) {
	tests := []struct {
		args []string
		want string // the error
	}{
		{[]string{"-site", siteURL}, "-issuer is missing: add it, or use only -listen to run the site on this machine"},
		{[]string{"-issuer", issuerURL, "-client-id", "a"}, "-issuer needs -client-id, -key and -key-pair-id, too"},
	}
	for _, tt := range tests {
		err := run(t.Context(), append(tt.args, "-listen", "127.0.0.1:0"), io.Discard)
		if err == nil {
			t.Errorf("%v: no error", tt.args)
			continue
		}
		if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
			t.Error(diff)
		}
	}
}

// TestRunSaysThatItListens: with a provider, the program says so after it has reached the provider.
func TestRunSaysThatItListens(t *testing.T) {
	i := &issuer.Issuer{ClientID: "docs", ClientSecret: "secret", Clock: time.Now}
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, err := issuer.New(i)
		if err != nil {
			t.Error(err)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	defer provider.Close()
	i.URL = provider.URL
	key := filepath.Join(t.TempDir(), "private_key.pem")
	if err := os.WriteFile(key, testkeys.P256PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CLIENT_SECRET", i.ClientSecret)
	ctx, cancel := context.WithCancel(t.Context())
	output, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{
			"-listen", "127.0.0.1:0", "-issuer", i.URL, "-client-id", i.ClientID, "-site", "http://docs.localhost", "-allow", "*",
			"-key", key, "-key-pair-id", localKeyPairID,
		}, stdout)
		ended <- err
		stdout.CloseWithError(err)
	}()
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(strings.TrimSuffix(strings.Fields(line)[2], ".") + "/auth/logout")
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	response.Body.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
