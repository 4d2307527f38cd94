// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"github.com/goccy/go-yaml"
	"golang.org/x/mod/modfile"
)

// A repository holds the files that the rules check.
type repository struct {
	dir     string
	next    string // the next version
	modules []module
	locks   []string // folders with a package-lock.json
	work    *modfile.WorkFile
	updates []update // of Dependabot
	floors  []floor  // floors.json
}

// An update is an entry of .github/dependabot.yml.
type update struct {
	Ecosystem   string `yaml:"package-ecosystem"`
	Directory   string
	Directories []string
}

// heading matches a heading of CHANGELOG.md.
var heading = regexp.MustCompile(`(?m)^## (.*)$`)

// versionHeading matches a heading with a version and its date, or "unreleased".
var versionHeading = regexp.MustCompile(`^(v\d+\.\d+\.\d+) \((unreleased|\d{4}-\d\d-\d\d)\)$`)

func read(dir string) (*repository, error) {
	floors, err := readFloors(floorsFile)
	if err != nil {
		return nil, err
	}
	r := &repository{dir: dir, floors: floors}
	if err := r.walk(); err != nil {
		return nil, err
	}
	for name, use := range map[string]func([]byte) error{
		"go.work":                r.readWork,
		"CHANGELOG.md":           r.readChanges,
		".github/dependabot.yml": r.readUpdates,
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = use(data)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r, nil
}

func (r *repository) readWork(data []byte) (err error) {
	r.work, err = modfile.ParseWork("go.work", data, nil)
	return err
}

func (r *repository) readChanges(data []byte) error {
	first := heading.FindSubmatch(data)
	if first == nil {
		return errors.New(`has no version: begin with "## v0.1.0 (unreleased)"`)
	}
	version := versionHeading.FindSubmatch(bytes.TrimSpace(first[1]))
	if version == nil {
		return fmt.Errorf(`the newest heading is %q: write it as "v0.1.0 (unreleased)", or with the date`, first[1])
	}
	r.next = string(version[1])
	return nil
}

func (r *repository) readUpdates(data []byte) error {
	var config struct{ Updates []update }
	err := yaml.Unmarshal(data, &config)
	r.updates = config.Updates
	return err
}

// walk finds the modules and the npm packages.
func (r *repository) walk() error {
	return fs.WalkDir(os.DirFS(r.dir), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git"):
			return fs.SkipDir
		case entry.Name() == "package-lock.json":
			r.locks = append(r.locks, path.Dir(name))
		case entry.Name() == "go.mod":
			return r.add(name)
		}
		return nil
	})
}

func (r *repository) add(name string) error {
	data, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		return err
	}
	file, err := modfile.Parse(name, data, nil)
	if err != nil {
		return err
	}
	r.modules = append(r.modules, module{folder: path.Dir(name), file: file})
	return nil
}
