// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/style.css
	pageStyle string
	//go:embed page/seal.js
	pageSeal string
	//go:embed page/lzma.js
	pageLZMA string
	//go:embed page/page.js
	pageScript string
)

// program is the package that runs in the page.
const program = "github.com/cfsign/cfsign/cmd/cfsign/playground/wasm"

// build returns the page with everything in it.
func build(ctx context.Context) ([]byte, error) {
	folder, err := os.MkdirTemp("", "playground")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	wasm := filepath.Join(folder, "playground.wasm")
	if err := compile(ctx, wasm); err != nil {
		return nil, err
	}
	size, packed, err := compress(ctx, wasm)
	if err != nil {
		return nil, err
	}
	glue, err := glueOfGo(ctx)
	if err != nil {
		return nil, err
	}
	return assemble(size, packed, strings.Join([]string{pageSeal, glue, pageLZMA, pageScript}, "\n"))
}

// compile builds the program. Calls are not inlined: that makes the program larger, but its
// compressed form smaller.
func compile(ctx context.Context, path string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-gcflags=all=-l", "-ldflags=-s -w", "-o", path, program)
	command.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	_, err := outputOf(command)
	return err
}

// compress returns the size of a file, and the file in the .lzma format. Gzip, which browsers can
// decompress, needs 2.5 MB for the program.
func compress(ctx context.Context, path string) (size int64, packed []byte, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, nil, err
	}
	xz, err := exec.LookPath("xz")
	if err != nil {
		return 0, nil, errors.New("xz is missing: install xz-utils (Debian, Ubuntu) or xz (Homebrew)")
	}
	packed, err = outputOf(exec.CommandContext(ctx, xz, "--format=lzma", "--extreme", "-9", "--stdout", path))
	return info.Size(), packed, err
}

// glueOfGo returns Go's script that runs programs in browsers. It belongs to the Go release.
func glueOfGo(ctx context.Context) (string, error) {
	root, err := outputOf(exec.CommandContext(ctx, "go", "env", "GOROOT"))
	if err != nil {
		return "", err
	}
	glue, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	return string(glue), err
}

// outputOf runs a command. Its error has what the command says.
func outputOf(command *exec.Cmd) ([]byte, error) {
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(command.Path), err, stderr.Bytes())
	}
	return output, nil
}

// assemble puts everything into the page. The page's policy allows exactly its own script and
// style, and no connection.
func assemble(size int64, packed []byte, script string) ([]byte, error) {
	if strings.Contains(strings.ToLower(script), "</script") || strings.Contains(script+pageStyle, "\r") {
		return nil, errors.New("the script would end early, or has a line break of Windows")
	}
	policy := strings.Join([]string{
		"default-src 'none'",
		"script-src " + hashSource(script) + " 'wasm-unsafe-eval'",
		"style-src " + hashSource(pageStyle),
		"img-src data:", // the empty icon, which no browser fetches
		"connect-src 'none'", "form-action 'none'", "base-uri 'none'",
		"require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; ")
	page := strings.NewReplacer(
		"{{.Policy}}", policy, "{{.Style}}", pageStyle, "{{.Script}}", script,
		"{{.Size}}", strconv.FormatInt(size, 10), "{{.Program}}", base64.StdEncoding.EncodeToString(packed),
	).Replace(pageHTML)
	return []byte(page), nil
}

// hashSource returns the source of a Content-Security-Policy that allows exactly this text.
func hashSource(text string) string {
	hash := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
}
