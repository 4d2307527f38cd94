// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// measureAll measures the jobs in rounds. In each of them every contestant has its
// turn, those of one row one after the other, so that the noise of the machine hits
// all alike; every other round goes backwards, so that nobody always comes first.
func measureAll(ctx context.Context, jobs []job, o options, progress io.Writer) (map[cell][]sample, error) {
	samples := map[cell][]sample{}
	for _, j := range jobs {
		if j.slow {
			continue
		}
		if _, err := j.measure(ctx, o.time/5); err != nil { // to warm up
			return nil, fmt.Errorf("%v: %w", j.cells[0], err)
		}
	}
	for round := range o.rounds {
		fmt.Fprintf(progress, "round %d of %d\n", round+1, o.rounds)
		for _, j := range jobs {
			if j.slow && round%slowEvery != 0 {
				continue
			}
			measured, err := measureOne(ctx, j, o.time)
			if err != nil {
				return nil, err
			}
			for i, c := range j.cells {
				if o.only.MatchString(c.String()) {
					measured[i].round = round
					samples[c] = append(samples[c], measured[i])
				}
			}
		}
		slices.Reverse(jobs)
	}
	return samples, nil
}

// slowEvery is after how many rounds the slow jobs have their turn again.
const slowEvery = 5

func measureOne(ctx context.Context, j job, limit time.Duration) ([]sample, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	measured, err := j.measure(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", j.cells[0], err)
	}
	return measured, nil
}

// inOrder sorts jobs by row, so that the contestants of one are neighbours.
func inOrder(jobs []job) []job {
	slices.SortStableFunc(jobs, func(a, b job) int {
		place := func(c cell) int {
			return slices.Index(algorithms, c.algorithm)*len(rows) + slices.Index(rows, c.row)
		}
		return place(a.cells[0]) - place(b.cells[0])
	})
	return jobs
}
