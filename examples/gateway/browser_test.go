// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// A browser is Chromium with a fresh profile.
type browser struct {
	*testing.T
	ctx context.Context
}

// openBrowser starts Chromium. preferences are the profile's, in JSON.
func (w *world) openBrowser(t *testing.T, preferences string) *browser {
	t.Helper()
	path, profile := needs.Chromium(t), needs.Profile(t)
	if err := os.MkdirAll(filepath.Join(profile, "Default"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(profile, "Default", "Preferences"), []byte(preferences), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(900, 700), chromedp.UserDataDir(profile),
		chromedp.Flag("host-resolver-rules", "MAP * "+w.Address()),
		chromedp.IgnoreCertErrors,
	)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as its first context
		t.Fatal(err)
	}
	return &browser{t, ctx}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// arrive waits for the page at a URL that begins with want and has this heading.
func (b *browser) arrive(want, heading string) {
	b.Helper()
	const what = `location.href + " " + document.readyState + " " + (document.querySelector("h1")?.textContent ?? "")`
	var got string
	for range 150 {
		// In between there may be no document to ask.
		if now, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](what)); err == nil {
			if got = now; strings.HasPrefix(got, want) && strings.HasSuffix(got, " complete "+heading) {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.screenshot("failure")
	b.Fatalf("the browser shows %q, want %s and %q", got, want, heading)
}

// evaluate returns what a script says, as text.
func (b *browser) evaluate(script string) string {
	b.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("Promise.resolve("+script+").then(String)", chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	return got
}

// press presses the button or link with a text.
func (b *browser) press(text string) {
	b.Helper()
	b.do(chromedp.Click(fmt.Sprintf(`//*[self::button or self::a][normalize-space()=%q]`, text)))
}

// complete checks that the stylesheet and the picture of the report are there.
func (b *browser) complete() {
	b.Helper()
	const script = `getComputedStyle(document.querySelector("h1")).color + " " + document.querySelector("img").naturalWidth`
	if got := b.evaluate(script); got != "rgb(0, 80, 60) 320" {
		b.Errorf("the report has no stylesheet or picture: %s", got)
	}
}

// later moves the clocks of the site and of the browser.
func (w *world) later(b *browser, d time.Duration) {
	b.Helper()
	w.Clock.Advance(d)
	script := fmt.Sprintf(`{ const now = Date.now; Date.now = () => now() + %d; }`, d.Milliseconds())
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return chromedp.Void{}, err
	})
}

// screenshot takes a picture of the page, if CFSIGN_SCREENSHOTS names a folder.
func (b *browser) screenshot(name string) {
	b.Helper()
	folder := os.Getenv("CFSIGN_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600)
	}
	if err != nil {
		b.Error(err)
	}
}

const quarter = deepLink + "?quarter=3#chart"

// TestBrowser goes through the site as alice, then as bob.
func TestBrowser(t *testing.T) {
	w := newWorld(t)
	b := w.openBrowser(t, "{}")
	t.Log("a deep link leads to the provider and back")
	b.do(chromedp.Navigate(quarter))
	b.arrive(issuerURL, "Who are you?")
	b.screenshot("issuer")
	b.press("alice")
	b.arrive(quarter, "Report 2026")
	b.complete()
	b.screenshot("report")

	t.Log("the cookies expire while the page is open")
	w.later(b, 2*time.Hour)
	if got := b.evaluate(`fetch("/assets/chart.svg", {cache: "no-store"}).then(r => r.status)`); got != "403" {
		t.Errorf("a fetch of an open page: %s", got)
	}
	b.press("Start")
	b.arrive(siteURL+"/", "Handbook")
	b.press("Report")
	b.arrive(quarter, "Report 2026")
	b.complete()

	t.Log("after the logout, the provider asks again")
	b.press("Log out")
	b.arrive(siteURL+"/gate/logged-out.html", "You are logged out")
	b.screenshot("loggedout")
	b.do(chromedp.Evaluate[chromedp.Void](`setTimeout(() => history.back()), undefined`)) // the browser has kept no page
	b.arrive(issuerURL, "Who are you?")
	b.press("bob")
	b.arrive(quarter, "Report 2026")
	b.complete()
	if got := w.logins.Load(); got != 3 {
		t.Errorf("%d logins, want 3: two people, and one in silence", got)
	}
}

// TestBrowserWithoutHelp: what does not work is explained, and does not begin again and again.
func TestBrowserWithoutHelp(t *testing.T) {
	const shown = `getComputedStyle(document.getElementById("again")).display`
	t.Run("CloudFront refuses the cookies", func(t *testing.T) {
		w := newWorld(t)
		other, err := keys.GenerateECDSA()
		if err != nil {
			t.Fatal(err)
		}
		w.signer = func(o sign.Options) (*sign.Signer, error) { return sign.New(localKeyPairID, other, o) }
		w.restart(t)
		b := w.openBrowser(t, "{}")
		b.do(chromedp.Navigate(quarter))
		b.arrive(issuerURL, "Who are you?")
		b.press("alice")
		b.arrive(quarter, "This page is private")
		time.Sleep(time.Second) // for logins that should not come
		b.arrive(quarter, "This page is private")
		// On a machine that is slow enough there is one more round.
		if got := b.evaluate(shown); got != "block" || w.logins.Load() > 2 {
			t.Errorf("the explanation is %q after %d logins", got, w.logins.Load())
		}
		b.screenshot("refused")
		w.signer = func(o sign.Options) (*sign.Signer, error) { return sign.New(localKeyPairID, w.local.key, o) }
		w.restart(t)
		b.press("Log in")
		b.arrive(quarter, "Report 2026")
	})
	t.Run("the browser refuses all cookies", func(t *testing.T) {
		w := newWorld(t)
		b := w.openBrowser(t, `{"profile": {"default_content_setting_values": {"cookies": 2}}}`)
		b.do(chromedp.Navigate(quarter))
		b.arrive(quarter, "This page is private")
		if got := b.evaluate(shown); got != "block" || w.logins.Load() != 0 {
			t.Errorf("the explanation is %q after %d logins", got, w.logins.Load())
		}
		b.press("Log in")
		b.arrive(issuerURL, "Who are you?")
		b.press("alice")
		b.arrive(siteURL+"/auth/callback", "You are not logged in")
		b.screenshot("nocookies")
	})
	t.Run("no JavaScript", func(t *testing.T) {
		w := newWorld(t)
		b := w.openBrowser(t, "{}")
		b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			return chromedp.Void{}, err
		}, chromedp.Navigate(quarter))
		b.arrive(quarter, "This page is private")
		b.screenshot("noscript")
		b.press("Log in")
		b.arrive(issuerURL, "Who are you?")
		b.press("bob")
		b.arrive(deepLink+"?quarter=3", "Report 2026")
		b.complete()
	})
}
