// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// TestSite checks the site that .ci/site has built: all links inside the site lead to a file
// and a place in it, and nothing comes from another host, which the policy of each page forbids
// as well.
func TestSite(t *testing.T) {
	folder, base := os.Getenv("CFSIGN_SITE"), os.Getenv("CFSIGN_SITE_URL")
	if folder == "" {
		t.Skip("run .ci/site FOLDER")
	}
	pages, problems, err := checkSite(os.DirFS(folder), base)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
	inRoot(t)
	markdown, err := filepath.Glob("docs/*.md")
	if err != nil || pages < len(markdown) {
		t.Errorf("%d pages of %d: %v", pages, len(markdown), err)
	}
}

// TestCheckSite: the check finds what is wrong.
func TestCheckSite(t *testing.T) {
	const base = "https://example.org/x/"
	const head = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'"><link rel="stylesheet" href="/x/style.css">`
	tests := []struct {
		reason, html string
		want         []string
	}{
		{"a page without links", `<p>text</p>`, nil},
		{"a page, a heading and a picture that exist", `<a href="/x/other/#here">o</a><a href="#top">t</a><p id="top"><img src="/x/a.png">`, nil},
		{"a relative link", `<a href="../other/">o</a>`, nil},
		{"the site by its whole URL", `<a href="https://example.org/x/other/">o</a>`, nil},
		{"a link to another site", `<a href="https://aws.amazon.com/">a</a>`, nil},
		{"a file on GitHub", `<a href="https://github.com/cfsign/cfsign/blob/main/sign/key.go">k</a>`, nil},
		{"the page's own file on GitHub", `<footer><a href="https://github.com/cfsign/cfsign/blob/main/docs/other.md">o</a></footer>`, nil},
		{"a page on GitHub that the site has", `<a href="https://github.com/cfsign/cfsign/blob/main/docs/other.md#here">o</a>`, []string{"page/index.html: https://github.com/cfsign/cfsign/blob/main/docs/other.md#here leads to GitHub, and the site has the page"}},
		{"a folder on GitHub that the site has", `<a href="https://github.com/cfsign/cfsign/blob/main/cmd/deep">o</a>`, []string{"page/index.html: https://github.com/cfsign/cfsign/blob/main/cmd/deep leads to GitHub, and the site has the page"}},
		{"a picture in the text", `<img src="data:,">`, nil},
		{"a page that is missing", `<a href="/x/gone/">g</a>`, []string{"page/index.html: /x/gone/ does not exist"}},
		{"the site by its whole URL, and missing", `<a href="https://example.org/x/gone/">o</a>`, []string{"page/index.html: https://example.org/x/gone/ does not exist"}},
		{"a heading that is missing", `<a href="/x/other/#gone">g</a>`, []string{"page/index.html: /x/other/#gone does not exist"}},
		{"a heading of this page that is missing", `<a href="#gone">g</a>`, []string{"page/index.html: #gone does not exist"}},
		{"outside of the site", `<a href="/other/">g</a>`, []string{"page/index.html: /other/ does not exist"}},
		{"a picture that is missing", `<img src="/x/gone.png">`, []string{"page/index.html: /x/gone.png does not exist"}},
		{"a picture for the dark that is missing", `<picture><source srcset="/x/gone.png 2x"></picture>`, []string{"page/index.html: /x/gone.png does not exist"}},
		{"a script of another host", `<script src="https://cdn.example.net/a.js"></script>`, []string{"page/index.html: <script> loads https://cdn.example.net/a.js"}},
		{"a picture of another host", `<img src="//img.example.net/a.png">`, []string{"page/index.html: <img> loads //img.example.net/a.png"}},
		{"a font of another host", `<link rel="stylesheet" href="https://fonts.example.net/a.css">`, []string{"page/index.html: <link> loads https://fonts.example.net/a.css"}},
		{"a frame of another host", `<iframe src="https://video.example.net/"></iframe>`, []string{"page/index.html: <iframe> loads https://video.example.net/"}},
		{"a heading with the name of another element", `<p id="a"></p><h2 id="a">h</h2>`, []string{"page/index.html: two elements have the id a"}},
		{"a page without a policy", `<p>text</p>`, []string{"page/index.html: its policy allows other hosts"}},
		{"a script in the page", `<script>alert(1)</script>`, []string{"page/index.html: a script in the page"}},
	}
	for _, test := range tests {
		t.Run(test.reason, func(t *testing.T) {
			site := fstest.MapFS{
				"page/index.html":       {Data: []byte(head + test.html)},
				"other/index.html":      {Data: []byte(head + `<h2 id="here">h</h2>`)},
				"cmd-deep/index.html":   {Data: []byte(head)},
				"playground/index.html": {Data: []byte(`<script>own()</script>`)},
				"style.css":             {},
				"a.png":                 {},
			}
			if test.reason == "a page without a policy" {
				site["page/index.html"] = &fstest.MapFile{Data: []byte(test.html)}
			}
			_, problems, err := checkSite(site, base)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, problems); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

// checkSite returns the number of pages of a site and what is wrong with them. It leaves out
// the playground, which has its scripts in the page, and tests of its own.
func checkSite(site fs.FS, base string) (int, []string, error) {
	root, err := url.Parse(base)
	if err != nil {
		return 0, nil, err
	}
	pages := map[string]*sitePage{}
	err = fs.WalkDir(site, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name == "playground":
			return fs.SkipDir
		case path.Ext(name) == ".html":
			pages[name], err = readPage(site, name)
		}
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	var problems []string
	for name, page := range pages {
		if !strings.HasPrefix(page.policy, "default-src 'none'; ") || strings.Contains(page.policy, "//") {
			problems = append(problems, name+": its policy allows other hosts")
		}
		for id, elements := range page.ids {
			if id != "" && elements > 1 {
				problems = append(problems, fmt.Sprintf("%s: two elements have the id %s", name, id))
			}
		}
		at := root.JoinPath(name)
		for _, link := range page.links {
			problem, err := link.check(site, root, at, pages)
			if err != nil {
				return 0, nil, err
			}
			if problem != "" {
				problems = append(problems, name+": "+problem)
			}
		}
	}
	slices.Sort(problems)
	return len(pages), problems, nil
}

// A sitePage is what a page leads to, and how many elements have each ID.
type sitePage struct {
	ids    map[string]int
	links  []siteLink
	policy string // the Content-Security-Policy
}

// A siteLink is a reference in a page. Browsers load all but those of <a>, which have the tag
// footer if they are there.
type siteLink struct{ tag, to string }

func readPage(site fs.FS, name string) (*sitePage, error) {
	file, err := site.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	document, err := html.Parse(file)
	if err != nil {
		return nil, err
	}
	page := &sitePage{ids: map[string]int{}}
	for node := range document.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		tag, attributes := node.Data, map[string]string{}
		if tag == "a" && node.Parent.Data == "footer" {
			tag = "footer"
		}
		for _, a := range node.Attr {
			attributes[a.Key] = a.Val
		}
		page.ids[attributes["id"]]++
		if node.Data == "meta" && attributes["http-equiv"] == "Content-Security-Policy" {
			page.policy = attributes["content"]
		}
		for _, key := range []string{"href", "src", "data"} {
			if to, ok := attributes[key]; ok {
				page.links = append(page.links, siteLink{tag, to})
			}
		}
		for part := range strings.SplitSeq(attributes["srcset"], ",") {
			if fields := strings.Fields(part); len(fields) > 0 {
				page.links = append(page.links, siteLink{tag, fields[0]})
			}
		}
		if _, ok := attributes["src"]; node.Data == "script" && !ok {
			page.links = append(page.links, siteLink{tag: "script"})
		}
	}
	return page, nil
}

// pageOf returns the page that the site has for a file or folder on GitHub, if it has one.
func pageOf(link string) string {
	name, ok := strings.CutPrefix(link, "https://github.com/cfsign/cfsign/blob/main/")
	if !ok {
		return ""
	}
	name, _, _ = strings.Cut(name, "#")
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".md"), "/README")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "docs/"), ".github/")
	return strings.ToLower(strings.ReplaceAll(name, "/", "-")) + "/index.html"
}

// check returns what is wrong with a link in the page at a URL, or "".
func (l siteLink) check(site fs.FS, root, at *url.URL, pages map[string]*sitePage) (string, error) {
	if l.to == "" && l.tag == "script" {
		return "a script in the page", nil
	}
	to, err := at.Parse(l.to)
	switch {
	case err != nil:
		return "", err
	case to.Scheme == "data":
		return "", nil
	case l.tag == "a" && pages[pageOf(l.to)] != nil:
		return l.to + " leads to GitHub, and the site has the page", nil
	case to.Host != root.Host && (l.tag == "a" || l.tag == "footer"):
		return "", nil
	case to.Host != root.Host:
		return fmt.Sprintf("<%s> loads %s", l.tag, l.to), nil
	}
	missing := l.to + " does not exist"
	name, ok := strings.CutPrefix(to.Path, root.Path)
	if !ok {
		return missing, nil
	}
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	info, err := fs.Stat(site, name)
	if err != nil || info.IsDir() {
		return missing, nil
	}
	if page := pages[name]; to.Fragment != "" && (page == nil || page.ids[to.Fragment] == 0) {
		return missing, nil
	}
	return "", nil
}
