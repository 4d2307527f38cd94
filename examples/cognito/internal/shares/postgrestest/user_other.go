// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package postgrestest

import "os/exec"

// setUser is for root, whom other systems do not have.
func setUser(*exec.Cmd, uint32, uint32) {}
