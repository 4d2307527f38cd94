// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// startPython starts botocore with one of two libraries for the RSA operation. A
// python3 on the path may hide that of the system, for which Debian's packages are.
func startPython(t *testing.T, library string) *process {
	t.Helper()
	python, rsaPEM := needs.Command(t, "python3", "python3"), testkeys.RSAPEM()
	if exec.CommandContext(t.Context(), python, "-c", "import botocore, "+library).Run() != nil {
		python = "/usr/bin/python3"
	}
	if library == "rsa" {
		rsaPEM = rsaPKCS1()
	}
	command := exec.CommandContext(t.Context(), python, filepath.Join("python", "peer.py"), library)
	// A place where it matters if a date has no time zone.
	command.Env = append(os.Environ(), "TZ=JST-9")
	return start(t, "apt-get install python3-botocore python3-"+library, rsaPEM, command)
}

// startNode starts a package of npm.
func startNode(t *testing.T, library string) *process {
	t.Helper()
	node := needs.Command(t, "node", "nodejs")
	command := exec.CommandContext(t.Context(), node, filepath.Join("js", "peer.mjs"), library)
	return start(t, "npm ci in proof/peers/js", testkeys.RSAPEM(), command)
}
