// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// until waits until a script is true.
func (b *browser) until(script string) {
	b.Helper()
	for range 100 {
		if result(b, chromedp.Evaluate[bool](script)) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Fatalf("this does not come true: %s", script)
}

// playFilm plays the film of a folder, until the browser has shown frames of it.
func (b *browser) playFilm(owner string) {
	b.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
		const film = document.querySelector("#%s video");
		film.loop = true; // A slow machine takes its pictures late.
		film.play();
	}`, owner)))
	b.until(fmt.Sprintf(`(film => film.currentTime > 1 && !film.paused && film.getVideoPlaybackQuality().totalVideoFrames > 0)(document.querySelector("#%s video"))`, owner))
}

// pointAtFilm moves the mouse to the first film, if there is one: a film that plays shows its
// controls only then.
func (b *browser) pointAtFilm() {
	b.Helper()
	const center = `(film => { const box = film?.getBoundingClientRect(); return box ? [box.x + box.width / 2, box.y + box.height / 2] : [] })(document.querySelector("video"))`
	if at := result(b, chromedp.Evaluate[[]float64](center)); len(at) == 2 {
		b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]))
	}
}

// look sets the width of the window, and light or dark.
func (b *browser) look(width int64, scheme string) {
	b.Helper()
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, media); err != nil {
			return chromedp.Void{}, err
		}
		metrics := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 1000, DeviceScaleFactor: 1}
		_, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, metrics)
		return chromedp.Void{}, err
	})
}

// screenshots takes pictures of the page, light and dark. If CFSIGN_SCREENSHOTS names a folder, it
// writes them there. On a phone, nothing may be wider than the window.
func (b *browser) screenshots(name string) {
	b.Helper()
	const phone, computer = 400, 1100
	b.look(phone, "light")
	if width := result(b, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); width > phone {
		b.Errorf("%s is %d pixels wide, and a phone %d", name, width, phone)
	}
	for suffix, scheme := range map[string]string{"": "light", "-dark": "dark"} {
		b.look(computer, scheme)
		b.pointAtFilm()
		b.do(chromedp.Sleep(300 * time.Millisecond))
		b.write(name+suffix+".png", b.picture())
	}
}

// picture returns the page without the empty space below it, as PNG.
func (b *browser) picture() []byte {
	b.Helper()
	width := result(b, chromedp.Evaluate[float64](`innerWidth`))
	height := result(b, chromedp.Evaluate[float64](`document.querySelector("main").getBoundingClientRect().bottom`))
	const most = 900
	params := page.CaptureScreenshotParams{Clip: &page.Viewport{Width: width, Height: min(height, most), Scale: 1}}
	return result(b, func(ctx context.Context, t *chromedp.Target) (page.CaptureScreenshotResult, error) {
		return cdp.Call(ctx, t, page.CaptureScreenshot, params)
	}).Data
}

// write writes a picture that is small enough for a page of this repository.
func (b *browser) write(name string, picture []byte) {
	b.Helper()
	const most = 150 << 10
	if len(picture) == 0 || len(picture) > most {
		b.Errorf("%s has %d bytes, and may have %d", name, len(picture), most)
	}
	if folder := os.Getenv("CFSIGN_SCREENSHOTS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name), picture, 0o644); err != nil {
			b.Error(err)
		}
	}
}
