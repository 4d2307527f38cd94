// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/internal/test/needs"
)

// A browser is Chromium on the site, whose clock the test can move.
type browser struct {
	*testing.T
	ctx context.Context
	cdn *edgetest.Server
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := needs.Chromium(t)
	// The distribution is configured by the site, which needs the server's signer.
	cdn := edgetest.New(t, http.NotFoundHandler())
	s, err := newSite(cdn.Signer, "https://app.example.com", "https://cdn.example.com", "example.com", cdn.Clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	cdn.Update(t, s.distribution())
	cdn.Handle("app.example.com", s.application())
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1200, 1150),
		chromedp.Flag("host-resolver-rules", "MAP *.example.com "+cdn.Address()),
		chromedp.IgnoreCertErrors,
	)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // for what waits without an end
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return &browser{T: t, ctx: ctx, cdn: cdn}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// result is do for an action with a result.
func result[T any](b *browser, action chromedp.Action[T]) T {
	b.Helper()
	got, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.Fatal(err)
	}
	return got
}

// press presses the button with a text, and waits for the page behind it: a document without
// the mark of the one before.
func (b *browser) press(text string) {
	b.Helper()
	button := fmt.Sprintf(`//button[normalize-space()=%q]`, text)
	b.do(chromedp.Evaluate[chromedp.Void](`document.isPressed = true, undefined`), chromedp.Click(button))
	const isNext = `!document.isPressed && document.readyState === "complete" && document.querySelector("main") !== null`
	for range 100 {
		// In between there may be no document to ask.
		if next, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](isNext)); err == nil && next {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Fatalf("%s: no other page came", text)
}

// picture is what a figure of the gallery shows.
const states = `[...document.querySelectorAll("#%s figure")].map(f => {
	const image = f.querySelector("img"), video = f.querySelector("video");
	if (f.classList.contains("refused")) return f.dataset.why;
	if (image) return image.complete && image.naturalWidth > 0 ? "shown" : "waiting";
	return video.dataset.state === "loaded" && video.duration > 7 && video.videoWidth === 480 ? "shown" : "waiting";
}).join(" ")`

