// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// put changes a field as a user does, and sends an event to it.
func (b *browser) put(id, text, event string) {
	b.Helper()
	b.eval(fmt.Sprintf(`((field) => { field.value = %s; field.dispatchEvent(new Event(%q, { bubbles: true })); return "" })(document.getElementById(%q))`, quote(text), event, id))
}

// openFile opens a file with this content.
func (b *browser) openFile(content []byte) {
	b.Helper()
	b.eval(fmt.Sprintf(`(() => { const files = new DataTransfer(), field = document.getElementById("file");
		files.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], "a.txt"));
		field.files = files.files; field.dispatchEvent(new Event("change")); return "" })()`, base64.StdEncoding.EncodeToString(content)))
}

// waitText waits until an element has a text.
func (b *browser) waitText(id, want string) {
	b.Helper()
	b.wait(fmt.Sprintf(`document.getElementById(%q).textContent.includes(%s)`, id, quote(want)))
}

func (b *browser) value(id string) string {
	b.Helper()
	return b.eval(fmt.Sprintf(`document.getElementById(%q).value`, id))
}

// TestInput: what is pasted, typed or opened is explained or cleared.
func TestInput(t *testing.T) {
	der, err := x509.MarshalPKCS8PrivateKey(testkeys.RSA())
	if err != nil {
		t.Fatal(err)
	}
	private := string(testkeys.P256PEM())
	forEachBrowser(t, func(t *testing.T, b *browser) {
		t.Log("paste, Ctrl+Enter and Clear")
		b.put("text", refused, "paste")
		b.waitText("said", "The signature is too short")
		b.click("Clear")
		if got := b.eval(`document.getElementById("said").textContent + document.getElementById("explanation").textContent + document.getElementById("text").value`); got != "" {
			t.Errorf("after Clear: %q", got)
		}
		b.put("text", refused, "paste")
		b.waitText("explanation", "so it was cut")
		b.put("address", "everywhere", "input")
		b.eval(`(document.getElementById("text").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true })), "")`)
		b.waitText("address-error", "is not an address")
		invalid := `[...document.querySelectorAll("[aria-invalid]")].map((field) => field.id).join(" ")`
		if got := b.eval(invalid); got != "address" {
			t.Errorf("invalid after a mistake: %q", got)
		}
		b.click("Clear")
		if got := b.eval(invalid + ` + document.getElementById("address-error").textContent`); got != "" {
			t.Errorf("after Clear of a mistake: %q", got)
		}

		t.Log("private keys in every field") // also in those of the other tab
		for _, event := range []string{"paste", "input"} {
			for _, id := range []string{"text", "response", "cookies", "publicKey", "keyPairID", "address", "at", "url", "pattern", "expires", "start", "range", "domain"} {
				b.put(id, private, event)
				b.wait(fmt.Sprintf(`document.getElementById(%q).value === ""`, id))
				if got := b.eval(fmt.Sprintf(`document.getElementById("%s-error").textContent + document.getElementById("explanation").textContent`, id)); !strings.Contains(got, "his is a private key") {
					t.Errorf("%s in %s: %q", event, id, got)
				}
			}
		}
		b.put("publicKey", "MHcCAQ", "input")
		time.Sleep(time.Second) // more than the pause
		if got := b.value("publicKey"); got != "MHcCAQ" {
			t.Errorf("a key that is being typed was cleared")
		}
		b.put("publicKey", "MHcCAQ", "paste")
		b.waitText("publicKey-error", "The field was cleared, because it had no public key")

		t.Log("files")
		b.click("Clear")
		b.openFile([]byte(refused))
		b.waitText("explanation", "so it was cut")
		b.click("Clear")
		for name, order := range map[string]func(unit uint16) []byte{
			"\xff\xfe": func(unit uint16) []byte { return []byte{byte(unit), byte(unit >> 8)} },
			"\xfe\xff": func(unit uint16) []byte { return []byte{byte(unit >> 8), byte(unit)} },
		} {
			content := []byte(name)
			for _, unit := range utf16.Encode([]rune(refused)) {
				content = append(content, order(unit)...)
			}
			b.openFile(content)
			b.waitText("explanation", "so it was cut")
			b.click("Clear")
		}
		b.openFile(der)
		b.waitText("explanation", "This is a private key (RSA with 2,048 bits)")
		b.click("Clear")
		b.openFile([]byte(private))
		b.waitText("explanation", "This is a private key (ECDSA on P-256)")
		if got := b.value("text"); got != "" {
			t.Error("a private key in a file came into the page")
		}

		t.Log("errors without a field of their own are said")
		b.fill("sign", map[string]string{"url": "https://cdn.example.com/a.jpg", "expires": "+2h", "start": "-1h"})
		b.eval(`(document.querySelector("input[value=canned]").checked = true, document.getElementById("sign").requestSubmit(), "")`)
		b.waitText("said", "A canned policy is for one URL")
		b.eval(`(cfsign.explain = () => { throw new Error("out of memory") }, "")`)
		b.fill("explain", map[string]string{"text": refused})
		b.waitText("said", "The program has stopped")
	})
}

