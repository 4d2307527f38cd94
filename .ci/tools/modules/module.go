// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// root is the path of the module in the root, and the prefix of the others'.
const root = "github.com/cfsign/cfsign"

// unpublished are the folders whose modules are for this repository alone.
var unpublished = []string{"examples", "proof", ".ci"}

// A module is one go.mod of the repository.
type module struct {
	folder string // "." for the root
	file   *modfile.File
}

func (m module) published() bool {
	first, _, _ := strings.Cut(m.folder, "/")
	return !slices.Contains(unpublished, first)
}

// command reports whether the module is one to be installed by its name.
func (m module) command() bool { return strings.HasPrefix(m.folder, "cmd/") }

// path is what the module must be called in its folder. Go refuses a leading dot.
func (m module) path() string { return path.Join(root, strings.TrimPrefix(m.folder, ".ci/")) }

// own reports whether the path is that of a module of this repository.
func own(path string) bool { return path == root || strings.HasPrefix(path, root+"/") }
