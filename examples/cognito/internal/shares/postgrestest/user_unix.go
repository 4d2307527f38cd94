// SPDX-License-Identifier: Apache-2.0

//go:build unix

package postgrestest

import (
	"os/exec"
	"syscall"
)

func setUser(command *exec.Cmd, uid, gid uint32) {
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
}
