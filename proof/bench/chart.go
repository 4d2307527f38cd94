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
var chartTemplate string

// The chart has a panel for each algorithm, a group in it for each kind of work, and in
// the group a bar for each signer, on one logarithmic axis.
const (
	panelWidth, barHeight, groupGap = 300.0, 13.0, 10.0
	top, left                       = 84.0, 150.0
)

// colors can be told apart with any color vision (Okabe and Ito).
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

type chartText struct {
	X, Y float64
	Text string
}

type chartBar struct {
	X, Y, Width, Height float64
	Color, Text         string
}

// chartData is what the template draws.
type chartData struct {
	Width, Height        float64
	Titles, Groups, Axis []chartText
	Legend, Bars         []chartBar
}

// chart returns the chart as SVG.
func (r results) chart() []byte {
	var d chartData
	x := left
	for _, s := range signers {
		d.Legend = append(d.Legend, chartBar{X: x, Y: 40, Width: 12, Height: 12, Color: colors[s.name], Text: s.text})
		x += 26 + 6.8*float64(len(s.text))
	}
	least, most := r.decades()
	for i, a := range algorithmTitles {
		from := left + float64(i)*(panelWidth+70)
		d.Titles = append(d.Titles, chartText{from, 74, a.text})
		bottom := r.addPanel(&d, a, from, i == 0, func(seconds float64) float64 {
			return panelWidth * math.Log10(seconds/least) / math.Log10(most/least)
		})
		for tick := least; tick < most*1.5; tick *= 10 {
			label := strings.NewReplacer(".00", "", ".0", "").Replace(formatSeconds([]float64{tick}))
			d.Axis = append(d.Axis, chartText{from + panelWidth*math.Log10(tick/least)/math.Log10(most/least), bottom + 12, label})
		}
		d.Height = max(d.Height, bottom+40)
	}
	d.Width = left + 2*(panelWidth+70)
	var b bytes.Buffer
	// The template and the data are this program's, so it cannot fail.
	if err := template.Must(template.New("chart").Parse(chartTemplate)).Execute(&b, d); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// addPanel adds the bars of an algorithm and returns where they end.
func (r results) addPanel(d *chartData, a title, from float64, names bool, length func(seconds float64) float64) float64 {
	y := top
	for _, work := range charted {
		begin := y
		for _, s := range signers {
			times := r.seconds(cell{work.name, s.name, a.name})
			if len(times) == 0 {
				if r.has(work, s) { // It has a bar in the other panel.
					y += barHeight
				}
				continue
			}
			median := summary(times).Center
			label, _, _ := strings.Cut(formatSeconds(times), " (")
			d.Bars = append(d.Bars, chartBar{X: from, Y: y, Width: length(median), Height: barHeight - 2, Color: colors[s.name], Text: label})
			y += barHeight
		}
		if names && y > begin {
			d.Groups = append(d.Groups, chartText{from - 8, (begin+y)/2 + 3, work.text})
		}
		y += groupGap
	}
	return y
}

// has reports whether the signer does such work with a key of any algorithm.
func (r results) has(work, signer title) bool {
	return slices.ContainsFunc(algorithmTitles, func(a title) bool {
		return len(r.figures[cell{work.name, signer.name, a.name}]) > 0
	})
}

// decades returns the powers of ten around all times of the chart, in seconds. The
// shortest bar is half a decade long at least, so that it can be seen.
func (r results) decades() (least, most float64) {
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
