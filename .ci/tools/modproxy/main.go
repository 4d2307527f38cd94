// SPDX-License-Identifier: Apache-2.0

// Command modproxy adds modules of a repository to a file-system module proxy, as
// a revision has them and under the version that they are to have:
//
//	modproxy -repo . -rev HEAD -version v0.1.0 OUTPUT . keys/aws
//
// With it a release is tried before there is one.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const root = "github.com/cfsign/cfsign"

func main() {
	repo := flag.String("repo", ".", "the repository")
	rev := flag.String("rev", "HEAD", "the revision")
	version := flag.String("version", "", "the version to give to the modules")
	unlisted := flag.Bool("unlisted", false, "serve the version to those who ask for it, but do not say that it exists")
	flag.Parse()
	if err := run(*repo, *rev, *version, *unlisted, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(repo, rev, version string, unlisted bool, args []string) error {
	if version == "" || len(args) < 2 {
		return errors.New("usage: modproxy -version VERSION OUTPUT FOLDER, or several folders")
	}
	listed := version + "\n"
	if unlisted {
		listed = ""
	}
	for _, folder := range args[1:] {
		if err := add(args[0], repo, rev, version, listed, folder); err != nil {
			return fmt.Errorf("%s: %w", folder, err)
		}
	}
	return nil
}

// add writes the four files that the go command asks a proxy for.
func add(output, repo, rev, version, listed, folder string) error {
	m := module.Version{Path: path.Join(root, folder), Version: version}
	if err := module.Check(m.Path, m.Version); err != nil {
		return err
	}
	dir := filepath.Join(output, filepath.FromSlash(m.Path), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	info, err := json.Marshal(map[string]string{"Version": version})
	if err != nil {
		return err
	}
	mod, err := exec.Command("git", "-C", repo, "show", rev+":"+path.Join(folder, "go.mod")).Output()
	if err != nil {
		return fmt.Errorf("reading go.mod at %s: %w", rev, err)
	}
	for suffix, data := range map[string][]byte{".info": info, ".mod": mod} {
		if err := os.WriteFile(filepath.Join(dir, version+suffix), data, 0o644); err != nil {
			return err
		}
	}
	if err := list(filepath.Join(dir, "list"), listed); err != nil {
		return err
	}
	return archive(filepath.Join(dir, version+".zip"), m, repo, rev, folder)
}

// list adds to the versions that exist. Without that file the go command would ask
// the next proxy.
func list(name, versions string) (err error) {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = closeAfter(file, err) }()
	_, err = file.WriteString(versions)
	return err
}

func archive(name string, m module.Version, repo, rev, folder string) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = closeAfter(file, err) }()
	if folder == "." {
		folder = ""
	}
	return zip.CreateFromVCS(file, m, repo, rev, folder)
}

func closeAfter(file *os.File, err error) error {
	if closing := file.Close(); err == nil {
		return closing
	}
	return err
}
