// SPDX-License-Identifier: Apache-2.0

//go:build unix

package valkeyserver

import (
	"os"
	"syscall"
)

var stop, cont os.Signal = syscall.SIGSTOP, syscall.SIGCONT
