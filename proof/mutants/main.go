// SPDX-License-Identifier: Apache-2.0

// Mutants breaks the library on purpose, in one place at a time, and shows that its
// tests notice. The places are in mutants.json; the files themselves are not touched.
//
//	go run ./proof/mutants
//	go run ./proof/mutants -part 2/3
//	go run ./proof/mutants -record
//
// With -part, it tries only every third mutant, beginning with the second one, and looks for the
// places of all others. With -record, it also writes into mutants.json which test noticed first.
// Later runs try that test alone, which is faster.
//
// It fails if a mutant survives or does not compile, or if its place in the file is gone.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

func main() {
	record := flag.Bool("record", false, "write into mutants.json which test noticed first")
	part := part{1, 1}
	flag.Var(&part, "part", "try every N-th mutant, beginning with number `M/N`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, part, *record); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, part part, record bool) error {
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	list := filepath.Join(root, "proof/mutants/mutants.json")
	mutants, err := readMutants(list)
	if err != nil {
		return err
	}
	results := make([]error, len(mutants))
	var workers sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, m := range mutants {
		if !part.has(i) {
			_, results[i] = m.source(root)
			continue
		}
		workers.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			mutants[i].First, results[i] = m.test(ctx, root)
		})
	}
	workers.Wait()
	if record && ctx.Err() == nil {
		if err := writeMutants(list, mutants); err != nil {
			return err
		}
	}
	return report(mutants, results, part)
}

// report prints a line for each mutant. Its error repeats the lines of the mutants that were not
// caught, because .ci/run shows only the last line of the list.
func report(mutants []mutant, results []error, part part) error {
	var missed []string
	tried := 0
	for i, m := range mutants {
		verdict := "caught"
		switch {
		case results[i] != nil:
			verdict = results[i].Error()
		case part.has(i):
			tried++
		default:
			verdict = "not tried: another part"
		}
		line := fmt.Sprintf("%-28s %-75s %s", m.File, m.Breaks, verdict)
		fmt.Println(line)
		if results[i] != nil {
			missed = append(missed, line)
		}
	}
	if len(missed) > 0 {
		return fmt.Errorf("%d of %d mutants were not caught:\n%s", len(missed), len(mutants), strings.Join(missed, "\n"))
	}
	fmt.Printf("%d of %d mutants were tried, and all were caught by the tests\n", tried, len(mutants))
	return nil
}

// A part of the mutants is every of-th one, beginning with number from.
type part struct{ from, of int }

func (p part) has(i int) bool { return i%p.of == p.from-1 }

// String returns the form that Set reads.
func (p *part) String() string { return fmt.Sprintf("%d/%d", p.from, p.of) }

// Set reads a form such as 2/3.
func (p *part) Set(text string) error {
	if n, err := fmt.Sscanf(text, "%d/%d", &p.from, &p.of); n != 2 || err != nil || p.from < 1 || p.from > p.of {
		return fmt.Errorf("want a form such as 2/3")
	}
	return nil
}
