// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

// TestLogsInterrupted: Ctrl-C prints what was found, and the exit code is the code of shells.
func TestLogsInterrupted(t *testing.T) {
	for format, part := range map[string]string{"--json=false": "interrupted: all numbers", "--json": `"interrupted": true`} {
		reading, writing := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			io.WriteString(writing, "sc-status cs-uri-stem\n"+strings.Repeat("403 /a\n", 100_000))
			cancel() // the pipe stays open
		}()
		var output, errors bytes.Buffer
		code := run(ctx, []string{"logs", format, "-"}, reading, &output, &errors)
		writing.Close()
		if code != exitInterrupted || !strings.Contains(errors.String(), "interrupted") || !strings.Contains(output.String(), part) {
			t.Errorf("%s: exit code %d, %s, %s", format, code, output.String(), errors.String())
		}
	}
}
