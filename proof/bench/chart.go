// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	_ "embed"
	"math"
	"slices"
	"strings"
	"text/template"
)

//go:embed chart.svg.tmpl
var chartText string

var chartTemplate = template.Must(template.New("chart").Parse(chartText))

// A chart has a panel for each algorithm, a group in it for each kind of work, and in the group a
// bar for each signer, on one logarithmic axis.
type chart struct {
	narrow                       bool // the panels are below each other, and the titles of the groups above their bars
	width, panelWidth, barHeight float64
	charted                      []title
}

// charts are the charts by their files. A page shows the narrow one on phones.
var charts = map[string]chart{
	"results.svg":        {width: 890, panelWidth: 300, barHeight: 13, charted: charted},
	"results-narrow.svg": {narrow: true, width: 400, panelWidth: 300, barHeight: 16, charted: slices.DeleteFunc(slices.Clone(charted), isLeftOut)},
}

// colors can be told apart with any color vision (Okabe and Ito), on white and on black.
var colors = map[string]string{
	"cfsign": "#d55e00", "cfsign-libcrypto": "#cc79a7", "aws-sdk-go": "#0072b2", "aws-sdk-js": "#e69f00", "botocore": "#009e73", "openssl": "#808080",
}

// charted are the kinds of work in the chart, with short titles.
var charted = []title{
	{"PrivateKey", "private key alone"},
	{"CannedURL", "canned URL"},
	{"CustomURL", "custom URL"},
	{"NextURL", "one more URL"},
	{"AppendURL", "… into a buffer"},
	{"Cookies", "cookies"},
	{"CookiesAgain", "cookies again"},
	{"PublicKey", "public key alone"},
	{"Verify", "verifying a URL"},
}

// isLeftOut reports whether the narrow chart leaves out a kind of work: it takes as long as the one
// before it, or says little to users of the library.
func isLeftOut(work title) bool {
	return slices.Contains([]string{"CustomURL", "AppendURL", "PublicKey"}, work.name)
}

type chartLabel struct {
	X, Y float64
	Text string
}

type chartBar struct {
	X, Y, Width, Height float64
	Color, Text         string
}

// A chartTick is a line of the axis, with its text at the lower end.
type chartTick struct {
	X, Top, Bottom float64
	Text           string
}

// A drawing is what the template draws.
type drawing struct {
	Width, Height  float64
	Narrow         bool
	Summary        string
	Titles, Groups []chartLabel
	Axis           []chartTick
	Legend, Bars   []chartBar
}

// draw returns the chart of r as SVG.
func (c chart) draw(r results) []byte {
	d := drawing{Width: c.width, Narrow: c.narrow, Summary: r.inWords()}
	bottom := c.legend(&d)
	left, top := 150.0, bottom
	if c.narrow {
		left = 24
	}
	for i, a := range algorithmTitles {
		if c.narrow {
			top = bottom
		} else if i > 0 {
			left += c.panelWidth + 70
		}
		bottom = c.panel(&d, r, a, left, top, i == 0)
		d.Height = max(d.Height, bottom)
	}
	var b bytes.Buffer
	// The template and the data are this program's, so it cannot fail.
	if err := chartTemplate.Execute(&b, d); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// legend adds the signers, and returns where it ends.
func (c chart) legend(d *drawing) float64 {
	x, y := 150.0, 40.0
	if c.narrow {
		x, y = 12, 62
	}
	for i, s := range signers {
		d.Legend = append(d.Legend, chartBar{X: x, Y: y, Width: 12, Height: 12, Color: colors[s.name], Text: s.text})
		switch {
		case !c.narrow:
			x += 29 + 6.8*float64(len(s.text))
		case i%2 == 0:
			x += 170
		default:
			x, y = 12, y+22
		}
	}
	return y + 30
}

// panel adds an algorithm between left and left+panelWidth, and returns where it ends. names adds
// the titles of the groups next to the bars.
func (c chart) panel(d *drawing, r results, a title, left, top float64, names bool) float64 {
	least, most := r.decades(c.charted)
	length := func(seconds float64) float64 {
		return c.panelWidth * math.Log10(seconds/least) / math.Log10(most/least)
	}
	d.Titles = append(d.Titles, chartLabel{left, top + 4, a.text})
	y := top + 14
	for _, work := range c.charted {
		begin := y
		if c.narrow && r.isCharted(work, a) {
			d.Groups = append(d.Groups, chartLabel{left, y + 14, work.text})
			y += 20
		}
		for _, s := range signers {
			if times := r.seconds(cell{work.name, s.name, a.name}); len(times) > 0 {
				label, _, _ := strings.Cut(formatSeconds(times), " (")
				d.Bars = append(d.Bars, chartBar{X: left, Y: y, Width: length(summary(times).Center), Height: c.barHeight - 2, Color: colors[s.name], Text: label})
			} else if c.narrow || !r.has(work, s) { // In the wide chart, its bar in the other panel is at this height.
				continue
			}
			y += c.barHeight
		}
		if names && !c.narrow && y > begin {
			d.Groups = append(d.Groups, chartLabel{left - 8, (begin+y)/2 + 3, work.text})
		}
		if y > begin {
			y += 10
		}
	}
	for tick := least; tick < most*1.5; tick *= 10 {
		label := strings.NewReplacer(".00", "", ".0", "").Replace(formatSeconds([]float64{tick}))
		d.Axis = append(d.Axis, chartTick{left + length(tick), top + 12, y - 6, label})
	}
	return y + 34
}

// has reports whether the signer does such work with a key of any algorithm.
func (r results) has(work, signer title) bool {
	return slices.ContainsFunc(algorithmTitles, func(a title) bool {
		return len(r.figures[cell{work.name, signer.name, a.name}]) > 0
	})
}

// isCharted reports whether any signer does such work with a key of the algorithm.
func (r results) isCharted(work, algorithm title) bool {
	return slices.ContainsFunc(signers, func(s title) bool {
		return len(r.figures[cell{work.name, s.name, algorithm.name}]) > 0
	})
}

// decades returns the powers of ten around all times of these kinds of work, in seconds. The
// shortest bar is half a decade long at least, so that it can be seen.
func (r results) decades(charted []title) (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for c, figures := range r.figures {
		for _, work := range charted {
			if work.name == c.work && len(figures) > 0 {
				median := summary(r.seconds(c)).Center
				least, most = min(least, median), max(most, median)
			}
		}
	}
	if most < least {
		return 1e-6, 1e-5
	}
	return math.Pow10(int(math.Floor(math.Log10(least / 3)))), math.Pow10(int(math.Ceil(math.Log10(most))))
}
