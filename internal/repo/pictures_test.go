// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"encoding/xml"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const architecture = "docs/pictures/architecture.svg"

// An svgElement is an element of an SVG picture.
type svgElement struct {
	XMLName  xml.Name
	Attrs    []xml.Attr   `xml:",any,attr"`
	Text     string       `xml:",chardata"`
	Children []svgElement `xml:",any"`
}

// attr returns an attribute, or "".
func (e svgElement) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all returns e and everything in it that matches.
func (e svgElement) all(matches func(svgElement) bool) (found []svgElement) {
	if matches(e) {
		found = append(found, e)
	}
	for _, child := range e.Children {
		found = append(found, child.all(matches)...)
	}
	return found
}

func readSVG(t *testing.T, path string) svgElement {
	t.Helper()
	var picture svgElement
	if err := xml.Unmarshal([]byte(read(t, path)), &picture); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return picture
}

func isBox(e svgElement) bool { return e.attr("class") == "package" }

// boxes returns the packages that have a box, with its corners.
func boxes(t *testing.T, picture svgElement) map[string]box {
	t.Helper()
	found := map[string]box{}
	for _, e := range picture.all(isBox) {
		r := e.Children[0]
		var b box
		if _, err := fmt.Sscan(r.attr("x")+" "+r.attr("y")+" "+r.attr("width")+" "+r.attr("height"), &b.x, &b.y, &b.width, &b.height); err != nil {
			t.Fatalf("%s: the box does not begin with its rectangle: %v", e.attr("data-package"), err)
		}
		found[e.attr("data-package")] = b
	}
	return found
}

type box struct{ x, y, width, height float64 }

// touches reports whether a point is on the lower or upper edge of b.
func (b box) touches(x, y float64, lower bool) bool {
	edge := b.y
	if lower {
		edge += b.height
	}
	return y == edge && x > b.x && x < b.x+b.width
}

// TestArchitectureHasAllPackages: the picture has the packages of this module that you can import,
// and packages of other modules that exist.
func TestArchitectureHasAllPackages(t *testing.T) {
	inRoot(t)
	picture := readSVG(t, architecture)
	description := picture.all(func(e svgElement) bool { return e.XMLName.Local == "desc" })[0].Text
	shown := map[string]bool{}
	for _, e := range picture.all(func(e svgElement) bool { return e.attr("data-package") != "" }) {
		name, text := e.attr("data-package"), e.Text
		if isBox(e) {
			text = e.Children[1].Text
			if !regexp.MustCompile(`\b` + name + `\b`).MatchString(description) {
				t.Errorf("%s is not in the description for screen readers", name)
			}
		}
		if shown[name] || text != filepath.Base(name) {
			t.Errorf("%s is there twice, or under the name %q", name, text)
		}
		shown[name] = true
		if files, err := filepath.Glob(filepath.Join(name, "*.go")); err != nil || len(files) == 0 {
			t.Errorf("there is no package %s", name)
		}
	}
	for name := range arrows {
		if name != "" && !strings.HasPrefix(name, "internal/") && !shown[name] {
			t.Errorf("package %s is not in %s", name, architecture)
		}
	}
}

// TestArchitectureArrows: an arrow of the picture is an import. Imports that follow from others
// have no arrow.
func TestArchitectureArrows(t *testing.T) {
	inRoot(t)
	picture := readSVG(t, architecture)
	packages := boxes(t, picture)
	imports := importsAmong(t, packages)
	var want []string
	for to, direct := range imports {
		for from := range direct {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(direct)), func(between string) bool { return imports[between][from] }) {
				want = append(want, from+" -> "+to)
			}
		}
	}
	var got []string
	for _, e := range picture.all(func(e svgElement) bool { return e.attr("data-from") != "" }) {
		from, to := e.attr("data-from"), e.attr("data-to")
		got = append(got, from+" -> "+to)
		var x1, y1, x2, y2 float64
		if _, err := fmt.Sscanf(e.attr("d"), "M%f %fL%f %f", &x1, &y1, &x2, &y2); err != nil {
			t.Errorf("%s -> %s: %v", from, to, err)
		}
		if !packages[from].touches(x1, y1, true) || !packages[to].touches(x2, y2, false) {
			t.Errorf("the arrow %s -> %s does not touch its boxes", from, to)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", architecture, diff)
	}
}

// importsAmong returns which of the packages import which, directly or not.
func importsAmong(t *testing.T, packages map[string]box) map[string]map[string]bool {
	t.Helper()
	imports := map[string]map[string]bool{}
	for name := range packages {
		imports[name] = map[string]bool{}
		for _, p := range list(t, "-deps", "./"+name) {
			imported := strings.TrimPrefix(p.ImportPath, module+"/")
			if _, ok := packages[imported]; ok && imported != name {
				imports[name][imported] = true
			}
		}
	}
	return imports
}

// TestPictures: pages show pictures that exist, with a text for readers who cannot see them. An
// SVG picture is readable in the dark, and GitHub shows nothing of another file in it.
func TestPictures(t *testing.T) {
	inRoot(t)
	markdown, html := regexp.MustCompile(`!\[([^\]]*)\]\(([^)\s]+)\)`), regexp.MustCompile(`<(?:img|source)\b[^>]*>`)
	code := regexp.MustCompile("(?s)```.*?```|`[^`]*`")
	source, alt := regexp.MustCompile(`\b(?:src|srcset)="([^"\s]+)"`), regexp.MustCompile(`\balt="([^"]*)"`)
	shown := map[string]bool{}
	show := func(page, file, text string) {
		shown[filepath.Join(filepath.Dir(page), file)] = true
		if len(text) < len("a picture of it") {
			t.Errorf("%s: %s has only %q as its text", page, file, text)
		}
	}
	for _, page := range documents(t) {
		text := code.ReplaceAllString(read(t, page), "")
		for _, match := range markdown.FindAllStringSubmatch(text, -1) {
			show(page, match[2], match[1])
		}
		for _, tag := range html.FindAllString(text, -1) {
			file, words := source.FindStringSubmatch(tag), alt.FindStringSubmatch(tag)
			switch {
			case file == nil:
				t.Errorf("%s: %s names no file", page, tag)
			case strings.HasPrefix(tag, "<source"):
				show(page, file[1], "the text of the img in the same picture")
			case words == nil:
				t.Errorf("%s: %s has no alt", page, tag)
			default:
				show(page, file[1], words[1])
			}
		}
	}
	if len(shown) < 2 {
		t.Errorf("%d pictures were found", len(shown))
	}
	for file := range shown {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		} else if filepath.Ext(file) == ".svg" {
			checkSVG(t, file)
		}
	}
}

func checkSVG(t *testing.T, file string) {
	t.Helper()
	picture := readSVG(t, file)
	for _, name := range []string{"title", "desc"} {
		if len(picture.all(func(e svgElement) bool { return e.XMLName.Local == name && e.Text != "" })) == 0 {
			t.Errorf("%s has no %s", file, name)
		}
	}
	if !strings.Contains(read(t, file), "(prefers-color-scheme: dark)") {
		t.Errorf("%s has no colors for the dark", file)
	}
	if foreign := picture.all(func(e svgElement) bool {
		return e.attr("href") != "" || slices.Contains([]string{"script", "image", "foreignObject"}, e.XMLName.Local)
	}); len(foreign) > 0 {
		t.Errorf("%s has %s, which GitHub does not show", file, foreign[0].XMLName.Local)
	}
}
