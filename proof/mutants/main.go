// SPDX-License-Identifier: Apache-2.0

// Mutants breaks the library on purpose, in one place at a time, and shows that its
// tests notice. The places are in mutants.json; the files themselves are not touched.
//
//	go run ./proof/mutants
//	go run ./proof/mutants -record
//
// With -record, it also writes into mutants.json which test noticed first. Later runs try that
// test alone, which is faster.
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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *record); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, record bool) error {
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
	return report(mutants, results)
}

// report prints a line for each mutant. Its error repeats the lines of the mutants that were not
// caught, because .ci/run shows only the last line of the list.
func report(mutants []mutant, results []error) error {
	var missed []string
	for i, m := range mutants {
		verdict := "caught"
		if results[i] != nil {
			verdict = results[i].Error()
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
	fmt.Printf("%d mutants, all caught by the tests\n", len(mutants))
	return nil
}
