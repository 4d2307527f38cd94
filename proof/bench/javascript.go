// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	installNode = "install nodejs and npm (20 or later)"
	installJS   = "run it with -install, or npm ci in proof/bench/peers/js"
)

// startJS starts the AWS SDK for JavaScript. It signs SHA-256 and takes keys of both
// kinds.
func startJS(ctx context.Context, home string, install bool, w *workload) (*peer, error) {
	node, err := find("node", installNode)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(home, "peers", "js")
	if err := installPackages(ctx, folder, install); err != nil {
		return nil, err
	}
	p := &peer{contestant: awsJS, rows: []row{rowKey, rowCanned, rowCustom, rowCookies, rowThousand}}
	return p, startPeer(ctx, p, w, installJS, node, filepath.Join(folder, "measure.mjs"))
}

// installPackages installs the versions of package-lock.json, if that is asked for and
// they are not there.
func installPackages(ctx context.Context, folder string, install bool) error {
	_, err := os.Stat(filepath.Join(folder, "node_modules"))
	if !install || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	npm, err := find("npm", installNode)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, npm, "ci", "--no-audit", "--no-fund")
	command.Dir, command.Stdout, command.Stderr = folder, os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("npm ci: %w", err)
	}
	return nil
}
