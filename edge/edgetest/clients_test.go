// SPDX-License-Identifier: Apache-2.0

package edgetest_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/verify"
)

// TestOtherClients: programs in other languages trust the server with the authority's
// certificate, and without a switch that turns checks off. They reach it with its address and
// through its proxy.
func TestOtherClients(t *testing.T) {
	cdn := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Origin: files, ViewerProtocolPolicy: edge.AllowAll}})
	link := cdn.SignedURL(t, "https://cdn.example.com/u/7/a.txt", time.Hour)
	plain := cdn.SignedURL(t, "http://cdn.example.com/u/7/a.txt", time.Hour)
	authority, proxy := cdn.AuthorityFile(t), cdn.ProxyURL()
	_, port, err := net.SplitHostPort(cdn.Address())
	if err != nil {
		t.Fatal(err)
	}
	const (
		node = `const https = require("https"), url = new URL(process.argv[1]);
			https.get({host: "127.0.0.1", port: process.argv[2], servername: url.hostname, headers: {Host: url.hostname}, path: url.pathname + url.search},
				r => r.pipe(process.stdout))`
		python = `import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1]).read().decode(), end="")`
	)
	for _, tt := range []struct {
		name, debianPackage string
		command             []string
	}{
		{"curl with an address", "curl", []string{"curl", "-sS", "--cacert", authority, "--connect-to", "::127.0.0.1:" + port, link}},
		{"curl with a proxy", "curl", []string{"curl", "-sS", "--cacert", authority, "--proxy", proxy, link}},
		{"curl with a proxy and without TLS", "curl", []string{"curl", "-sS", "--proxy", proxy, plain}},
		{"curl with a tunnel and without TLS", "curl", []string{"curl", "-sS", "--proxytunnel", "--proxy", proxy, plain}},
		{"Node", "nodejs", []string{"node", "-e", node, link, port}},
		{"Python with a proxy", "python3", []string{"python3", "-c", python, link}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			program := needs.Command(t, tt.command[0], tt.debianPackage)
			command := exec.CommandContext(t.Context(), program, tt.command[1:]...)
			command.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+authority, "SSL_CERT_FILE="+authority, "HTTPS_PROXY="+proxy)
			if output, err := command.CombinedOutput(); err != nil || string(output) != "seven" {
				t.Errorf("%v: %s", err, output)
			}
		})
	}
}

// TestUntrusted: without the authority, a client refuses the server.
func TestUntrusted(t *testing.T) {
	cdn := edgetest.New(t, files)
	curl := needs.Command(t, "curl", "curl")
	output, err := exec.CommandContext(t.Context(), curl, "-sS", "--proxy", cdn.ProxyURL(), "https://cdn.example.com/").CombinedOutput()
	if err == nil || !strings.Contains(string(output), "certificate") {
		t.Errorf("%v: %s", err, output)
	}
}

// page is a page with a script, whose request says that a browser ran it.
var page = edge.Bucket(fstest.MapFS{"page.html": {Data: []byte(`<!doctype html><script>fetch("/done?" + document.cookie)</script>`)}})

// TestBrowsers: browsers trust the server and keep its cookies, in each of the documented ways.
func TestBrowsers(t *testing.T) {
	for _, tt := range []struct {
		name  string
		start func(t *testing.T, cdn *edgetest.Server, profile string) *exec.Cmd
	}{
		{"Chromium with an address", func(t *testing.T, cdn *edgetest.Server, profile string) *exec.Cmd {
			return chromium(t, cdn, profile, "--host-resolver-rules=MAP * "+cdn.Address())
		}},
		{"Chromium with a proxy", func(t *testing.T, cdn *edgetest.Server, profile string) *exec.Cmd {
			return chromium(t, cdn, profile, "--proxy-server="+cdn.ProxyURL())
		}},
		{"Firefox", firefox},
	} {
		t.Run(tt.name, func(t *testing.T) {
			done := make(chan string, 10)
			cdn := edgetest.New(t, page)
			link := cdn.SignedURL(t, "https://cdn.example.com/page.html", time.Hour)
			cdn.Handle("app.example.com", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes", Domain: "example.com", Path: "/", Secure: true})
				http.Redirect(w, r, link, http.StatusFound)
			}))
			cdn.Update(t, edge.Config{Default: edge.Behavior{Origin: page}, Behaviors: []edge.Behavior{{
				PathPattern: "done", Public: true, OriginRequestPolicy: edge.OriginRequestPolicy{QueryStrings: []string{"*"}},
				Origin: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { done <- r.URL.RawQuery }),
			}}})
			command := tt.start(t, cdn, needs.Profile(t))
			var output strings.Builder
			command.Stdout, command.Stderr = &output, &output
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- command.Wait() }()
			select {
			case got := <-done:
				if got != "seen=yes" {
					t.Errorf("the page has the cookies %q", got)
				}
				_ = command.Process.Kill() // it can have ended
				<-ended
			case err := <-ended:
				t.Errorf("the browser has ended: %v\n%s", err, &output)
			case <-time.After(2 * time.Minute):
				_ = command.Process.Kill()
				<-ended
				t.Errorf("no page:\n%s", &output)
			}
		})
	}
}

