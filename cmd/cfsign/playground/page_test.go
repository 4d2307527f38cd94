// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// page returns the page, which is built once.
var page = sync.OnceValues(func() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*isLong)
	defer cancel()
	return build(ctx)
})

func builtPage(t *testing.T) []byte {
	t.Helper()
	if _, err := exec.LookPath("xz"); err != nil {
		needs.Missing(t, "xz", "apt-get install xz-utils")
	}
	html, err := page()
	if err != nil {
		t.Fatal(err)
	}
	return html
}

// TestSize: the page loads at most 2 MB.
func TestSize(t *testing.T) {
	const most = 2_000_000
	html := builtPage(t)
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(html); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d with gzip", len(html), packed.Len())
	if packed.Len() > most {
		t.Errorf("with gzip the page has %d bytes, want at most %d", packed.Len(), most)
	}
}

// TestNothingOutside: the page names no file or server that a browser would load.
func TestNothingOutside(t *testing.T) {
	html := string(builtPage(t))
	for _, part := range []string{` src="`, "@import", "url(", "import(", "XMLHttpRequest", "localStorage", "sessionStorage", "indexedDB", "innerHTML", "document.cookie", "location."} {
		if strings.Contains(html, part) {
			t.Errorf("the page has %q", part)
		}
	}
}

// forEachBrowser opens the page from a file in Chromium and in Firefox.
func forEachBrowser(t *testing.T, test func(t *testing.T, b *browser)) {
	for _, tt := range []struct {
		name string
		open func(*testing.T) *browser
	}{{"chromium", openChromium}, {"firefox", openFirefox}} {
		t.Run(tt.name, func(t *testing.T) {
			html := pageFile(t)
			b := tt.open(t)
			b.size(1100, 900)
			b.open(html)
			test(t, b)
		})
	}
}