// waitFor waits until all pictures and the film of a folder are as they should be.
func (b *browser) waitFor(owner, want string) {
	b.Helper()
	want = strings.TrimSpace(strings.Repeat(want+" ", 4))
	var got string
	for range 100 {
		if got = result(b, chromedp.Evaluate[string](fmt.Sprintf(states, owner))); got == want {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Fatalf("%s's folder: %q, want %q", owner, got, want)
}

// cookies returns what the browser has of the signed cookies, by name and path.
func (b *browser) cookies() map[string]*network.Cookie {
	b.Helper()
	result := result(b, func(ctx context.Context, t *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{URLs: []string{
			"https://cdn.example.com/users/alice/", "https://cdn.example.com/users/bob/", "https://app.example.com/",
		}})
	})
	found := map[string]*network.Cookie{}
	for _, cookie := range result.Cookies {
		found[cookie.Name+" "+cookie.Path] = cookie
	}
	return found
}

// statusOf fetches from the page with the cookies.
func (b *browser) statusOf(rawURL string) int {
	b.Helper()
	script := fmt.Sprintf(`fetch(%q, {credentials: "include", cache: "no-store"}).then(r => r.status)`, rawURL)
	return result(b, chromedp.Evaluate[int](script, chromedp.EvalAwaitPromise))
}

// TestBrowser goes through the site as alice, then as bob.
func TestBrowser(t *testing.T) {
	b := openBrowser(t)
	const alicesPicture, bobsPicture = "https://cdn.example.com/users/alice/1.svg", "https://cdn.example.com/users/bob/1.svg"
	b.do(chromedp.Navigate("https://app.example.com/"), chromedp.WaitVisible("button.large"))
	if status := b.statusOf(alicesPicture); status != http.StatusForbidden {
		t.Errorf("before the login: %d", status)
	}

	b.press("Log in as alice")
	b.waitFor("alice", "shown")
	b.waitFor("bob", "not for you")
	b.checkAttributes("/users/alice/")
	b.playFilm("alice")
	b.screenshots("gallery")

	t.Log("bob shares, and alice gets to see his folder with the next page")
	b.press("Log out")
	if left := b.cookies(); len(left) != 0 {
		t.Errorf("after the logout: %v", left)
	}
	if status := b.statusOf(alicesPicture); status != http.StatusForbidden {
		t.Errorf("after the logout: %d", status)
	}
	b.press("Log in as bob")
	b.waitFor("bob", "shown")
	b.waitFor("alice", "not for you")
	b.press("Share")
	b.press("Log out")
	b.press("Log in as alice")
	b.waitFor("alice", "shown")
	b.waitFor("bob", "shown")
	b.checkAttributes("/users/alice/", "/users/bob/")

	t.Log("the cookies expire while the page is open, and the page mends it")
	b.cdn.Clock.Advance(3 * time.Hour)
	if status := b.statusOf(bobsPicture); status != http.StatusForbidden {
		t.Errorf("three hours later: %d", status)
	}
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("img").forEach(image => image.again())`))
	b.waitFor("bob", "shown")
	b.waitFor("alice", "shown")
	if status := b.statusOf(bobsPicture); status != http.StatusOK {
		t.Errorf("after the renewal: %d", status)
	}

	b.do(chromedp.Navigate("https://app.example.com/decisions"))
	b.until(`document.querySelector("#decisions details") !== null`)
	text := result(b, chromedp.Text("#decisions"))
	for _, want := range []string{"GET /users/bob/3.svg", "refused AccessDenied: expired", "allowed until"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %q:\n%s", want, text)
		}
	}
	for _, hint := range []string{"The policy has expired: ", "The request is not signed: "} {
		if got := strings.Count(text, hint); got != 1 {
			t.Errorf("the page has the hint %q %d times, want once:\n%s", hint, got, text)
		}
	}
	b.screenshots("decisions")
	b.checkFolding()
}

// checkFolding folds a cause with the keyboard. It stays folded, with the focus, when the next
// decision changes the page.
func (b *browser) checkFolding() {
	b.Helper()
	const first = `document.querySelector("#decisions details")`
	b.do(chromedp.Evaluate[chromedp.Void](first+`.querySelector("summary").focus()`), chromedp.KeyEvent("\r"))
	b.until("!" + first + ".open")
	b.do(chromedp.Evaluate[chromedp.Void](first + `.isOld = true`))
	b.statusOf("https://cdn.example.com/users/alice/2.svg?next")
	b.until("!" + first + ".isOld")
	if !result(b, chromedp.Evaluate[bool]("!"+first+".open && "+first+".contains(document.activeElement)")) {
		b.Error("the next decision unfolds a cause, or takes the focus away")
	}
}

// checkAttributes compares the cookies with what the library promises.
func (b *browser) checkAttributes(paths ...string) {
	b.Helper()
	cookies := b.cookies()
	for _, path := range paths {
		for _, name := range []string{"CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id", "CloudFront-Hash-Algorithm"} {
			c := cookies[name+" "+path]
			if c == nil || !c.Secure || !c.HTTPOnly || c.SameSite != network.CookieSameSiteLax || c.Domain != ".example.com" || !c.Session {
				b.Errorf("%s on %s is %+v", name, path, c)
			}
		}
	}
	if hint := cookies["cdn-until /"]; hint == nil || hint.HTTPOnly || hint.Domain != "app.example.com" {
		b.Errorf("the hint is %+v", hint)
	}
	if state := cookies["__Host-cfsign /"]; state == nil || !state.HTTPOnly || !state.Secure {
		b.Errorf("the state is %+v", state)
	}
	signed := 0
	for key := range cookies {
		if strings.HasPrefix(key, "CloudFront-") {
			signed++
		}
	}
	if signed != 4*len(paths) {
		b.Errorf("%d signed cookies for %d folders", signed, len(paths))
	}
}
