// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"crypto/fips140"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/websocket"

	"github.com/cfsign/cfsign/internal/test/needs"
)

// A browser is a browser with one page. Chromium speaks the DevTools protocol, and Firefox
// WebDriver BiDi. Both are messages with an ID, a method and parameters.
type browser struct {
	*testing.T
	name    string
	socket  *websocket.Conn
	session string // of the page in Chromium
	context string // the page in Firefox
	profile string // the folder of Firefox

	mu      sync.Mutex
	last    int
	answers map[int]chan message
	network []string        // the URLs of all requests
	blocked map[string]bool // the URLs of requests that the page's policy blocked before they were sent
	byID    map[string]string
}

// A message is a message of either protocol.
type message struct {
	ID      int             `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   json.RawMessage `json:"error"`
	Message string          `json:"message"`
}

const isLong = 2 * time.Minute // this machine may be slow

// openChromium starts Chromium with an empty page.
func openChromium(t *testing.T) *browser {
	t.Helper()
	b := &browser{T: t, name: "chromium"}
	address := startBrowser(t, needs.Chromium(t), "DevTools listening on ",
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
		"--remote-debugging-port=0", "--remote-allow-origins=*", "--user-data-dir="+needs.Profile(t), "about:blank")
	b.connect(address)
	var target struct{ TargetID, SessionID string }
	b.call(&target, "Target.createTarget", map[string]any{"url": "about:blank"})
	b.call(&target, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true})
	b.session = target.SessionID
	b.call(nil, "Network.enable", map[string]any{})
	b.call(nil, "Page.enable", map[string]any{})
	return b
}

// openFirefox starts Firefox with an empty page.
func openFirefox(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("firefox")
	if err != nil {
		path = needs.Command(t, "firefox-esr", "firefox-esr")
	}
	profile := needs.Profile(t)
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(`user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.sessionstore.interval", 1000);`), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &browser{T: t, name: "firefox", profile: profile}
	address := startBrowser(t, path, "WebDriver BiDi listening on ", "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0", "--remote-allow-origins=http://localhost/")
	b.connect(address + "/session")
	b.call(nil, "session.new", map[string]any{"capabilities": map[string]any{}})
	var tree struct{ Contexts []struct{ Context string } }
	b.call(&tree, "browsingContext.getTree", map[string]any{})
	b.context = tree.Contexts[0].Context
	b.call(nil, "session.subscribe", map[string]any{"events": []string{"network.beforeRequestSent", "network.fetchError"}})
	return b
}

// startBrowser starts a program, and returns the address that it prints after a text.
func startBrowser(t *testing.T, path, before string, args ...string) string {
	t.Helper()
	if fips140.Enforced() {
		t.Skip("WebSocket needs SHA-1, which this process refuses")
	}
	command := exec.Command(path, args...)
	command.Env = append(os.Environ(), "HOME="+needs.Profile(t))
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if _, address, ok := strings.Cut(lines.Text(), before); ok {
				found <- strings.TrimSpace(address)
			}
		}
	}()
	select {
	case address := <-found:
		return address
	case <-time.After(isLong):
		t.Fatalf("%s does not print its address", path)
		return ""
	}
}

// connect connects to the browser, and reads its messages until the end.
func (b *browser) connect(address string) {
	b.Helper()
	var err error
	if b.socket, err = websocket.Dial(address, "", "http://localhost/"); err != nil {
		b.Fatal(err)
	}
	b.socket.MaxPayloadBytes = 64 << 20
	b.answers, b.blocked, b.byID = map[int]chan message{}, map[string]bool{}, map[string]string{}
	b.Cleanup(func() { _ = b.socket.Close() })
	go func() {
		for {
			var m message
			if websocket.JSON.Receive(b.socket, &m) != nil {
				return // the test has ended
			}
			b.receive(m)
		}
	}()
}

// receive keeps a request of the page, or gives an answer to the waiting call.
func (b *browser) receive(m message) {
	var event struct {
		RequestID     string
		BlockedReason string // of Chromium
		ErrorText     string // of Firefox
		Request       struct{ URL string }
	}
	_ = json.Unmarshal(m.Params, &event) // other events have other parameters
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case m.Method == "Network.requestWillBeSent" || m.Method == "network.beforeRequestSent":
		b.network = append(b.network, event.Request.URL)
		b.byID[event.RequestID] = event.Request.URL
	case m.Method == "Network.loadingFailed" && event.BlockedReason == "csp":
		b.blocked[b.byID[event.RequestID]] = true
	case m.Method == "network.fetchError" && (event.ErrorText == "NS_ERROR_CONTENT_BLOCKED" || event.ErrorText == "NS_BINDING_ABORTED"):
		b.blocked[event.Request.URL] = true
	case m.ID != 0:
		b.answers[m.ID] <- m
	}
}

