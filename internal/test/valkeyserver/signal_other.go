// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package valkeyserver

import "os"

// Only Unix can stop a process. The test fails with the error of os.Process.Signal.
var stop, cont os.Signal = os.Interrupt, os.Interrupt
