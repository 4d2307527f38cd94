// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os/exec"
	"path/filepath"
)

const (
	installPython   = "install python3"
	installBotocore = "pip install -r proof/bench/peers/python/requirements.txt, or install python3-botocore and python3-cryptography"
)

// findPython returns the first python3 that has botocore. One on the path may hide
// that of the system, for which Debian's packages are.
func findPython(ctx context.Context) (string, error) {
	onPath, err := find("python3", installPython)
	if err != nil {
		return "", err
	}
	for _, python := range []string{onPath, "/usr/bin/python3"} {
		if exec.CommandContext(ctx, python, "-c", "import botocore, cryptography").Run() == nil {
			return python, nil
		}
	}
	return "", &missingError{what: "botocore", install: installBotocore}
}

// startPython starts botocore, whose signer calls a function that signs with the
// package cryptography. Its URLs name no hash, so that function has to sign SHA-1.
func startPython(ctx context.Context, home string, w *workload) (*peer, error) {
	python, err := findPython(ctx)
	if err != nil {
		return nil, err
	}
	p := &peer{contestant: botocore, rows: []row{rowKey, rowCanned, rowCustom, rowThousand}}
	return p, startPeer(ctx, p, w, installBotocore, python, filepath.Join(home, "peers", "python", "measure.py"))
}
