// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

// A table is one in Markdown. The first column is text, the others are figures.
type table struct {
	heading []string
	lines   [][]string
}

func (t *table) add(cells ...string) { t.lines = append(t.lines, cells) }

// write writes the table below an introduction, or nothing if it is empty.
func (t *table) write(b *strings.Builder, introduction string) {
	if len(t.lines) == 0 {
		return
	}
	b.WriteString(introduction)
	writeLine(b, t.heading)
	b.WriteString("|---" + strings.Repeat("|---:", len(t.heading)-1) + "|\n")
	for _, line := range t.lines {
		writeLine(b, line)
	}
}

func writeLine(b *strings.Builder, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
