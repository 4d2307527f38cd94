// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/verify"
)

// TestFAQAnswers: the local edge does what the answers say that CloudFront does.
func TestFAQAnswers(t *testing.T) {
	page := read(t, "../../docs/faq.md")
	tests := []struct {
		question string
		check    func(*testing.T)
	}{
		{"How long can a signature live?", longLifetime},
		{"What happens if a URL expires during a download?", expiryDuringDownload},
		{"Can I limit access to an IP address?", addressRange},
		{"Do IPv6 viewers work?", ipv6},
		{"Can viewers upload with a signed URL?", upload},
		{"Why do preflight requests get a 403?", preflight},
		{"Can I use `?` as a wildcard?", questionMark},
	}
	for _, test := range tests {
		t.Run(test.question, func(t *testing.T) {
			if !strings.Contains(page, "\n### "+test.question+"\n") {
				t.Error("the page does not ask this")
			}
			test.check(t)
		})
	}
}

const video = "https://cdn.example.com/video.mp4"

var videos = fstest.MapFS{"video.mp4": {Data: []byte(strings.Repeat("v", 1<<20))}}

func longLifetime(t *testing.T) {
	cdn := edgetest.New(t, edge.Bucket(videos))
	cdn.Allowed(t, cdn.SignedURL(t, video, 100*365*24*time.Hour))
}

func expiryDuringDownload(t *testing.T) {
	half, expired := make(chan bool), make(chan bool)
	cdn := edgetest.New(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("first"))
		_ = http.NewResponseController(w).Flush()
		half <- true
		<-expired
		_, _ = w.Write([]byte(" second"))
	}))
	link := cdn.SignedURL(t, video, time.Minute)
	go func() {
		<-half
		cdn.Clock.Advance(time.Hour)
		close(expired)
	}()
	if body := bodyOf(t, cdn.Allowed(t, link)); body != "first second" {
		t.Errorf("the download is %q", body)
	}
	cdn.Denied(t, link, verify.ErrExpired)
}

func addressRange(t *testing.T) {
	cdn := edgetest.New(t, edge.Bucket(videos))
	link := signedFor(t, cdn, "192.0.2.0/24")
	cdn.Allowed(t, link) // its viewer has 192.0.2.1
	cdn.NewViewer(netip.MustParseAddr("198.51.100.1")).Denied(t, link, verify.ErrWrongIP)
	ipv6 := netip.MustParsePrefix("2001:db8::/32")
	if _, err := policy.Custom(videoResource(t), policy.Conditions{Expires: time.Now().Add(time.Hour), SourceIP: &ipv6}); err == nil {
		t.Error("an IPv6 range is accepted")
	}
}

func ipv6(t *testing.T) {
	cdn := edgetest.New(t, edge.Bucket(videos))
	viewer := cdn.NewViewer(netip.MustParseAddr("2001:db8::1"))
	viewer.Allowed(t, cdn.SignedURL(t, video, time.Hour))
	viewer.Denied(t, signedFor(t, cdn, "0.0.0.0/1"), verify.ErrWrongIP)
}

func upload(t *testing.T) {
	stored := ""
	cdn := withMethods(t, edge.AllMethods, func(w http.ResponseWriter, r *http.Request) { stored = r.Method })
	link := cdn.SignedURL(t, video, time.Hour)
	if response := do(t, cdn, http.MethodPut, link); response.StatusCode != http.StatusOK || stored != http.MethodPut {
		t.Errorf("status %d, and the origin got %q", response.StatusCode, stored)
	}
	cdn = withMethods(t, edge.GetHead, func(http.ResponseWriter, *http.Request) { t.Error("the origin got PUT") })
	if response := do(t, cdn, http.MethodPut, cdn.SignedURL(t, video, time.Hour)); response.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", response.StatusCode)
	}
}

func preflight(t *testing.T) {
	cdn := withMethods(t, edge.GetHeadOptions, func(http.ResponseWriter, *http.Request) {})
	if response := do(t, cdn, http.MethodOptions, video); response.StatusCode != http.StatusForbidden {
		t.Errorf("without a signature: status %d", response.StatusCode)
	}
	if response := do(t, cdn, http.MethodOptions, cdn.SignedURL(t, video, time.Hour)); response.StatusCode != http.StatusOK {
		t.Errorf("with a signed URL: status %d", response.StatusCode)
	}
}

func questionMark(t *testing.T) {
	pattern, err := policy.Pattern("https://cdn.example.com/vide?.mp4")
	if err != nil {
		t.Fatal(err)
	}
	if pattern.Matches(video) {
		t.Error("? is a wildcard")
	}
	if _, err := policy.Pattern("https://cdn.example.com/v?d?o.mp4"); !errors.Is(err, policy.ErrWildcard) {
		t.Errorf("two of them: %v", err)
	}
}

// withMethods returns a distribution with a private behavior that allows some methods.
func withMethods(t *testing.T, methods edge.AllowedMethods, origin http.HandlerFunc) *edgetest.Server {
	t.Helper()
	cdn := edgetest.New(t, origin)
	cdn.Update(t, edge.Config{Default: edge.Behavior{
		Origin: origin, TrustedKeyGroups: []keys.Set{cdn.Keys}, AllowedMethods: methods,
	}, Clock: cdn.Clock.Now})
	return cdn
}

func do(t *testing.T, cdn *edgetest.Server, method, link string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := cdn.Client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	bodyOf(t, response)
	return response
}

func videoResource(t *testing.T) policy.Resource {
	t.Helper()
	resource, err := policy.URL(video)
	if err != nil {
		t.Fatal(err)
	}
	return resource
}

// signedFor returns a link for a range of addresses.
func signedFor(t *testing.T, cdn *edgetest.Server, addresses string) string {
	t.Helper()
	prefix := netip.MustParsePrefix(addresses)
	p, err := policy.Custom(videoResource(t), policy.Conditions{Expires: time.Now().Add(time.Hour), SourceIP: &prefix})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := cdn.Signer.Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	link, err := signed.URL(video)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// bodyOf reads the rest of a response.
func bodyOf(t *testing.T, response *http.Response) string {
	t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
