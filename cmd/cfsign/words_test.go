// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/playground"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/internal/wire"
)

// TestWords: for each place in a text, the command and the page have their own words.
func TestWords(t *testing.T) {
	const (
		url      = "https://cdn.example.com/a.jpg"
		document = `{"Statement":[{"Resource":"https://cdn.example.com/a.jpg","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}`
		jar      = "# Netscape HTTP Cookie File\nh\tFALSE\t/\tTRUE\t0\ta\tb\n"
	)
	signed := url + "?Policy=" + string(wire.AppendEncode(nil, []byte(document))) + "&Key-Pair-Id=" + keyPairID + "&Hash-Algorithm=SHA256&Signature=MEQ" + strings.Repeat("A", 91) + "__"
	key := strings.ReplaceAll(string(testkeys.P256PEM()), "\n", `\n`)
	tests := map[message.Text]struct {
		request       playground.ExplainRequest
		command, page string // a part of what it says
		reason        string
	}{
		message.AddURL: {
			playground.ExplainRequest{Text: "Cookie: CloudFront-Expires=1", Cookies: jar},
			"a client sends: give the URL too", `a client sends: paste the URL into "What was refused"`,
			"an error in a field",
		},
		message.AddCookieFile: {
			playground.ExplainRequest{Text: "wget " + url},
			"and name the cookie file with --cookie-jar", `and paste the cookie file into "Cookies"`,
			"an error",
		},
		message.AddFile: {
			playground.ExplainRequest{Text: jar},
			"and name the file with --cookie-jar", `and paste the file into "Cookies"`,
			"an error",
		},
		message.AddPublicKey: {
			playground.ExplainRequest{Text: signed},
			"which it is, give the public key: cfsign explain --public-key ID=public_key.pem", `which it is, fill in "Public key" and "Key pair ID"`,
			"a possible cause",
		},
		message.ViewerAddress: {
			playground.ExplainRequest{Text: signed},
			"See --ip-address.", `See "Viewer's address".`,
			"a possible cause",
		},
		message.ReplaceKey: {
			playground.ExplainRequest{Text: key},
			"can see this text, replace the key: cfsign keygen", `can see this text, replace the key"`,
			"the advice about a key",
		},
		message.CookieCommands: {
			playground.ExplainRequest{Text: url, Cookies: "chocolate"},
			"the output of cfsign cookies or aws cloudfront sign-cookies --output json", "the output of aws cloudfront sign-cookies --output json",
			"an error in a field",
		},
		message.DoesNotOpen: {
			playground.ExplainRequest{Text: "curl -b cookies.txt " + url},
			"which cfsign does not open: name the file", "which this page cannot open: paste the file",
			"a fault with two places",
		},
		message.Guessed: {
			playground.ExplainRequest{Text: "curl --new-option a " + url},
			"option: cfsign guessed", "option: the page guessed",
			"a note",
		},
		message.Accepts: {
			playground.ExplainRequest{Text: key},
			"cfsign accepts that", "this page accepts that",
			"the damage of a key",
		},
	}
	for place := range commandWords {
		if _, ok := tests[place]; !ok {
			t.Errorf("no text with %s", place)
		}
	}
	for place, tt := range tests {
		if got := commandSays(t, tt.request); !strings.Contains(got, tt.command) {
			t.Errorf("%s, %s: the command says %s", place, tt.reason, got)
		}
		if got := strings.ReplaceAll(marshal(t, playground.Explain(tt.request, time.Now())), `\"`, `"`); !strings.Contains(got, tt.page) {
			t.Errorf("%s, %s: the page says %s", place, tt.reason, got)
		}
	}
}

// commandSays returns the output of cfsign explain.
func commandSays(t *testing.T, request playground.ExplainRequest) string {
	t.Helper()
	args := []string{"explain"}
	if request.Cookies != "" {
		path := filepath.Join(t.TempDir(), "cookies")
		if err := os.WriteFile(path, []byte(request.Cookies), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--"+flagCookie, path)
	}
	var out bytes.Buffer
	run(t.Context(), args, strings.NewReader(request.Text), &out, &out)
	return out.String()
}

// commandText matches what only users of the command understand.
var commandText = regexp.MustCompile(`--(?:public-key|cookie-jar|cookie|ip-address|at|response|config|json)\b|\bcfsign [a-z]`)

// TestSharedTexts: no text of the packages that the page uses names the command. A text has a place for the
// words of the program instead, and each place has words.
func TestSharedTexts(t *testing.T) {
	for _, folder := range []string{"internal/explain", "internal/capture", "internal/response", "internal/addressrange", "internal/timeflag", "internal/playground", "../../verify", "../../keys"} {
		for _, text := range literals(t, folder) {
			if commandText.MatchString(text) {
				t.Errorf("%s: the page could say %q", folder, text)
			}
		}
	}
	for _, text := range literals(t, "internal/message") {
		if place := message.Text(text); strings.HasPrefix(text, "{") && (commandWords[place] == "" || playground.Words[place] == "") {
			t.Errorf("no words for %s", place)
		}
	}
}

// literals returns the strings in the Go files of a folder.
func literals(t *testing.T, folder string) (texts []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				texts = append(texts, text)
			}
			return true
		})
	}
	if len(texts) == 0 {
		t.Fatalf("%s has no texts", folder)
	}
	return texts
}
