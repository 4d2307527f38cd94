// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/needs"
)

// TestSiteInBrowser checks the site that .ci/site has built in Chromium: no page is wider than
// a phone, all text has enough contrast, light and dark, the search finds, and the policy of a
// page stops nothing of its own.
func TestSiteInBrowser(t *testing.T) {
	folder, base := os.Getenv("CFSIGN_SITE"), os.Getenv("CFSIGN_SITE_URL")
	if folder == "" {
		t.Skip("run .ci/site FOLDER")
	}
	chromium := needs.Chromium(t)
	root, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(root.Path, http.StripPrefix(strings.TrimSuffix(root.Path, "/"), http.FileServer(http.Dir(folder))))
	mux.HandleFunc("/driver/", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, "testdata/site.html")
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for scheme, setting := range map[string]string{"dark": "0", "light": "1"} {
		t.Run(scheme, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), chromium, "--headless=new", "--no-sandbox", "--disable-gpu",
				"--user-data-dir="+needs.Profile(t), "--blink-settings=preferredColorScheme="+setting,
				"--virtual-time-budget=600000", "--window-size=600,1000", "--dump-dom", server.URL+"/driver/?base="+root.Path)
			output, err := command.Output()
			if err != nil {
				t.Fatal(err)
			}
			said := html.UnescapeString(regexp.MustCompile(`(?s)<pre id="out">(.*?)</pre>`).FindString(string(output)))
			said = strings.TrimSuffix(strings.TrimPrefix(said, `<pre id="out">`), "</pre>")
			if !regexp.MustCompile(`^checked \d\d+ pages\n$`).MatchString(said) {
				t.Errorf("Chromium says:\n%s", said)
			}
		})
	}
}
