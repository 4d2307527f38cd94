// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package keyfile

import (
	"io/fs"
	"os"
)

// own does nothing: a new file inherits what its folder allows.
func own(*os.File, fs.FileInfo) error { return nil }

// syncFolder does nothing: Windows cannot open a folder for writing.
func syncFolder(string) error { return nil }
