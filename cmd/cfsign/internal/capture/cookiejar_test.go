// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
)

var now = time.Unix(1_800_000_000, 0)

func TestCookieJar(t *testing.T) {
	const (
		policy = "CloudFront-Policy"
		header = "# Netscape HTTP Cookie File\r\n# https://curl.se/docs/http-cookies.html\r\n\r\n"
	)
	line := func(domain, subdomains, path, secure, expires, name, value string) string {
		return strings.Join([]string{domain, subdomains, path, secure, expires, name, value}, "\t") + "\n"
	}
	unsent := func(reason string) []capture.UnsentCookie {
		return []capture.UnsentCookie{{Name: policy, Reason: reason}}
	}
	tests := []struct {
		name, jar, url string
		sent           []*http.Cookie
		unsent         []capture.UnsentCookie
		reason         string
	}{
		{"HttpOnly", header + "#HttpOnly_" + line(".example.com", "TRUE", "/", "TRUE", "0", policy, "p"), "https://cdn.example.com/a", cookies(policy, "p"), nil, "as curl writes it"},
		{"comment", line("#h", "FALSE", "/", "FALSE", "0", policy, "p"), "https://h/", nil, nil, "another comment"},
		{"same host", line("H.example", "FALSE", "/", "FALSE", "", policy, "p"), "https://me:x@h.EXAMPLE:443?x", cookies(policy, "p"), nil, "a session cookie, as Python writes it"},
		{"subdomain", line("example.com", "FALSE", "/", "FALSE", "0", policy, "p"), "https://cdn.example.com/", nil, unsent("its Domain is example.com alone, without its subdomains"), "set without Domain"},
		{"other domain", line(".app.example.com", "TRUE", "/", "FALSE", "0", policy, "p"), "https://cdn.example.com/", nil, unsent("its Domain is app.example.com"), "a sibling"},
		{"suffix", line("ple.com", "TRUE", "/", "FALSE", "0", policy, "p"), "https://example.com/", nil, unsent("its Domain is ple.com"), "a part of a label"},
		{"address", line("0.0.1", "TRUE", "/", "FALSE", "0", policy, "p"), "http://127.0.0.1/", nil, unsent("its Domain is 0.0.1"), "addresses have no subdomains"},
		{"IPv6", line("::1", "FALSE", "/", "TRUE", "0", policy, "p"), "http://[::1]:8080/", cookies(policy, "p"), nil, "this machine"},
		{"path", line("h", "FALSE", "/images/", "FALSE", "0", policy, "p"), "https://h/img/a.jpg?/images/", nil, unsent("its Path is /images/, which does not cover the path of the URL"), "another folder"},
		{"path of a label", line("h", "FALSE", "/im", "FALSE", "0", policy, "p"), "https://h/images/", nil, unsent("its Path is /im, which does not cover the path of the URL"), "RFC 6265, section 5.1.4"},
		{"path below", line("h", "FALSE", "/a", "FALSE", "0", policy, "p"), "https://h/a/b", cookies(policy, "p"), nil, "RFC 6265, section 5.1.4"},
		{"path equal", line("h", "FALSE", "/a", "FALSE", "0", policy, "p"), "https://h/a?b", cookies(policy, "p"), nil, "RFC 6265, section 5.1.4"},
		{"secure", line("h", "FALSE", "/", "TRUE", "0", policy, "p"), "http://h/", nil, unsent("it is Secure and the URL is http://"), "not over http"},
		{"secure at home", line("localhost", "FALSE", "/", "TRUE", "0", policy, "p"), "http://localhost:8080/", cookies(policy, "p"), nil, "as curl and browsers do"},
		{"no scheme", line("h.example", "FALSE", "/", "TRUE", "0", policy, "p"), "h.example/a", cookies(policy, "p"), nil, "https is meant"},
		{"expired", line("h", "FALSE", "/", "FALSE", "1799999999", policy, "p"), "https://h/", nil, unsent("it expired at 2027-01-15T07:59:59Z"), "a second ago"},
		{"not expired", line("h", "FALSE", "/", "FALSE", "1800000000.5", policy, "p"), "https://h/", cookies(policy, "p"), nil, "in its last second"},
		{"several reasons", line("x", "FALSE", "/a", "TRUE", "1", policy, "p"), "http://h/", nil, unsent("its Domain is x alone, without its subdomains, and its Path is /a, which does not cover the path of the URL, and it is Secure and the URL is http://, and it expired at 1970-01-01T00:00:01Z"), "all of them"},
		{"other unsent cookies", line("x", "FALSE", "/", "TRUE", "0", "session", "p"), "http://h/", nil, nil, "only CloudFront cookies matter"},
		{"order", line("h", "FALSE", "/", "FALSE", "0", policy, "1") + line("h", "FALSE", "/a", "FALSE", "0", policy, "2"), "https://h/a", cookies(policy, "2", policy, "1"), nil, "longer paths first"},
		{"replaced", line("h", "FALSE", "/", "FALSE", "0", policy, "1") + line("h", "FALSE", "/", "FALSE", "0", policy, "2"), "https://h/a", cookies(policy, "2"), nil, "the same cookie"},
		{"no value", "h\tFALSE\t/\tFALSE\t0\tx\n", "https://h/", cookies("x", ""), nil, "as curl reads it"},
		{"junk", "junk\n" + line("h", "FALSE", "/", "FALSE", "0", "x", "y"), "https://h/", cookies("x", "y"), nil, "curl skips it too"},
		{"control characters", line("x\x1b[2J", "FALSE", "/", "FALSE", "0", policy, "p"), "https://h/", nil, unsent(`its Domain is "x\x1b[2j" alone, without its subdomains`), "harmless on a terminal"},
		{"empty", "", "https://h/", nil, nil, "curl -c writes such files"},
		{"overflow", line("h", "FALSE", "/", "FALSE", "9223372036854775807", policy, "p"), "https://h/", cookies(policy, "p"), nil, "never expires"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sent, unsent, err := capture.CookieJar([]byte(tt.jar), tt.url, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.sent, sent); diff != "" {
				t.Errorf("sent: %s (-want +got):\n%s", tt.reason, diff)
			}
			if diff := cmp.Diff(tt.unsent, unsent); diff != "" {
				t.Errorf("unsent: %s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

func TestCookieJarRefuses(t *testing.T) {
	tests := []struct {
		name, jar, url, says string
		reason               string
	}{
		{"no URL", "", "", string(message.AddURL), "nothing to compare with"},
		{"junk", "junk", "https://h/", "not a cookie file", "another format"},
		{"spaces", "h FALSE / FALSE 0 CloudFront-Policy p", "https://h/", "line 1", "an editor replaced the tabs"},
		{"no expiry", "h\tFALSE\t/\tFALSE\tnever\tCloudFront-Policy\tsecret", "https://h/", "line 1", "a CloudFront cookie must not be skipped"},
		{"not a flag", "h\t1\t/\tFALSE\t0\tCloudFront-Policy\tsecret", "https://h/", "line 1", "a CloudFront cookie must not be skipped"},
		{"long", strings.Repeat("#", 1<<20+1), "https://h/", "too long", "no cookie file is as long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sent, unsent, err := capture.CookieJar([]byte(tt.jar), tt.url, now)
			if err == nil || !strings.Contains(err.Error(), tt.says) || sent != nil || unsent != nil {
				t.Errorf("got %v, %v, %v, want an error with %q: %s", sent, unsent, err, tt.says, tt.reason)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("a value in the error: %v", err)
			}
		})
	}
}
