// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
)

// write prints the report, or writes it and the chart into a folder.
func write(r results, folder string, stdout io.Writer) error {
	if folder == "" {
		_, err := io.WriteString(stdout, r.markdown(false))
		return err
	}
	picture, err := r.chart()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "results.svg"), picture, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "RESULTS.md"), []byte(r.markdown(true)), 0o644)
}