// pageFile returns the URL of a file with the page.
func pageFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "playground.html")
	if err := os.WriteFile(path, builtPage(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// fill sets the fields of a form, and submits it.
func (b *browser) fill(form string, fields map[string]string) {
	b.Helper()
	for id, text := range fields {
		b.eval(fmt.Sprintf(`(document.getElementById(%q).value = %s, "")`, id, quote(text)))
	}
	b.eval(fmt.Sprintf(`(document.getElementById(%q).requestSubmit(), "")`, form))
}

func (b *browser) text(id string) string {
	b.Helper()
	return b.eval(fmt.Sprintf(`document.getElementById(%q).innerText`, id))
}

func (b *browser) wantText(id string, wants ...string) {
	b.Helper()
	text := b.text(id)
	for _, want := range wants {
		if !strings.Contains(text, want) {
			b.Errorf("%s has no %q:\n%.3000s", id, want, text)
		}
	}
}

// quote returns a text as a literal of JavaScript.
func quote(text string) string {
	data, _ := json.Marshal(text) // a string never fails
	return string(data)
}

const refused = "https://cdn.example.com/a.jpg?Expires=1767290400&Signature=YWJj&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256"

// TestPage goes through the page as a user does.
func TestPage(t *testing.T) {
	forEachBrowser(t, func(t *testing.T, b *browser) {
		b.checkLabels()

		t.Log("a URL, and the answer to it")
		b.fill("explain", map[string]string{"text": refused})
		b.wantText("said", "denied, AccessDenied: the signature does not match. The signature is too short")
		b.wantText("explanation", "denied, AccessDenied", "Likely cause, and the fix", "so it was cut", "signature-format", "Read as: URL")
		b.fill("explain", map[string]string{"text": refused, "response": "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>1</RequestId><HostId>abc</HostId></Error>"})
		b.wantText("explanation", "It is from S3: AccessDenied")

		t.Log("mistakes in the fields")
		b.fill("explain", map[string]string{"text": "It does not work.", "response": ""})
		b.wantText("text-error", "The text cannot be read as a request: paste a URL")
		b.fill("explain", map[string]string{"text": ""})
		b.wantText("text-error", "There is nothing to read")
		b.fill("explain", map[string]string{"text": refused, "at": "yesterday"})
		b.wantText("at-error", `Invalid time: "yesterday"`)
		b.fill("explain", map[string]string{"at": "", "keyPairID": "K2"})
		b.wantText("publicKey-error", "The key is missing")
		if got := b.eval(`document.activeElement.id + " " + document.getElementById("more").open`); got != "publicKey true" {
			t.Errorf("the focus after a mistake: %s", got)
		}

		t.Log("private keys are not kept")
		private := string(testkeys.P256PEM())
		b.fill("explain", map[string]string{"text": private, "keyPairID": ""})
		b.wantText("explanation", "This is a private key (ECDSA on P-256)", "The page does not keep a private key")
		b.fill("explain", map[string]string{"text": refused, "publicKey": private, "keyPairID": "K2"})
		b.wantText("publicKey-error", "This is a private key, and this page does not take one")
		b.fill("sign", map[string]string{"url": private})
		b.wantText("url-error", "This is a private key")
		if kept := b.eval(`["text", "publicKey", "url"].map(id => document.getElementById(id).value).join("|")`); strings.Contains(kept, "PRIVATE") || strings.Contains(b.eval(`document.body.innerHTML`), "PRIVATE KEY---") {
			t.Error("a private key is still in the page")
		}

		t.Log("sign with a key of the page, and take the result over")
		b.press("ArrowRight", "tab-explain")
		b.fill("sign", map[string]string{"url": "https://cdn.example.com/videos/7/a.mp4", "pattern": "https://cdn.example.com/videos/7/*", "range": "192.0.2.0/24", "start": "-1h", "domain": "example.com"})
		b.wantText("signed", "Key-Pair-Id", "KPLAYGROUND", "Hash-Algorithm", "Policy (custom)", "CloudFront-Policy", "Domain=example.com", "BEGIN PUBLIC KEY")
		b.click("Explain this URL")
		b.wantText("explanation", "denied, AccessDenied: wrong viewer address")
		b.fill("explain", map[string]string{"address": "192.0.2.7"})
		b.wantText("explanation", "allowed")
		b.press("ArrowLeft", "tab-explain")
		b.fill("sign", map[string]string{"range": "", "start": ""})
		b.click("Explain these cookies")
		b.wantText("explanation", "allowed", "signed cookies")
		b.fill("sign", map[string]string{"url": "https://cdn.example.com/videos/7/b.mp4"})
		b.eval(`(document.getElementById("url").value = "https://cdn.example.com/other.mp4", "")`)
		b.click("Explain these cookies")
		b.wantText("explanation", "allowed")
		b.fill("explain", map[string]string{"text": "https://cdn.example.com/videos/8/a.mp4"})
		b.wantText("explanation", "denied, AccessDenied")
		b.fill("sign", map[string]string{"url": "https://cdn.example.com/*", "pattern": ""})
		b.wantText("url-error", "Pattern for many files")
		if sent := b.sent(); len(sent) > 0 {
			t.Errorf("requests left the page: %q", sent)
		}
	})
}

// press presses a key on a tab.
func (b *browser) press(key, tab string) {
	b.Helper()
	b.eval(fmt.Sprintf(`(document.getElementById(%q).dispatchEvent(new KeyboardEvent("keydown", { key: %q, bubbles: true, cancelable: true })), "")`, tab, key))
	if got := b.eval(`document.activeElement.id + " " + document.getElementById("panel-sign").hidden`); got != "tab-sign false" {
		b.Errorf("after %s: %s", key, got)
	}
}

// click clicks the visible button with a text.
func (b *browser) click(text string) {
	b.Helper()
	b.eval(fmt.Sprintf(`([...document.querySelectorAll("button")].find(button => button.innerText === %q).click(), "")`, text))
}

// checkLabels: every field has one label and existing descriptions, and every tab its panel. Browsers
// keep no field for the next visit.
func (b *browser) checkLabels() {
	b.Helper()
	got := b.eval(`[...document.querySelectorAll("input, textarea")].filter(field => field.labels.length !== 1 || field.getAttribute("autocomplete") !== "off" ||
		(field.getAttribute("aria-describedby") ?? "").split(" ").some(id => id && !document.getElementById(id))).map(field => field.id).join(" ") +
		[...document.querySelectorAll("[role=tab]")].filter(tab => document.getElementById(tab.getAttribute("aria-controls")).getAttribute("aria-labelledby") !== tab.id).map(tab => tab.id).join(" ")`)
	if got != "" {
		b.Errorf("fields or tabs without a label: %s", got)
	}
}

// TestNothingLeaves: the page's policy stops every request, even of a script in the page.
func TestNothingLeaves(t *testing.T) {
	var arrived atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	t.Cleanup(server.Close)
	forEachBrowser(t, func(t *testing.T, b *browser) {
		b.eval(`(window.violations = [], addEventListener("securitypolicyviolation", event => violations.push(event.effectiveDirective)), "")`)
		for _, tt := range []struct{ directives, attempt string }{
			{"connect-src", `fetch("URL/fetch").catch(() => {})`},
			{"connect-src", `navigator.sendBeacon("URL/beacon", "x")`},
			{"connect-src", `new WebSocket("URL/socket".replace("http", "ws"))`},
			{"img-src", `new Image().src = "URL/image"`},
			{"form-action", `const form = document.createElement("form"); form.action = "URL/form"; document.body.append(form); form.submit()`},
			{"script-src-elem require-trusted-types-for", `const script = document.createElement("script"); script.src = "URL/script"; document.body.append(script)`},
			{"frame-src", `const frame = document.createElement("iframe"); frame.src = "URL/frame"; document.body.append(frame)`},
			{"style-src-elem", `const link = document.createElement("link"); link.rel = "stylesheet"; link.href = "URL/style"; document.head.append(link)`},
		} {
			// Some of the attempts throw.
			b.eval(`(() => { violations.length = 0; try { ` + strings.ReplaceAll(tt.attempt, "URL", server.URL) + ` } catch {} return "" })()`)
			b.wait(`violations.some(violated => ` + quote(tt.directives) + `.split(" ").includes(violated))`)
		}
		if sent := b.sent(); len(sent) > 0 {
			t.Errorf("requests left the page: %q", sent)
		}
	})
	if n := arrived.Load(); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
	if response, err := http.Get(server.URL); err != nil || arrived.Load() != 1 {
		t.Errorf("the server does not count: %v", err)
	} else {
		response.Body.Close()
	}
}

// TestHostile: markup in what is pasted stays text, and large texts are read or refused.
func TestHostile(t *testing.T) {
	const markup = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`
	var har strings.Builder
	har.WriteString(`{"log":{"entries":[`)
	for i := range 1000 {
		fmt.Fprintf(&har, `{"request":{"method":"GET","url":"https://cdn.example.com/%d.jpg","headers":[]},"response":{"status":200,"headers":[],"content":{}}},`, i)
	}
	har.WriteString(`{"request":{"method":"GET","url":"` + refused + `","headers":[]},"response":{"status":403,"headers":[],"content":{}}}]}}`)
	forEachBrowser(t, func(t *testing.T, b *browser) {
		for name, fields := range map[string]map[string]string{
			"URL":     {"text": "https://cdn.example.com/" + markup + "?Expires=1&Signature=YQ__&Key-Pair-Id=K2"},
			"host":    {"text": "https://" + markup + "/a?Expires=1&Signature=YQ__&Key-Pair-Id=K2"},
			"policy":  {"text": `{"Statement":[{"Resource":"https://cdn.example.com/` + strings.ReplaceAll(markup, `"`, `\"`) + `","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}`},
			"header":  {"text": "curl -H 'X-A: " + markup + "' '" + refused + "'"},
			"key ID":  {"text": "https://cdn.example.com/a?Expires=1&Signature=YQ__&Key-Pair-Id=" + url.QueryEscape(markup)},
			"answer":  {"text": refused, "response": "<Error><Code>AccessDenied</Code><Message>" + strings.ReplaceAll(markup, "<", "&lt;") + "</Message></Error>"},
			"address": {"text": refused, "address": markup},
		} {
			b.eval(`(document.getElementById("explain").reset(), "")`)
			b.fill("explain", fields)
			if got := b.eval(`String(window.hacked) + document.querySelectorAll("main img, main script").length + (document.getElementById("explanation").innerText + document.getElementById("address-error").innerText).length`); !strings.HasPrefix(got, "undefined0") || got == "undefined00" {
				t.Errorf("%s: %s", name, got)
			}
		}
		b.eval(`(document.getElementById("explain").reset(), "")`)
		b.fill("explain", map[string]string{"text": har.String()})
		b.wantText("explanation", "so it was cut", "Read as: HAR entry")
		b.eval(`(document.getElementById("text").value = "https://cdn.example.com/" + "a".repeat(10 << 20), document.getElementById("explain").requestSubmit(), "")`)
		b.wantText("text-error", "The text is too long")
		b.eval(`(document.getElementById("text").value = "https://cdn.example.com/\ud800\udfff\u0000\ud800?Signature=\ud800", document.getElementById("explain").requestSubmit(), "")`)
		b.wantText("explanation", "denied")
	})
}

// TestPhone: at 400 pixels, nothing is wider than the page.
func TestPhone(t *testing.T) {
	forEachBrowser(t, func(t *testing.T, b *browser) {
		b.size(400, 800)
		b.fill("explain", map[string]string{"text": refused, "response": "HTTP/2 403\nserver: CloudFront\n\n<Error><Code>AccessDenied</Code></Error>"})
		b.checkWidth("explain")
		b.eval(`(document.getElementById("more").open = true, "")`)
		b.checkWidth("more fields")
		b.click("Sign and look inside")
		b.fill("sign", map[string]string{"pattern": "https://cdn.example.com/videos/7/*"})
		b.wantText("signed", "CloudFront-Policy")
		b.checkWidth("sign")
	})
}

func (b *browser) checkWidth(what string) {
	b.Helper()
	got := b.eval(`(() => { const width = document.documentElement.clientWidth; // without a scroll bar
		return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width + 1).map(e => e.tagName + "#" + e.id).join(" ") + (document.documentElement.scrollWidth > width ? " scrolls" : "") })()`)
	if got != "" {
		b.Errorf("%s: wider than the page: %s", what, got)
	}
}

// TestScreenshots takes pictures: light, dark, and of a phone. It writes them if
// CFSIGN_SCREENSHOTS names a folder.
func TestScreenshots(t *testing.T) {
	html := pageFile(t)
	b := openChromium(t)
	b.size(1000, 900)
	b.open(html)
	if light, dark := b.color(false), b.color(true); light == dark {
		t.Errorf("text is %s in light and in dark mode", light)
	}
	b.dark(false)
	const expired = "https://cdn.example.com/videos/7/a.mp4?Expires=1767290400&Signature=MEUCIQDyDYkEdqPE7A2hmqUrSDQcJXKv7mDpYPsYVyYsCkYcSwIgYqGqfWfNBpYHLrq9q4iVQ5XU5ZkcBtUjUw3YJYkJ4Vk_&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256"
	b.fill("explain", map[string]string{"text": expired})
	b.picture("light")
	b.dark(true)
	b.click("Sign and look inside")
	b.fill("sign", map[string]string{"pattern": "https://cdn.example.com/videos/7/*", "range": "192.0.2.0/24"})
	b.eval(`(document.querySelector("#sign .actions").scrollIntoView(), "")`)
	b.picture("dark")
	b.dark(false)
	b.size(400, 860)
	b.click("Explain a refusal")
	b.eval(`(scrollTo(0, 0), "")`)
	b.picture("phone")
}

func (b *browser) color(dark bool) string {
	b.Helper()
	b.dark(dark)
	return b.eval(`getComputedStyle(document.querySelector("h1")).color`)
}

func (b *browser) picture(name string) {
	b.Helper()
	picture := b.screenshot()
	folder := os.Getenv("CFSIGN_SCREENSHOTS")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		b.Fatal(err)
	}
}
