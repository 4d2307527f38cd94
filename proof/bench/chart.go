// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// charted are the rows of the chart, from top to bottom, and their short names.
var charted = []struct {
	row   row
	title string
}{
	{rowKey, "bare key operation"},
	{rowCanned, "canned URL"},
	{rowCustom, "custom URL"},
	{rowCookies, "cookies"},
	{rowThousand, "one of 1,000 URLs"},
	{rowCache, "cookies again"},
}

// Colours that people with any colour vision tell apart (Okabe and Ito).
var colours = map[contestant]color.Color{
	ours:     color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff},
	awsGo:    color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff},
	awsJS:    color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff},
	botocore: color.RGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff},
	openssl:  color.RGBA{R: 0x80, G: 0x80, B: 0x80, A: 0xff},
}

const (
	chartWidth  = 960 * vg.Length(1)
	chartHeight = 620 * vg.Length(1)
	keyHeight   = 56 * vg.Length(1)
)

// chart returns an SVG: one panel for each algorithm, on one logarithmic scale. The
// background is white, so that it can be read on pages of any colour.
func (r results) chart() ([]byte, error) {
	canvas := vgsvg.New(chartWidth, chartHeight)
	all := draw.New(canvas)
	all.SetColor(color.White)
	all.Fill(all.Rectangle.Path())
	top := draw.Crop(all, 8, -8, chartHeight-keyHeight, 0)
	drawKey(top, r)
	least, most := r.range10()
	middle := chartWidth * 0.54 // the left panel has the names of the rows
	for i, a := range algorithms {
		p, err := r.panel(a, least, most, i == 0)
		if err != nil {
			return nil, err
		}
		left, right := vg.Length(8), middle-chartWidth
		if i == 1 {
			left, right = middle+8, -20
		}
		p.Draw(draw.Crop(all, left, right, 8, -keyHeight))
	}
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return nil, err
	}
	// Few have the font whose widths the layout is made with, but all have one like it.
	return bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")), nil
}

// range10 returns the powers of ten around all times of the chart, in microseconds.
func (r results) range10() (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, a := range algorithms {
		for _, work := range charted {
			for _, c := range contestants {
				if times := r.times(cell{a, work.row, c}); len(times) > 0 {
					median := spreadOf(times).median / 1e3
					least, most = min(least, median), max(most, median)
				}
			}
		}
	}
	if most < least {
		return 1, 10
	}
	// Half a decade and more on the left, so that the shortest bar can be seen.
	return math.Pow10(int(math.Floor(math.Log10(least / 2)))), math.Pow10(int(math.Floor(math.Log10(most))) + 1)
}

// panel is the chart of one algorithm.
func (r results) panel(a algorithm, least, most float64, names bool) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = a.title()
	p.Title.TextStyle.Font = sans(15)
	p.X.Label.Text = "time per operation, logarithmic: shorter is better"
	p.X.Label.TextStyle.Font = sans(11)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, timeTicks{}
	p.X.Tick.Label.Font, p.Y.Tick.Label.Font = sans(11), sans(12)
	p.X.Min, p.X.Max = least, most
	p.Y.Min, p.Y.Max = -float64(len(charted))+0.5, 0.5
	p.Y.Tick.Length, p.Y.LineStyle.Width, p.Y.Padding = 0, 0, 16
	var ticks plot.ConstantTicks
	for i, work := range charted {
		label := work.title
		if !names {
			label = " "
		}
		ticks = append(ticks, plot.Tick{Value: -float64(i), Label: label})
		p.Add(bars{y: -float64(i), bars: r.bars(a, work.row)})
	}
	p.Y.Tick.Marker = ticks
	return p, nil
}

// bars returns those of one row.
func (r results) bars(a algorithm, work row) []bar {
	var all []bar
	for _, c := range contestants {
		times := r.times(cell{a, work, c})
		if len(times) == 0 {
			continue
		}
		median := spreadOf(times).median
		all = append(all, bar{length: median / 1e3, label: formatTime(median), colour: colours[c]})
	}
	return all
}

// sans is a font that every browser has something like.
func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// timeTicks label the powers of ten of microseconds.
type timeTicks struct{}

func (timeTicks) Ticks(least, most float64) []plot.Tick {
	var ticks []plot.Tick
	for value := least; value < most*1.5; value *= 10 {
		ticks = append(ticks, plot.Tick{Value: value, Label: formatTick(value * 1e3)})
	}
	return ticks
}
