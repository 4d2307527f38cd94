// SPDX-License-Identifier: Apache-2.0

package origins_test

import (
	"os/exec"
	"syscall"
)

// endWithTest kills the server also if the test is killed.
func endWithTest(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
