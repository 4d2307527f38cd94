// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const reportFile = "RESULTS.md"

// write writes a report and its charts into a folder. The charts are drawn from the report, so they
// have the same figures.
func write(folder, report string) error {
	r, err := parseReport(report)
	if err != nil {
		return err
	}
	report = pictureTag.ReplaceAllLiteralString(report, r.picture())
	errs := []error{os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, reportFile), []byte(report), 0o644)}
	for name, c := range charts {
		errs = append(errs, os.WriteFile(filepath.Join(folder, name), c.draw(r), 0o644))
	}
	return errors.Join(errs...)
}

// redraw draws the charts of a report again, without measuring.
func redraw(folder string) error {
	report, err := os.ReadFile(filepath.Join(folder, reportFile))
	if err != nil {
		return err
	}
	return write(folder, string(report))
}

// pictureTag is where a report shows its charts.
var pictureTag = regexp.MustCompile(`(?s)<picture>.*?</picture>`)

// picture returns the tag that shows the charts: the narrow one on phones.
func (r results) picture() string {
	return `<picture>
<source media="(max-width: 600px)" srcset="results-narrow.svg">
<img src="results.svg" alt="` + r.inWords() + `">
</picture>`
}

// inWords returns the figures that most users look for, for readers who do not see the chart.
func (r results) inWords() string {
	text := "Time per operation."
	for _, work := range []title{{"CannedURL", "A canned URL"}, {"NextURL", "One more URL under a signed policy"}} {
		for _, a := range algorithmTitles {
			var figures []string
			for _, s := range signers {
				if times := r.seconds(cell{work.name, s.name, a.name}); len(times) > 0 {
					time, _, _ := strings.Cut(formatSeconds(times), " (")
					figures = append(figures, strings.ReplaceAll(s.text, ",", " with")+" "+time)
				}
			}
			if len(figures) > 0 {
				text += " " + work.text + " with " + a.text + ": " + strings.Join(figures, ", ") + "."
			}
		}
	}
	return text
}

// parseReport returns the medians in the tables of times of a report.
func parseReport(report string) (results, error) {
	r := results{map[cell][]figure{}, map[string]string{}}
	for _, a := range algorithmTitles {
		_, section, _ := strings.Cut(report, "\n## "+a.text+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		var columns []string
		for line := range strings.Lines(section) {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			switch {
			case len(cells) < 2 || strings.HasPrefix(cells[0], "---"):
			case columns == nil:
				columns = cells
			default:
				if err := r.addRow(a, columns, cells); err != nil {
					return results{}, err
				}
			}
		}
	}
	if len(r.figures) == 0 {
		return results{}, errors.New("the report has no table of times")
	}
	return r, nil
}

// addRow adds the medians of a row.
func (r results) addRow(algorithm title, columns, cells []string) error {
	work := slices.IndexFunc(works, func(w title) bool { return w.text == cells[0] })
	if work < 0 || len(cells) != len(columns) {
		return fmt.Errorf("unknown row %q", cells[0])
	}
	for i, text := range cells[1:] {
		signer := slices.IndexFunc(signers, func(s title) bool { return s.text == columns[i+1] })
		if signer < 0 {
			return fmt.Errorf("unknown signer %q", columns[i+1])
		}
		if text == "–" {
			continue
		}
		seconds, err := parseSeconds(text)
		if err != nil {
			return err
		}
		r.figures[cell{works[work].name, signers[signer].name, algorithm.name}] = []figure{{seconds: seconds}}
	}
	return nil
}

// parseSeconds reads what formatSeconds writes, without the interval.
func parseSeconds(text string) (float64, error) {
	words := strings.Fields(text)
	size, ok := map[string]float64{"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1}[words[min(1, len(words)-1)]]
	number, err := strconv.ParseFloat(words[0], 64)
	if err != nil || !ok {
		return 0, fmt.Errorf("%q is no time", text)
	}
	return number * size, nil
}