const start = "https://app.example.com/"

func chromium(t *testing.T, cdn *edgetest.Server, profile, connect string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), needs.Chromium(t), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--user-data-dir="+profile,
		"--ignore-certificate-errors-spki-list="+cdn.AuthorityKeyHash(), connect, start)
}

func firefox(t *testing.T, cdn *edgetest.Server, profile string) *exec.Cmd {
	t.Helper()
	program, certutil := needs.Command(t, "firefox-esr", "firefox-esr"), needs.Command(t, "certutil", "libnss3-tools")
	for _, arguments := range [][]string{
		{"-N", "-d", "sql:" + profile, "--empty-password"},
		{"-A", "-n", "edgetest", "-t", "C,,", "-i", cdn.AuthorityFile(t), "-d", "sql:" + profile},
	} {
		if output, err := exec.CommandContext(t.Context(), certutil, arguments...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(cdn.ProxyURL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	preferences := `user_pref("network.proxy.type", 1);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", ` + port + `);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("services.settings.server", "data:,");
user_pref("network.captive-portal-service.enabled", false);
`
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(preferences), 0o600); err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), program, "--headless", "--no-remote", "--profile", profile, start)
}

// TestManyTunnels: a client that closes its end frees the tunnel, and so does the end of the test.
func TestManyTunnels(t *testing.T) {
	var left net.Conn
	t.Run("test", func(t *testing.T) {
		cdn := edgetest.New(t, files)
		cdn.Denied(t, "https://cdn.example.com/a", verify.ErrMissing)
		proxy := strings.TrimPrefix(cdn.ProxyURL(), "http://")
		for i := range 100 {
			connection, err := net.Dial("tcp", proxy)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := connection.Write([]byte("CONNECT cdn.example.com:443 HTTP/1.1\r\nHost: cdn.example.com:443\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			answer := make([]byte, 12)
			if _, err := connection.Read(answer); err != nil || string(answer) != "HTTP/1.1 200" {
				t.Fatalf("%d: %q, %v", i, answer, err)
			}
			if left != nil {
				left.Close()
			}
			left = connection
		}
	})
	defer left.Close()
	if err := left.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	rest := make([]byte, 100)
	for {
		n, err := left.Read(rest)
		if err != nil {
			if netError, ok := err.(net.Error); ok && netError.Timeout() {
				t.Error("the tunnel has outlived the test")
			}
			return
		}
		_ = n // the rest of the answer
	}
}

// TestTunnelHalfClosed: a client that has stopped sending gets its response.
func TestTunnelHalfClosed(t *testing.T) {
	cdn := edgetest.New(t, files)
	asked := make(chan struct{})
	cdn.Handle("app.example.com", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-asked
		_, _ = w.Write([]byte("late response"))
	}))
	connection, err := net.Dial("tcp", strings.TrimPrefix(cdn.ProxyURL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := connection.Write([]byte("CONNECT app.example.com:80 HTTP/1.1\r\nHost: app.example.com:80\r\n\r\n" +
		"GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, func() { close(asked) }) // after the proxy has seen the end
	if all, err := io.ReadAll(connection); err != nil || !strings.HasSuffix(string(all), "late response") {
		t.Errorf("%q, %v", all, err)
	}
}