// TestStart: what is pasted while the program loads is explained or cleared when it is there, and Ctrl+Enter
// does nothing before.
func TestStart(t *testing.T) {
	const early = `addEventListener("DOMContentLoaded", () => {
		window.wasLoading = !document.getElementById("loading").hidden;
		document.getElementById("text").value = TEXT;
		document.getElementById("cookies").value = PRIVATE;
		document.getElementById("explain").requestSubmit();
		window.early = document.getElementById("text-error").textContent;
	})`
	script := strings.NewReplacer("TEXT", quote(refused), "PRIVATE", quote(string(testkeys.P256PEM()))).Replace(early)
	for name, open := range map[string]func(*testing.T) *browser{"chromium": openChromium, "firefox": openFirefox} {
		t.Run(name, func(t *testing.T) {
			html := pageFile(t)
			b := open(t)
			b.before(script)
			b.open(html)
			b.waitText("explanation", "so it was cut")
			if got := b.eval(`wasLoading + "|" + early + "|" + document.getElementById("cookies").value`); got != "true||" {
				t.Errorf("before the start: %.100q", got)
			}

			b = open(t)
			b.before(`WebAssembly.instantiate = () => Promise.reject(new Error("no memory"))`)
			b.load(html)
			b.wait(`document.getElementById("loading")?.textContent.includes("The program cannot start: no memory")`)
			b.fill("explain", map[string]string{"text": refused})
			b.waitText("said", "The program did not start")
		})
	}
}

// TestSessionStore: Firefox writes what is in a field to the disk, to restore it after a crash. The page's
// fields are not written.
func TestSessionStore(t *testing.T) {
	html := pageFile(t)
	b := openFirefox(t)
	b.open(html)
	b.eval(`(() => { const field = document.createElement("textarea"); field.id = "control"; document.body.append(field); return "" })()`)
	b.eval(`(document.getElementById("more").open = true, "")`)
	markers := map[string]string{}
	for i, id := range strings.Fields(b.eval(`[...document.querySelectorAll("#explain textarea, #explain input:not([type])")].map((field) => field.id).join(" ")`)) {
		markers[id] = fmt.Sprintf("Zq%dXvJw%dK", i, i*7)
	}
	markers["control"] = "CoNtRoLqXj"
	store := func() (all []byte) {
		paths, _ := filepath.Glob(filepath.Join(b.profile, "sessionstore-backups", "*"))
		for _, path := range paths {
			data, _ := os.ReadFile(path) // it can be replaced at any time
			all = append(all, data...)
		}
		return all
	}
	for id, marker := range markers {
		if id != "control" {
			b.eval(fmt.Sprintf(`(document.getElementById(%q).focus(), String(document.execCommand("insertText", false, %q)))`, id, marker))
		}
	}
	b.eval(fmt.Sprintf(`(document.getElementById("control").focus(), String(document.execCommand("insertText", false, %q)))`, markers["control"]))
	for end := time.Now().Add(isLong); !bytes.Contains(store(), []byte(markers["control"])); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("Firefox did not write the field that it may write")
		}
	}
	for id, marker := range markers {
		if id != "control" && bytes.Contains(store(), []byte(marker)) {
			t.Errorf("Firefox writes the field %s to the disk", id)
		}
	}
}

// TestNoWebRTC: no script of the page can send anything by WebRTC, which the page's policy does not cover.
func TestNoWebRTC(t *testing.T) {
	udp, err := net.ListenPacket("udp", net.JoinHostPort(ownAddress(t), "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = udp.Close() })
	var arrived atomic.Int32
	go func() {
		for packet := make([]byte, 2048); ; arrived.Add(1) {
			if _, _, err := udp.ReadFrom(packet); err != nil {
				return // the test has ended
			}
		}
	}()
	attempt := `(async () => { try { window.connection = new RTCPeerConnection({ iceServers: [{ urls: "stun:` + udp.LocalAddr().String() + `" }] });
		connection.createDataChannel("x"); await connection.setLocalDescription(await connection.createOffer()); return "tried" } catch (error) { return String(error) } })()`
	forEachBrowser(t, func(t *testing.T, b *browser) {
		arrived.Store(0)
		if got := b.eval(attempt); !strings.Contains(got, "RTCPeerConnection is not defined") {
			t.Errorf("in the page: %s", got)
		}
		if got := b.eval(`Object.getOwnPropertyNames(globalThis).filter((name) => /RTC|WebTransport/.test(name)).join(" ")`); got != "" {
			t.Errorf("the page has %s", got)
		}
		time.Sleep(2 * time.Second)
		if n := arrived.Load(); n != 0 {
			t.Errorf("%d packets left the page", n)
		}
		b.load("about:blank")
		b.wait(`location.href === "about:blank" && document.readyState === "complete"`)
		if got := b.eval(attempt); got != "tried" {
			t.Fatalf("in another page: %s", got)
		}
		for end := time.Now().Add(isLong); arrived.Load() == 0; time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("no packet from another page arrives, so this test shows nothing")
			}
		}
	})
}

// ownAddress returns an address of this machine. Browsers ask no server at a loopback address.
func ownAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.To4() != nil && network.IP.IsGlobalUnicast() {
			return network.IP.String()
		}
	}
	t.Skip("this machine has no address besides localhost")
	return ""
}
