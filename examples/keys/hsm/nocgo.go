// SPDX-License-Identifier: Apache-2.0

//go:build !cgo

package main

import (
	"fmt"
	"os"
)

const needsCgo = "hsm: built without cgo, which PKCS#11 modules need: install a C compiler, and run it with CGO_ENABLED=1"

func main() {
	fmt.Fprintln(os.Stderr, needsCgo)
	os.Exit(1)
}
