// SPDX-License-Identifier: Apache-2.0

package edgetest_test

import (
	"cmp"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/verify"
)

// otherClients are the commands of the package comment, and the programs that they start.
var otherClients = []struct {
	name, command          string
	program, debianPackage string
	file, content          string // what the user has written
}{
	{name: "curl with an address", program: "curl", debianPackage: "curl", command: "curl --cacert ca.pem --connect-to ::127.0.0.1:8443 https://cdn.example.com/a.jpg"},
	{name: "curl with a proxy", program: "curl", debianPackage: "curl", command: "curl --cacert ca.pem --proxy http://127.0.0.1:8080 https://cdn.example.com/a.jpg"},
	{name: "wget", program: "wget", debianPackage: "wget", command: "wget -qO- --ca-certificate=ca.pem -e https_proxy=http://127.0.0.1:8080 https://cdn.example.com/a.jpg"},
	{
		name: "Node", program: "node", debianPackage: "nodejs", command: "NODE_EXTRA_CA_CERTS=ca.pem node app.js",
		file: "app.js", content: `const url = new URL(process.env.LINK), [host, port] = process.env.ADDRESS.split(":")
require("https").get({host, port, servername: url.hostname, headers: {Host: url.hostname}, path: url.pathname + url.search},
  r => r.pipe(process.stdout))`,
	},
	{
		name: "Python's urllib", program: "python3", debianPackage: "python3", command: pythonCommand,
		file: "app.py", content: `import os, urllib.request
print(urllib.request.urlopen(os.environ["LINK"]).read().decode())`,
	},
	{
		name: "Python's requests", program: "python3", debianPackage: "python3-requests", command: pythonCommand,
		file: "app.py", content: `import os, requests
print(requests.get(os.environ["LINK"]).text)`,
	},
	{
		name: "Python's aiohttp", program: "python3", debianPackage: "python3-aiohttp", command: pythonCommand,
		file: "app.py", content: `import asyncio, os, aiohttp
async def main():
  async with aiohttp.ClientSession(trust_env=True) as session, session.get(os.environ["LINK"]) as response:
    print(await response.text())
asyncio.run(main())`,
	},
	{
		name: "Go", program: "go", debianPackage: "golang", command: "SSL_CERT_FILE=ca.pem HTTPS_PROXY=http://127.0.0.1:8080 ./app",
		file: "app.go", content: `package main

import ("io"; "log"; "net/http"; "os")

func main() {
	response, err := http.Get(os.Getenv("LINK"))
	if err != nil {
		log.Fatal(err)
	}
	io.Copy(os.Stdout, response.Body)
}`,
	},
	{
		name: "Java", program: "keytool", debianPackage: "default-jdk-headless",
		command: "java -Djavax.net.ssl.trustStore=ca.p12 -Djavax.net.ssl.trustStorePassword=changeit -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080 -jar app.jar",
		file:    "App.java", content: `import java.net.*;
import java.net.http.*;
public class App {
  public static void main(String[] arguments) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(System.getenv("LINK"))).build();
    System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
  }
}`,
	},
}

const pythonCommand = "SSL_CERT_FILE=ca.pem REQUESTS_CA_BUNDLE=ca.pem HTTPS_PROXY=http://127.0.0.1:8080 python3 app.py"

// prepare are commands that come first. The first of them is in the package comment.
var prepare = map[string]string{
	"App.java": "keytool -importcert -noprompt -alias edgetest -file ca.pem -keystore ca.p12 -storepass changeit",
	"app.go":   "GOWORK=off GOFLAGS= go build -o app app.go",
}

// TestOtherClients: the commands of the package comment get a file of the server, because they trust
// its authority. With another authority they fail, so they turn no check off.
func TestOtherClients(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	commands := strings.ReplaceAll(string(comment), " \\\n\t  ", " ")
	if !strings.Contains(commands, "\t"+prepare["App.java"]+"\n") {
		t.Error("the package comment has no keytool")
	}
	cdn, other := edgetest.New(t, files), edgetest.New(t, files)
	link := cdn.SignedURL(t, "https://cdn.example.com/u/7/a.txt", time.Hour)
	actual := strings.NewReplacer("127.0.0.1:8443", cdn.Address(), "http://127.0.0.1:8080", cdn.ProxyURL(), "proxyPort=8080", "proxyPort="+portOf(t, cdn.ProxyURL()),
		"https://cdn.example.com/a.jpg", "'"+link+"'", "-jar app.jar", "App.java")
	for _, tt := range otherClients {
		t.Run(tt.name, func(t *testing.T) {
			shell := needs.Command(t, "sh", "dash")
			needs.Command(t, tt.program, tt.debianPackage)
			if tt.debianPackage == "python3-requests" && exec.CommandContext(t.Context(), "python3", "-c", "import requests").Run() != nil {
				needs.Missing(t, "requests", "apt-get install python3-requests")
			}
			if tt.debianPackage == "python3-aiohttp" && exec.CommandContext(t.Context(), "python3", "-c", "import aiohttp").Run() != nil {
				t.Skip("aiohttp is missing: apt-get install python3-aiohttp") // requests is enough for CI
			}
			if !strings.Contains(commands, "\t"+tt.command+"\n") {
				t.Errorf("the package comment has no %s", tt.command)
			}
			run := func(authority []byte) (string, error) {
				folder := t.TempDir()
				for name, content := range map[string]string{"ca.pem": string(authority), cmp.Or(tt.file, "none"): tt.content} {
					if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				if first := prepare[tt.file]; first != "" {
					command := exec.CommandContext(t.Context(), shell, "-c", first)
					command.Dir = folder
					if output, err := command.CombinedOutput(); err != nil {
						t.Fatalf("%v: %s", err, output)
					}
				}
				command := exec.CommandContext(t.Context(), shell, "-c", actual.Replace(tt.command))
				command.Dir, command.Env = folder, append(environment(), "LINK="+link, "ADDRESS="+cdn.Address())
				output, err := command.Output()
				return strings.TrimSpace(string(output)), err
			}
			if output, err := run(cdn.AuthorityPEM()); err != nil || output != "seven" {
				t.Errorf("%v: %s", err, output)
			}
			if output, err := run(other.AuthorityPEM()); err == nil || output != "" {
				t.Errorf("another authority: %v: %s", err, output)
			}
		})
	}
}

// environment returns the environment without the proxies and authorities of this machine.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(variable), "=")
		return strings.Contains(name, "PROXY") || strings.Contains(name, "SSL_CERT") || strings.Contains(name, "_CA_") || strings.Contains(name, "_OPTIONS")
	})
}

