// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/internal/test/needs"
)

// get returns the request of curl u.
func get(u string, notes ...message.Text) capture.Request {
	return capture.Request{Form: capture.FormCurl, URL: u, Method: "GET", Notes: notes}
}

func with(r capture.Request, header http.Header, cookies []*http.Cookie) capture.Request {
	r.Header, r.Cookies = header, cookies
	return r
}

func method(name string, r capture.Request) capture.Request {
	r.Method = name
	return r
}

func TestReadCurl(t *testing.T) {
	overIPv6 := get("https://h/")
	overIPv6.OverIPv6 = true
	answered := get("https://h/")
	answered.Response = &response.Response{Status: 403, Header: http.Header{"Server": {"CloudFront"}}, Body: []byte("no\n")}
	run(t, []readTest{
		{"quoted", "curl '" + signed + "'\n", get(signed), "as it should be typed"},
		{"double quotes", `curl "` + signed + `"`, get(signed), "as well"},
		{"escaped", `curl https://h/a?x=1\&y=2`, get("https://h/a?x=1&y=2"), "as well"},
		{"bare ampersand", "curl " + signed, get("https://cdn.example.com/a.jpg?Expires=1799999999", capture.FaultAmpersand), "the most common cause of refusals"},
		{"bare ampersand before an option", "curl https://h/a?x=1&y=2 -s", get("https://h/a?x=1", capture.FaultAmpersand), "the rest is another command"},
		{"bare ampersand after an option", "curl -b a=b https://h/a?x=1&y=2", with(get("https://h/a?x=1", capture.FaultAmpersand), nil, cookies("a", "b")), "the rest is another command"},
		{"semicolon", "curl https://h/a;v=1?x", get("https://h/a", capture.FaultAmpersand), "ends a command too"},
		{"background", "curl 'https://h/a' &", get("https://h/a"), "nothing is lost"},
		{"list", "curl 'https://h/a' && echo", get("https://h/a"), "nothing is lost"},
		{"pipe", "curl -s 'https://h/a' | jq . > x 2>&1", get("https://h/a"), "nothing is lost"},
		{"continued", "curl 'https://h/a' \\\r\n  -H 'X: y' \\\r\n  --compressed\r\n", with(get("https://h/a"), http.Header{"X": {"y"}}, nil), "as browsers copy"},
		{"broken continuation", "curl 'https://h/a' \\ \n  -b 'x=y'", capture.Request{Form: capture.FormCurl, URL: "https://h/a", Method: "GET", Notes: []message.Text{capture.NoteSeveralURLs, capture.FaultLineBreak}}, "a space after the backslash: curl gets a URL of one space, and no cookie"},
		{"ANSI-C", `curl $'https://h/a?x=\'\u0021\x41'`, get("https://h/a?x='!A"), "as Chrome copies"},
		{"comment before", "# the request\ncd /tmp\ncurl https://h/", get("https://h/"), "from a script"},
		{"behind another command", "cd /tmp && time curl https://h/", get("https://h/"), "from a script"},
		{"IPv4 after all", "curl -6 https://h/ -4", get("https://h/"), "the last one counts"},
		{"prompt", "$ curl https://h/", get("https://h/"), "from a terminal"},
		{"long prompt", "me@host:~/x% /usr/bin/curl https://h/", get("https://h/"), "from a terminal"},
		{"cmd prompt", `C:\>curl.exe https://h/`, get("https://h/"), "from a terminal of Windows"},
		{"output below", "$ curl -i https://h/\nHTTP/2 403\nserver: CloudFront\n\nno\n", answered, "from a terminal"},
		{"no scheme", "curl h.example/a", get("http://h.example/a", capture.FaultScheme), "unlike a browser"},
		{"combined", "curl -sSLb 'x=y' https://h/", with(get("https://h/"), nil, cookies("x", "y")), "short options in one word"},
		{"attached", "curl -bx=y -XPUT -H'A: b' https://h/", with(method("PUT", get("https://h/")), http.Header{"A": {"b"}}, cookies("x", "y")), "arguments in the same word"},
		{"cookies", "curl -b x=y --cookie 'CloudFront-Policy=\"p\"; z' https://h/", capture.Request{
			Form: capture.FormCurl, URL: "https://h/", Method: "GET",
			Cookies: []*http.Cookie{{Name: "x", Value: "y"}, {Name: "CloudFront-Policy", Value: "p", Quoted: true}, {Name: "z"}},
		}, "both are sent, as they are"},
		{"cookie file", "curl -b cookies.txt -c cookies.txt https://h/", get("https://h/", capture.FaultCookieFile), "files are not opened"},
		{"cookie file in a variable", "curl -b $HOME/cookies.txt https://h/", get("https://h/", capture.FaultCookieFile), "its name does not matter"},
		{"cookie header", "curl -H 'Cookie: x=y' -H 'cookie: z=0' https://h/", with(get("https://h/"), nil, cookies("x", "y", "z", "0")), "both are sent"},
		{"cookie header and -b", "curl -b a=b -H 'Cookie: x=y' https://h/", with(get("https://h/", capture.FaultCookieTwice), nil, cookies("x", "y")), "curl prefers the header"},
		{"no cookie header", "curl -b a=b -H 'Cookie:' https://h/", get("https://h/", capture.FaultCookieTwice), "curl then ignores -b"},
		{"empty headers", "curl -H 'A:' -H 'B;' -H 'junk' https://h/", with(get("https://h/"), http.Header{"B": {""}}, nil), "a semicolon sends one"},
		{"header file", "curl -H @h https://h/", get("https://h/", capture.FaultHeaderFile), "files are not opened"},
		{"options file", "curl -K c https://h/", get("https://h/", capture.FaultConfigFile), "files are not opened"},
		{"host", "curl -H 'Host: cdn.example.com' https://d1.cloudfront.net/a?b", with(get("https://cdn.example.com/a?b", capture.FaultHost), http.Header{"Host": {"cdn.example.com"}}, nil), "the policy is compared with the header"},
		{"headers of options", "curl -A me -e https://r/ -r 0-9 https://h/", with(get("https://h/"), http.Header{"User-Agent": {"me"}, "Referer": {"https://r/"}, "Range": {"bytes=0-9"}}, nil), "they are headers too"},
		{"variable elsewhere", `curl -H "Authorization: Bearer $T" -o $F https://h/`, get("https://h/"), "does not affect access"},
		{"head", "curl -I https://h/", method("HEAD", get("https://h/")), "another method"},
		{"post", "curl https://h/ --data-raw '&https://x/'", method("POST", get("https://h/")), "its argument is not the URL"},
		{"put", "curl -T f https://h/", method("PUT", get("https://h/")), "its argument is not the URL"},
		{"get", "curl -G -d x=1 --data-urlencode 'Policy=a b/' https://h/a?z", get("https://h/a?z&x=1&Policy=a+b%2f"), "as curl puts it together"},
		{"query option", "curl --url-query +x=1 --url-query y='a b' https://h/a", get("https://h/a?x=1&y=a+b"), "as curl puts it together"},
		{"IPv6", "curl -6 https://h/", overIPv6, "CloudFront compares another address"},
		{"url option", "curl --url https://h/ -o x", get("https://h/"), "instead of an argument"},
		{"end of options", "curl -- https://h/", get("https://h/"), "the rest are URLs"},
		{"several", "curl https://h/a https://h/b", get("https://h/a", capture.NoteSeveralURLs), "one request at a time"},
		{"next", "curl https://h/a --next -b x=y https://h/b", get("https://h/a", capture.NoteSeveralURLs), "its options are for the other one"},
		{"unknown flag", "curl --new https://h/", get("https://h/", capture.NoteOption), "the only word that can be the URL"},
		{"unknown option", "curl --new x https://h/", get("https://h/", capture.NoteOption), "the only word that can be the URL"},
		{"glob", "curl 'https://h/a[1-2]'", get("https://h/a[1-2]", capture.FaultGlob), "curl makes two of it"},
		{"no glob", "curl -g 'https://h/a[1-2]'", get("https://h/a[1-2]"), "unchanged"},
		{"escaped glob", `curl 'https://h/a\[1-2\]'`, get("https://h/a[1-2]"), "as browsers copy it"},
		{"address", "curl 'http://[::1]:80/'", get("http://[::1]:80/"), "the brackets of an address"},
		{"dots", "curl https://h/a/../b", get("https://h/a/../b", capture.FaultDots), "curl sends another path"},
		{"dots as they are", "curl --path-as-is https://h/a/../b", get("https://h/a/../b"), "curl sends this path"},
		{"HTML", "curl 'https://h/a?x=1&amp;y=2'", get("https://h/a?x=1&amp;y=2"), "the damage may be the cause"},
		{"typographic quotes", "curl “https://h/a”", get("“https://h/a”", capture.FaultTypographic), "no quotes for a shell"},
		{"Windows", "curl ^\"https://h/a?x=1^&y=^%^41^\" ^\r\n  -H ^\"X: ^\\^\"y^\\^\"^\" ^\r\n  -b ^\"a=b^\"\r\n", with(get("https://h/a?x=1&y=%41"), http.Header{"X": {`"y"`}}, cookies("a", "b")), "as Chrome copies for cmd.exe"},
		{"Windows, bare ampersand", "curl -b ^\"a=b^\" https://h/a?x=1&y=2", with(get("https://h/a?x=1", capture.FaultAmpersand), nil, cookies("a", "b")), "cmd.exe ends a command there too"},
		{"Windows, caret within quotes", "curl \"https://h/a^b\" ^\n -s", get("https://h/a^b"), "a caret is a letter there"},
		{"Windows, backslashes", `curl ^"https://h/\\\^"x\y^"`, get(`https://h/\"x\y`), "they escape before a quotation mark"},
	})
}

