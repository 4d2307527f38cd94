// SPDX-License-Identifier: Apache-2.0

package journal_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/examples/internal/journal"
	"github.com/cfsign/cfsign/verify"
)

const (
	expiredHint  = "It has expired: sign again."
	resourceHint = "The path is outside of what was signed."
)

func denied(reason, detail, hint string) edge.Decision {
	return edge.Decision{
		Reason: "denied, AccessDenied: " + reason + ": " + detail + ". " + hint,
		Report: &verify.Report{Code: verify.CodeAccessDenied, Reason: reason, Hint: hint},
	}
}

func allowed(detail string, origin int) edge.Decision {
	return edge.Decision{Allowed: true, OriginStatus: origin, Reason: "allowed until " + detail, Report: &verify.Report{Allowed: true}}
}

// add adds a decision about a request line, seconds after noon.
func add(t *testing.T, j *journal.Journal, seconds int, line string, d edge.Decision) {
	t.Helper()
	method, target, _ := strings.Cut(line, " ")
	d.Request = httptest.NewRequestWithContext(t.Context(), method, target, http.NoBody)
	j.Clock = func() time.Time { return time.Date(2026, 1, 1, 12, 0, seconds, 0, time.UTC) }
	j.Add(t.Context(), d)
}

// words returns what the script gets, without tags and with single spaces.
func words(t *testing.T, j *journal.Journal) string {
	t.Helper()
	answer := httptest.NewRecorder()
	j.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/decisions", http.NoBody))
	if kind := answer.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/html") || answer.Code != http.StatusOK {
		t.Errorf("status %d, type %s", answer.Code, kind)
	}
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(answer.Body.String(), "")
	return strings.Join(strings.Fields(text), " ")
}

func TestGroups(t *testing.T) {
	for _, tt := range []struct {
		name string
		add  func(add func(seconds int, line string, d edge.Decision))
		want string
	}{
		{"empty", func(func(int, string, edge.Decision)) {}, "Nothing yet."},
		{"one hint for all of a cause, and one text for those that differ only in the time that has passed", func(add func(int, string, edge.Decision)) {
			add(1, "GET /a", denied("expired", "at 11:00 (60 minutes ago)", expiredHint))
			add(2, "GET /b", denied("expired", "at 11:00 (61 minutes ago)", expiredHint))
			add(3, "GET /b", denied("expired", "at 10:00 (121 minutes ago)", expiredHint))
			add(4, "GET /a", denied("expired", "at 11:00 (62 minutes ago)", expiredHint))
		}, "refused AccessDenied: expired 4 requests It has expired: sign again. " +
			"GET /a ×2 12:00:04 GET /b 12:00:02 at 11:00 (62 minutes ago) " +
			"GET /b 12:00:03 at 10:00 (121 minutes ago)"},
		{"refusals are first, the newest before the others", func(add func(int, string, edge.Decision)) {
			add(1, "GET /a", denied("expired", "at 11:00 (now)", expiredHint))
			add(2, "GET /b", denied("wrong resource", `"/b" is not covered`, resourceHint))
			add(3, "GET /c", allowed("13:00 (in 60 minutes)", 200))
		}, `refused AccessDenied: wrong resource 1 request The path is outside of what was signed. GET /b 12:00:02 &#34;/b&#34; is not covered ` +
			"refused AccessDenied: expired 1 request It has expired: sign again. GET /a 12:00:01 at 11:00 (now) " +
			"allowed 1 request GET /c 12:00:03 allowed until 13:00 (in 60 minutes)"},
		{"the origin has no such file", func(add func(int, string, edge.Decision)) {
			add(1, "GET /a", allowed("13:00; the origin answered 403", 403))
		}, "failed allowed, and then 403 Forbidden from the origin 1 request GET /a 12:00:01 allowed until 13:00; the origin answered 403"},
		{"a redirect is no refusal, and a method is no credential", func(add func(int, string, edge.Decision)) {
			add(1, "GET /a", edge.Decision{Status: 301, Reason: "answered with 301: HTTPS"})
			add(2, "PUT /a", edge.Decision{Status: 403, Reason: "answered with 403: the method"})
		}, "refused 403 Forbidden 1 request PUT /a 12:00:02 answered with 403: the method " +
			"answered 301 Moved Permanently 1 request GET /a 12:00:01 answered with 301: HTTPS"},
		{"a path as it was sent, without its query", func(add func(int, string, edge.Decision)) {
			add(1, "GET /users/%2A/%3Cb%3E?Signature=secret", allowed("13:00", 200))
			add(2, "GET /users/*/<b>", allowed("13:00", 200))
		}, "allowed 2 requests GET /users/*/&lt;b&gt; 12:00:02 GET /users/%2A/%3Cb%3E 12:00:01 allowed until 13:00"},
		{"a signature that a client made part of the path", func(add func(int, string, edge.Decision)) {
			add(1, "GET /a&Signature=secret", allowed("13:00", 200))
		}, "allowed 1 request GET /a&amp;Signature=[...] 12:00:01 allowed until 13:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var j journal.Journal
			tt.add(func(seconds int, line string, d edge.Decision) { add(t, &j, seconds, line, d) })
			if diff := cmp.Diff(tt.want, words(t, &j)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestMost: the journal keeps the latest 100 decisions.
func TestMost(t *testing.T) {
	var j journal.Journal
	for i := range 150 {
		add(t, &j, 0, fmt.Sprintf("GET /%d.", i), allowed("13:00", 200))
	}
	got := words(t, &j)
	if !strings.HasPrefix(got, "allowed 100 requests GET /149. ") || !strings.Contains(got, "/50.") || strings.Contains(got, "/49.") {
		t.Errorf("got %s", got)
	}
}

// TestSection: without scripts, the page has all decisions and says how to see newer ones.
func TestSection(t *testing.T) {
	var j journal.Journal
	add(t, &j, 0, "GET /a", allowed("13:00", 200))
	section, err := j.Section("/decisions?a=b")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<code>GET /a</code>", `data-source="/decisions?a=b"`, "<noscript><p>Reload"} {
		if !strings.Contains(string(section), want) {
			t.Errorf("there is no %s in\n%s", want, section)
		}
	}
}
