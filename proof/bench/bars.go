// SPDX-License-Identifier: Apache-2.0

package main

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bars are those of one row, one below the other around its place y. The bars of the
// plotter package begin at zero, which a logarithmic axis does not have.
type bars struct {
	y    float64
	bars []bar
}

// A bar has its figure written at its end.
type bar struct {
	length float64
	label  string
	colour color.Color
}

const barHeight = 0.16 // of the distance between rows

// Plot implements plot.Plotter.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	style := text.Style{Color: color.Black, Font: sans(10), Handler: plot.DefaultTextHandler, YAlign: text.YCenter}
	top := b.y + barHeight*float64(len(b.bars))/2
	for i, one := range b.bars {
		above := toY(top - float64(i)*barHeight)
		below := toY(top - float64(i+1)*barHeight)
		left, right := c.Min.X, max(toX(one.length), c.Min.X+1)
		gap := (above - below) * 0.08
		c.FillPolygon(one.colour, []vg.Point{{X: left, Y: below + gap}, {X: right, Y: below + gap}, {X: right, Y: above - gap}, {X: left, Y: above - gap}})
		c.FillText(style, vg.Point{X: right + 3, Y: (above + below) / 2}, one.label)
	}
}

// drawKey writes which colour is whose, in one line, for those that were measured.
func drawKey(c draw.Canvas, r results) {
	title := text.Style{Color: color.Black, Font: sans(16), Handler: plot.DefaultTextHandler, YAlign: text.YCenter}
	c.FillText(title, vg.Point{X: c.Min.X, Y: c.Max.Y - 16}, "Signing for CloudFront: time per operation")
	style := text.Style{Color: color.Black, Font: sans(12), Handler: plot.DefaultTextHandler, YAlign: text.YCenter}
	x, y := c.Min.X, c.Max.Y-42
	for _, one := range contestants {
		if !r.charts(one) {
			continue
		}
		c.FillPolygon(colours[one], []vg.Point{{X: x, Y: y - 6}, {X: x + 12, Y: y - 6}, {X: x + 12, Y: y + 6}, {X: x, Y: y + 6}})
		c.FillText(style, vg.Point{X: x + 17, Y: y}, one.title())
		x += 17 + style.Width(one.title()) + 24
	}
}

// charts reports whether a contestant has a bar.
func (r results) charts(c contestant) bool {
	for _, a := range algorithms {
		for _, work := range charted {
			if len(r.samples[cell{a, work.row, c}]) > 0 {
				return true
			}
		}
	}
	return false
}
