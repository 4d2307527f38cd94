// SPDX-License-Identifier: Apache-2.0

package migrate_test

import (
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/policy"
	after "github.com/cfsign/cfsign/proof/peers/migrate/after"
	before "github.com/cfsign/cfsign/proof/peers/migrate/before"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// The lines that change in the program, and the errors that it handles, before and after. The
// page names these figures.
const (
	mostChangedLines = 28
	errorsBefore     = 4
	errorsAfter      = 4
)

// TestProgramOnThePage: the page shows the difference between the two programs, and it is small.
func TestProgramOnThePage(t *testing.T) {
	diff, err := exec.CommandContext(t.Context(), needs.Command(t, "diff", "diffutils"), "--suppress-blank-empty", "-U100", "before/site.go", "after/site.go").Output()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(diff), "\n package site\n\n")
	if want := []string{shown}; cmp.Diff(want, markdown.Code(t, page, "diff")) != "" {
		t.Errorf("the page and the programs differ (-programs +page):\n%s", cmp.Diff(want, markdown.Code(t, page, "diff")))
	}
	changed := 0
	for line := range strings.Lines(shown) {
		if line[0] == '+' || line[0] == '-' {
			changed++
		}
	}
	if changed > mostChangedLines {
		t.Errorf("%d lines change, and %d are enough", changed, mostChangedLines)
	}
	figures := fmt.Sprintf("%d lines change, and it handles %d errors, as before", changed, errorsAfter)
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), figures) || errorsBefore != errorsAfter {
		t.Errorf("%v: the page does not say %q", err, figures)
	}
	for file, want := range map[string]int{"before/site.go": errorsBefore, "after/site.go": errorsAfter} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(text), ", err := "); got != want {
			t.Errorf("%s has %d errors, and not %d", file, got, want)
		}
	}
}

// answers returns what a program answers.
func answers(handlers ...http.HandlerFunc) []*http.Response {
	var all []*http.Response
	for _, handler := range handlers {
		w := httptest.NewRecorder()
		handler(w, httptest.NewRequest(http.MethodGet, "https://app.example.com/", nil))
		all = append(all, w.Result())
	}
	return all
}

// TestProgram: the program does the same with this library as with the SDK, and what differs is
// what the page says. In the bubble of synctest the clock stands still, so both programs sign
// the same times.
func TestProgram(t *testing.T) {
	file := keyFile(t)
	synctest.Test(t, func(t *testing.T) {
		old, err := before.New(keyPairID, file)
		if err != nil {
			t.Fatal(err)
		}
		site, err := after.New(keyPairID, file)
		if err != nil {
			t.Fatal(err)
		}
		theirs, ours := answers(old.Report, old.Trailer, old.Login), answers(site.Report, site.Trailer, site.Login)
		for i := range theirs {
			if theirs[i].StatusCode != ours[i].StatusCode {
				t.Errorf("%s, and now %s", theirs[i].Status, ours[i].Status)
			}
		}
		compareReports(t, theirs[0].Header.Get("Location"), ours[0].Header.Get("Location"))
		compareTrailers(t, theirs[1].Header.Get("Location"), ours[1].Header.Get("Location"))
		compareCookies(t, theirs[2].Cookies(), ours[2].Cookies())
	})
}

// compareReports compares canned URLs. Nothing differs.
func compareReports(t *testing.T, theirs, ours string) {
	t.Helper()
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("canned URLs (-before +after):\n%s", diff)
	}
	accept(t, verify.Request{URL: theirs}, verify.Request{URL: ours})
}

// compareTrailers compares custom URLs. The order in the policy differs, but not its meaning.
func compareTrailers(t *testing.T, theirs, ours string) {
	t.Helper()
	oldBase, old := split(t, theirs)
	base, now := split(t, ours)
	oldText, oldValues := document(t, old["Policy"])
	text, values := document(t, now["Policy"])
	if diff := cmp.Diff(oldValues, values); diff != "" || oldBase != base || oldText == text {
		t.Errorf("%s, and now %s: the policies (-before +after):\n%s", oldBase, base, diff)
	}
	time.Sleep(2 * time.Hour) // until after the start
	office := netip.MustParseAddr("192.0.2.77")
	accept(t, verify.Request{URL: theirs, ViewerIP: office}, verify.Request{URL: ours, ViewerIP: office})
}

// compareCookies compares Set-Cookie lines. There is one more attribute.
func compareCookies(t *testing.T, theirs, ours []*http.Cookie) {
	t.Helper()
	lines := func(cookies []*http.Cookie, more string) (all []string) {
		for _, cookie := range cookies {
			all = append(all, cookie.String()+more)
		}
		return all
	}
	if diff := cmp.Diff(lines(theirs, "; SameSite=Lax"), lines(ours, "")); diff != "" {
		t.Errorf("cookies (-wanted +after):\n%s", diff)
	}
	accept(t, verify.Request{URL: trailer, Cookies: theirs}, verify.Request{URL: trailer, Cookies: ours})
}

// accept checks that the same distribution accepts all requests.
func accept(t *testing.T, requests ...verify.Request) {
	t.Helper()
	for i, request := range requests {
		if _, err := verifier(t).Verify(request); err != nil {
			t.Errorf("request %d: %v", i+1, err)
		}
	}
}

// TestRollback: the page warns of one cookie that stays in browsers.
func TestRollback(t *testing.T) {
	old, err := before.New(keyPairID, keyFile(t))
	if err != nil {
		t.Fatal(err)
	}
	theirs := answers(old.Login)[0].Cookies()
	conditions := policy.Conditions{Expires: time.Now().Add(time.Hour)}
	attributes := sign.CookieAttributes{Domain: "example.com", Path: "/videos/"}
	ours, err := newSigner(t, crypto.SHA256).Cookies(t.Context(), policy.MustDirectory("https://cdn.example.com/videos/"), conditions, attributes)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name          string
		first, second []*http.Cookie
		want          error
	}{
		{"the new program after the old one", theirs, ours, nil},
		{"the old program again", ours, theirs, verify.ErrBadSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := verifier(t).Verify(verify.Request{URL: trailer, Cookies: browser(tt.first, tt.second)})
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	cleared, err := sign.ClearCookies(attributes)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, verify.Request{URL: trailer, Cookies: browser(ours, cleared, theirs)})
}

// browser returns the cookies that a browser has after some responses.
func browser(responses ...[]*http.Cookie) []*http.Cookie {
	kept := map[string]string{}
	for _, response := range responses {
		for _, cookie := range response {
			kept[cookie.Name] = cookie.Value
			if cookie.MaxAge < 0 {
				delete(kept, cookie.Name)
			}
		}
	}
	var sent []*http.Cookie
	for name, value := range kept {
		sent = append(sent, &http.Cookie{Name: name, Value: value})
	}
	return sent
}
