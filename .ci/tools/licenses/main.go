// SPDX-License-Identifier: Apache-2.0

// Command licenses fails if a module or npm package that the repository requires has a
// license that is not allowed. Run it in the root of the repository. It recognizes the
// licenses of Go modules in their files, and takes the licenses of npm packages from lock
// files. With a flag it prints something instead:
//
//	licenses -texts FOLDER  the licenses and notices of everything in a command
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	texts := flag.String("texts", "", "print the licenses and notices of everything in the command in this folder")
	flag.Parse()
	var err error
	if *texts != "" {
		err = printTexts(os.Stdout, *texts)
	} else {
		err = run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
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
		err = errors.Join(err, judge(d))
	}
	if err != nil {
		return err
	}
	fmt.Printf("%d dependencies, all with allowed licenses\n", len(dependencies))
	return nil
}
