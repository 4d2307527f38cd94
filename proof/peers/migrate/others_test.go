// SPDX-License-Identifier: Apache-2.0

package migrate_test

import (
	"crypto"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/proof/internal/process"
	"github.com/cfsign/cfsign/proof/peers/migrate"
)

// signed is what a program in another language prints, and what Links returns.
type signed struct {
	Report, Trailer string
	Cookies         map[string]string
}

// run runs a program in another language.
func run(t *testing.T, interpreter, program string, start, end time.Time) signed {
	t.Helper()
	command := exec.CommandContext(t.Context(), interpreter, program, keyPairID, keyFile(t), strconv.FormatInt(start.Unix(), 10), strconv.FormatInt(end.Unix(), 10))
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	var s struct {
		Report, Trailer string
		Cookies         map[string]any // one of the values is a number in JavaScript
	}
	if err := json.Unmarshal(output, &s); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for name, value := range s.Cookies {
		values[name] = value.(string)
	}
	return signed{s.Report, s.Trailer, values}
}

// node returns the path of Node, if a package of npm is there.
func node(t *testing.T, name string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join("..", "js", "node_modules", name)); err != nil {
		needs.Missing(t, name, "npm ci --prefix proof/peers/js")
	}
	return needs.Command(t, "node", "nodejs")
}

// links returns what this library signs with the same hash.
func links(t *testing.T, start, end time.Time) signed {
	t.Helper()
	report, trailer, cookies, err := migrate.Links(t.Context(), newSigner(t, crypto.SHA1), start, end)
	if err != nil {
		t.Fatal(err)
	}
	return signed{report, trailer, valuesOf(cookies)}
}

func times() (start, end time.Time) {
	now := time.Now().Truncate(time.Second)
	return now.Add(time.Minute), now.Add(time.Hour)
}

// TestBotocore: the links and cookies are the same, byte for byte.
func TestBotocore(t *testing.T) {
	start, end := times()
	theirs := run(t, process.Python(t, "botocore", "cryptography"), filepath.Join("..", "python", "before.py"), start, end)
	if diff := cmp.Diff(theirs, links(t, start, end)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// TestCloudfrontSigner: the cookies are the same, and the links have the same parameters in
// another order.
func TestCloudfrontSigner(t *testing.T) {
	start, end := times()
	theirs, ours := run(t, node(t, "@aws-sdk/cloudfront-signer"), filepath.Join("..", "js", "before", "cloudfront-signer.mjs"), start, end), links(t, start, end)
	if diff := cmp.Diff(theirs.Cookies, ours.Cookies); diff != "" {
		t.Errorf("cookies (-before +after):\n%s", diff)
	}
	for what, both := range map[string][2]string{"report": {theirs.Report, ours.Report}, "trailer": {theirs.Trailer, ours.Trailer}} {
		oldBase, old := split(t, both[0])
		base, now := split(t, both[1])
		if diff := cmp.Diff(old, now); diff != "" || oldBase != base || both[0] == both[1] {
			t.Errorf("%s: %s, and now %s (-before +after):\n%s", what, oldBase, base, diff)
		}
		if !strings.Contains(both[0], "&Key-Pair-Id="+keyPairID+"&Signature=") {
			t.Errorf("%s: the order is now another one", what)
		}
	}
}

// TestAWSCloudfrontSign: the package has no start, and its links have a custom policy for one
// URL and Expires.
func TestAWSCloudfrontSign(t *testing.T) {
	start, end := times()
	theirs, ours := run(t, node(t, "aws-cloudfront-sign"), filepath.Join("..", "js", "before", "aws-cloudfront-sign.cjs"), start, end), links(t, start, end)
	base, old := split(t, theirs.Report)
	oursBase, now := split(t, ours.Report)
	if base != oursBase || old["Expires"] != now["Expires"] || old["Signature"] != now["Signature"] || old["Policy"] == "" || now["Policy"] != "" {
		t.Errorf("report: %s with %d parameters, and now %s with %d", base, len(old), oursBase, len(now))
	}
	for what, encoded := range map[string][2]string{
		"trailer": {parameter(t, theirs.Trailer, "Policy"), parameter(t, ours.Trailer, "Policy")},
		"cookies": {theirs.Cookies["CloudFront-Policy"], ours.Cookies["CloudFront-Policy"]},
	} {
		before, _ := document(t, encoded[0])
		after, _ := document(t, encoded[1])
		after = strings.Replace(after, `,"DateGreaterThan":{"AWS:EpochTime":`+strconv.FormatInt(start.Unix(), 10)+`}`, "", 1)
		if what == "trailer" {
			after = strings.Replace(after, videos, trailer, 1)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s, without the start (-before +after):\n%s", what, diff)
		}
	}
}

func parameter(t *testing.T, signedURL, name string) string {
	t.Helper()
	_, parameters := split(t, signedURL)
	return parameters[name]
}

// TestOthersOnThePage: the page shows the programs as they are, without their first comment.
func TestOthersOnThePage(t *testing.T) {
	for language, files := range map[string][]string{
		"python": {"../python/before.py"},
		"js":     {"../js/before/cloudfront-signer.mjs", "../js/before/aws-cloudfront-sign.cjs"},
		"go":     {"folders.go", "links.go"},
	} {
		shown := markdown.Code(t, page, language)
		if len(shown) != len(files) {
			t.Fatalf("the page has %d blocks of %s, and not %d", len(shown), language, len(files))
		}
		for i, file := range files {
			program, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(string(program), "\n"+shown[i]) || len(shown[i]) < len(program)/2 {
				t.Errorf("%s does not end with this code of the page:\n%s", file, shown[i])
			}
		}
	}
}