// TestCurl compares Read with the requests that curl sends.
func TestCurl(t *testing.T) {
	shell := needs.Command(t, "bash", "bash")
	needs.Command(t, "curl", "curl")
	tests := []struct{ arguments, reason string }{
		{`'%s/a?x=1&y=2~_-'`, "plain"},
		{`%s/a?x=1&y=2`, "cut by the shell"},
		{`"%s/a?x=1&y=\$2"`, "escaped in quotes"},
		{`$'%s/a?x=\'\u0021\x41'`, "ANSI-C quotes"},
		{`-b a=1 -b 'b=2; c="3"' %s`, "two cookie options"},
		{`-b a=1 -H 'Cookie: b=2' -H 'cookie: c=3' %s/`, "cookie headers"},
		{`-b a=1 -H 'Cookie:' %s/`, "no cookie header"},
		{`-b '' -b a=1 %s/`, "an engine for cookies"},
		{`-H 'Host: h.example' %s/a`, "another host"},
		{`-sSfbx=y -XOPTIONS %s/a`, "combined options"},
		{`-d a=b -d c %s/a`, "a body"},
		{`-G -d a=b -d c "%s/a?z#f"`, "a query"},
		{`-G -d a=b "%s/a?"`, "an empty query"},
		{`-G -d a=b "%s/a?z&"`, "an unfinished query"},
		{`-G --data-urlencode '=x y' --data-urlencode 'x&y' --data-urlencode 'P=~_-.+' %s/a`, "an encoded query"},
		{`-r 1-2 -A me -e http://r/ %s/a`, "headers of options"},
		{`"%s/a\[1\]\{x\}"`, "escaped brackets"},
		{`-g "%s/a[1]{x}"`, "brackets as they are"},
		{`--path-as-is %s/a/../b`, "dots as they are"},
		{`-k --compressed -L -o /dev/null -w '' --max-time 5 -- %s/a`, "options that do not matter"},
		{"-s \\\n  -b a=b \\\n  %s/a", "continued lines"},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			seen := make(chan *http.Request, 1)
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r }))
			defer server.Close()
			command := "curl -s " + fmt.Sprintf(tt.arguments, server.URL)
			run := exec.CommandContext(t.Context(), shell, "-c", command)
			run.Env = append(os.Environ(), "no_proxy=*", "CURL_HOME="+t.TempDir(), "LC_ALL=C.UTF-8")
			if out, err := run.CombinedOutput(); err != nil {
				t.Logf("%v: %s", err, out) // from the words after an ampersand
			}
			sent := <-seen
			got, err := capture.Read([]byte(command))
			if err != nil {
				t.Fatal(err)
			}
			path := strings.TrimPrefix(got.URL, "http://"+sent.Host)
			if !strings.HasPrefix(path, "/") {
				path = "/" + path
			}
			if diff := cmp.Diff(sent.Method+" "+sent.RequestURI, got.Method+" "+path); diff != "" {
				t.Errorf("(-curl +got):\n%s", diff)
			}
			var want []*http.Cookie
			for _, value := range sent.Header["Cookie"] {
				want = append(want, capture.CookieHeader(value)...)
			}
			if diff := cmp.Diff(want, got.Cookies); diff != "" {
				t.Errorf("(-curl +got):\n%s", diff)
			}
			for name := range got.Header {
				if name != "Host" && sent.Header.Get(name) != got.Header.Get(name) {
					t.Errorf("%s: curl sent %q, got %q", name, sent.Header.Get(name), got.Header.Get(name))
				}
			}
		})
	}
}