// call calls a method of the protocol.
func (b *browser) call(result any, method string, params map[string]any) {
	b.Helper()
	request := map[string]any{"method": method, "params": params}
	if b.session != "" {
		request["sessionId"] = b.session
	}
	answer := make(chan message, 1)
	b.mu.Lock()
	b.last++
	request["id"] = b.last
	b.answers[b.last] = answer
	b.mu.Unlock()
	if err := websocket.JSON.Send(b.socket, request); err != nil {
		b.Fatal(err)
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			b.Fatalf("%s: %s %s", method, m.Error, m.Message)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.Fatal(err)
			}
		}
	case <-time.After(isLong):
		b.Fatalf("%s: no answer", method)
	}
}

// before runs a script before the scripts of each page.
func (b *browser) before(script string) {
	b.Helper()
	if b.context != "" {
		b.call(nil, "script.addPreloadScript", map[string]any{"functionDeclaration": "() => {" + script + "}"})
		return
	}
	b.call(nil, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": script})
}

// open opens a URL, and waits for the program.
func (b *browser) open(url string) {
	b.Helper()
	b.load(url)
	b.wait(`document.readyState === "complete" && document.getElementById("loading")?.hidden`)
}

// load opens a URL.
func (b *browser) load(url string) {
	b.Helper()
	if b.context != "" {
		b.call(nil, "browsingContext.navigate", map[string]any{"context": b.context, "url": url, "wait": "complete"})
	} else {
		b.call(nil, "Page.navigate", map[string]any{"url": url})
	}
}

// wait waits until a condition is true.
func (b *browser) wait(condition string) {
	b.Helper()
	for end := time.Now().Add(isLong); b.eval(`String(Boolean(`+condition+`))`) != "true"; {
		if time.Now().After(end) {
			b.Fatalf("still not: %s; the page: %s", condition, b.eval("document.body.innerText"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// eval evaluates an expression with a text, or with a promise of one.
func (b *browser) eval(expression string) string {
	b.Helper()
	if b.context != "" {
		var answer struct {
			Type             string
			Result           struct{ Value string }
			ExceptionDetails struct{ Text string }
		}
		b.call(&answer, "script.evaluate", map[string]any{"expression": expression, "target": map[string]any{"context": b.context}, "awaitPromise": true})
		if answer.Type != "success" {
			b.Fatalf("%.200s: %s", expression, answer.ExceptionDetails.Text)
		}
		return answer.Result.Value
	}
	var answer struct {
		Result           struct{ Value string }
		ExceptionDetails json.RawMessage
	}
	b.call(&answer, "Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true})
	if answer.ExceptionDetails != nil {
		b.Fatalf("%.200s: %.500s", expression, answer.ExceptionDetails)
	}
	return answer.Result.Value
}

// size sets the size of the window.
func (b *browser) size(width, height int) {
	b.Helper()
	if b.context != "" {
		b.call(nil, "browsingContext.setViewport", map[string]any{"context": b.context, "viewport": map[string]int{"width": width, "height": height}})
		return
	}
	b.call(nil, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
}

// dark asks the page for its dark colors. Only Chromium can.
func (b *browser) dark(on bool) {
	b.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[on]
	b.call(nil, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
}

// screenshot returns the window as a PNG. Only for Chromium.
func (b *browser) screenshot() []byte {
	b.Helper()
	var answer struct{ Data string }
	b.call(&answer, "Page.captureScreenshot", map[string]any{"format": "png"})
	picture, err := base64.StdEncoding.DecodeString(answer.Data)
	if err != nil || len(picture) == 0 {
		b.Fatalf("no screenshot: %v", err)
	}
	return picture
}

// sent returns the URLs of all requests that the page's policy did not block, except for the file
// itself and texts in URLs.
func (b *browser) sent() (urls []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, url := range b.network {
		if !strings.HasPrefix(url, "file:") && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "about:") && !b.blocked[url] {
			urls = append(urls, url)
		}
	}
	return urls
}
