// SPDX-License-Identifier: Apache-2.0

// Command modules checks, in the root of the repository, that its modules are in
// step. With -published it prints the folders of those that are released, with
// -inside and -outside those of the modules that go.work has and has not, with
// -version the version that is to be released next, with -behind the indirect
// requirements that have a newer version, and with -set it makes all modules require
// the next version of each other.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	published := flag.Bool("published", false, "print the folders of the published modules")
	inside := flag.Bool("inside", false, "print the folders of the modules in the workspace")
	left := flag.Bool("outside", false, "print the folders of the modules outside of the workspace")
	version := flag.Bool("version", false, "print the version that is to be released next")
	behind := flag.Bool("behind", false, "print the indirect requirements that have a newer version")
	set := flag.Bool("set", false, "make all modules require the next version of each other")
	flag.Parse()
	r, err := read(".")
	if err == nil {
		switch {
		case *published:
			r.print(module.published)
		case *inside:
			r.print(func(m module) bool { return outside[m.folder] == "" })
		case *left:
			r.print(func(m module) bool { return outside[m.folder] != "" })
		case *version:
			fmt.Println(r.next)
		case *behind:
			err = r.printBehind(os.Stdout)
		case *set:
			err = r.requireNext()
		default:
			err = r.report()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (r *repository) print(wanted func(module) bool) {
	for _, m := range r.modules {
		if wanted(m) {
			fmt.Println(m.folder)
		}
	}
}

func (r *repository) report() error {
	problems := r.check()
	for _, problem := range problems {
		fmt.Fprintln(os.Stderr, problem)
	}
	if len(problems) > 0 {
		return errors.New("the modules are not in step")
	}
	fmt.Printf("%d modules are in step for %s\n", len(r.modules), r.next)
	return nil
}
