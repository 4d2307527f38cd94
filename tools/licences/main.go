// SPDX-License-Identifier: Apache-2.0

// Command licences lists, in the root of the repository, what its modules require
// and under which licences, as docs/dependencies.md. It fails if a licence is not
// allowed. With -check it compares the file with what it would write.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
)

const document = "docs/dependencies.md"

func main() {
	check := flag.Bool("check", false, "compare "+document+" instead of writing it")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(check bool) error {
	dependencies, err := goDependencies(".")
	if err != nil {
		return err
	}
	packages, err := npmDependencies(".")
	if err != nil {
		return err
	}
	dependencies = append(dependencies, packages...)
	for _, d := range dependencies {
		if problem := judge(d); problem != nil {
			err = errors.Join(err, problem)
		}
	}
	if err != nil {
		return err
	}
	page := render(dependencies)
	if !check {
		return os.WriteFile(document, page, 0o644)
	}
	written, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	if !bytes.Equal(written, page) {
		return fmt.Errorf("%s is out of date: run go -C tools install ./licences, and licences in the root", document)
	}
	fmt.Printf("%d dependencies, all under licences that are allowed\n", len(dependencies))
	return nil
}
