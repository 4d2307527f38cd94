// SPDX-License-Identifier: Apache-2.0

package main

// A goal is what the project wants to be true on any machine: a ratio within one run,
// or what one operation may take.
type goal struct {
	title  string
	figure func(results) (spread, bool)
	format func(float64) string
	limit  float64
	most   bool // the limit is the most that is allowed, else the least
	// comparison is for what is no goal but explains one: what the machine has to
	// give at that time.
	comparison bool
}

// met reports whether a figure is what the goal wants.
func (g goal) met(figure float64) bool {
	if g.most {
		return figure <= g.limit
	}
	return figure >= g.limit
}

// measured writes what was found, with the quartiles.
func (g goal) measured(s spread) string {
	return g.format(s.median) + " (" + g.format(s.lower) + "–" + g.format(s.upper) + ")"
}

// bound writes the limit.
func (g goal) bound() string {
	if g.comparison {
		return "–"
	}
	if g.most {
		return "at most " + g.format(g.limit)
	}
	return "at least " + g.format(g.limit)
}

// goals are all, in the order of the report.
func goals() []goal {
	var all []goal
	for _, a := range algorithms {
		all = append(all, least("what the library adds to the key: AWS SDK for Go ÷ cfsign, "+a.title(), 10,
			cell{a, rowOverhead, awsGo}, cell{a, rowOverhead, ours}))
	}
	all = append(all,
		least("a canned URL: AWS SDK for Go ÷ cfsign, P-256", 1.3, cell{p256, rowCanned, awsGo}, cell{p256, rowCanned, ours}),
		most("a canned URL ÷ the bare operation, P-256", 1.1, cell{p256, rowCanned, ours}, cell{p256, rowKey, ours}),
		least("a URL by the AWS SDK for Go ÷ one more URL of a policy that cfsign signed, RSA 2048", 2000,
			cell{rsa2048, rowThousand, awsGo}, cell{rsa2048, rowNext, ours}),
	)
	for _, a := range algorithms {
		playlist := cell{a, rowPlaylist, ours}
		all = append(all,
			goal{
				title: rowPlaylist.title() + ", " + a.title(), format: formatTime, limit: 5e6, most: true,
				figure: middle(playlist, func(s sample) float64 { return s.nanoseconds }),
			},
			goal{
				title: "its allocations, " + a.title(), format: formatCount, limit: 20, most: true,
				figure: middle(playlist, func(s sample) float64 { return s.allocs }),
			},
		)
	}
	for _, a := range algorithms {
		all = append(all,
			least("URLs signed by 2 workers ÷ by 1, "+a.title(), 1.8, cell{a, rowBulk1, ours}, cell{a, rowBulk2, ours}),
			comparison("for comparison: bare operations by 2 workers ÷ by 1, "+a.title(), cell{a, rowBulkKey1, ours}, cell{a, rowBulkKey2, ours}),
		)
	}
	for _, a := range algorithms {
		all = append(all, most("verifying a URL ÷ the bare operation, "+a.title(), 1.1, cell{a, rowVerify, ours}, cell{a, rowVerifyKey, ours}))
	}
	return all
}

// least is a goal that the first cell takes at least so many times as long.
func least(title string, limit float64, numerator, denominator cell) goal {
	return goal{title: title, format: formatRatio, limit: limit, figure: func(r results) (spread, bool) {
		return r.ratio(numerator, denominator)
	}}
}

// most is a goal that the first cell takes at most so many times as long.
func most(title string, limit float64, numerator, denominator cell) goal {
	g := least(title, limit, numerator, denominator)
	g.most = true
	return g
}

// comparison is no goal.
func comparison(title string, numerator, denominator cell) goal {
	g := least(title, 0, numerator, denominator)
	g.comparison = true
	return g
}

// middle is a figure of one cell.
func middle(c cell, figure func(sample) float64) func(results) (spread, bool) {
	return func(r results) (spread, bool) {
		figures := r.each(c, figure)
		return spreadOf(figures), len(figures) > 0
	}
}

func formatRatio(ratio float64) string { return digits(ratio) + "×" }