func portOf(t *testing.T, proxyURL string) string {
	t.Helper()
	u, err := url.Parse(proxyURL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// TestPlainClients: the proxy also leads to the listener without TLS, with and without a tunnel.
func TestPlainClients(t *testing.T) {
	cdn := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Origin: files, ViewerProtocolPolicy: edge.AllowAll}})
	link := cdn.SignedURL(t, "http://cdn.example.com/u/7/a.txt", time.Hour)
	for _, arguments := range [][]string{{"--proxy", cdn.ProxyURL()}, {"--proxytunnel", "--proxy", cdn.ProxyURL()}} {
		command := exec.CommandContext(t.Context(), needs.Command(t, "curl", "curl"), append(arguments, "-sS", link)...)
		command.Env = environment()
		if output, err := command.CombinedOutput(); err != nil || string(output) != "seven" {
			t.Errorf("%v: %v: %s", arguments, err, output)
		}
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
	preferences := `user_pref("network.proxy.type", 1);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", ` + portOf(t, cdn.ProxyURL()) + `);
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

// TestTunnelHalfClosed: a client that has stopped sending gets its response, and then the end.
func TestTunnelHalfClosed(t *testing.T) {
	for _, header := range []string{"Connection: close", "Connection: keep-alive"} {
		t.Run(header, func(t *testing.T) {
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
			if err := connection.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			if _, err := connection.Write([]byte("CONNECT app.example.com:80 HTTP/1.1\r\nHost: app.example.com:80\r\n\r\n" +
				"GET / HTTP/1.1\r\nHost: app.example.com\r\n" + header + "\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(50*time.Millisecond, func() { close(asked) }) // after the proxy has seen the end
			if all, err := io.ReadAll(connection); err != nil || !strings.HasSuffix(string(all), "late response") {
				t.Errorf("%q, %v", all, err)
			}
		})
	}
}

// TestForgottenViewers: when a viewer's connection has ended, also a hijacked one such as a WebSocket,
// another client can have its port, and gets its own address.
func TestForgottenViewers(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(w http.ResponseWriter) // at the server first: the other end has to wait before it can have its port again
		soon bool                        // not at once
	}{
		{name: "closed", soon: true, end: func(http.ResponseWriter) { panic(http.ErrAbortHandler) }},
		{name: "hijacked", end: func(w http.ResponseWriter) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			connection.Close()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cdn := edgetest.New(t, files)
			clients := make(chan string, 1)
			cdn.Handle("app.example.com", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				clients <- r.RemoteAddr
				tt.end(w)
			}))
			local := make(chan net.Addr, 1)
			trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { local <- info.Conn.LocalAddr() }}
			request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodPost, "http://app.example.com/", nil)
			if err != nil {
				t.Fatal(err)
			}
			if response, err := cdn.Client.Do(request); err == nil {
				response.Body.Close()
			}
			if got := <-clients; got != "192.0.2.1:50000" {
				t.Fatalf("the viewer has the address %s", got)
			}
			port, deadline := <-local, time.Now().Add(3*time.Minute) // a port can be blocked for one
			got := ""
			for (got == "" || tt.soon && got != port.String()) && time.Now().Before(deadline) {
				time.Sleep(10 * time.Millisecond)
				got = addressFrom(t, cdn, port)
			}
			if got != port.String() {
				t.Errorf("the client has the address %s, want %s", got, port)
			}
		})
	}
}

// addressFrom returns the address that a handler sees of a client of the proxy with a local address. The
// server closes the connection, so the client can have the port again. It is empty while another
// connection still has the port.
func addressFrom(t *testing.T, cdn *edgetest.Server, local net.Addr) string {
	t.Helper()
	cdn.Handle("who.example.com", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.RemoteAddr) }))
	connection, err := (&net.Dialer{LocalAddr: local}).DialContext(t.Context(), "tcp", strings.TrimPrefix(cdn.ProxyURL(), "http://"))
	if err != nil {
		return ""
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "GET http://who.example.com/ HTTP/1.1\r\nHost: who.example.com\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
	}
	_, address, _ := strings.Cut(string(all), "\r\n\r\n")
	return address
}
