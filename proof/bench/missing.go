// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
)

// A missingError says what a contestant lacks and what to install. The others are
// measured without it, except where CI=true, so that no gap stays unseen there.
type missingError struct {
	what, install string
}

func (e *missingError) Error() string { return fmt.Sprintf("%s is missing: %s", e.what, e.install) }

// find returns the path of a program.
func find(name, install string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", &missingError{what: name, install: install}
	}
	return path, nil
}

// strict reports whether what is missing is a failure.
func strict() bool { return os.Getenv("CI") == "true" }
