// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

const root = "github.com/cfsign/cfsign"

// goDependencies returns what the go.mod files below dir require. Since Go 1.17
// these name every module that a build or a test of theirs uses on any platform.
func goDependencies(dir string) ([]dependency, error) {
	users := map[module.Version][]string{}
	err := each(dir, "go.mod", func(name string, data []byte) error {
		file, err := modfile.Parse(name, data, nil)
		if err != nil {
			return err
		}
		for _, required := range file.Require {
			if m := required.Mod; m.Path != root && !strings.HasPrefix(m.Path, root+"/") {
				users[m] = append(users[m], path.Dir(name))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	folders, err := download(users)
	if err != nil {
		return nil, err
	}
	var dependencies []dependency
	for m, users := range users {
		licences, err := licencesIn(folders[m])
		if err != nil {
			return nil, err
		}
		dependencies = append(dependencies, dependency{kind: "Go", name: m.Path, version: m.Version, licences: licences, users: users})
	}
	return dependencies, nil
}

// each reads the files of that name, whatever folder they are in.
func each(dir, name string, use func(name string, data []byte) error) error {
	return fs.WalkDir(os.DirFS(dir), ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git"):
			return fs.SkipDir
		case entry.Name() != name:
			return nil
		}
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return err
		}
		return use(file, data)
	})
}

// download returns the folders of modules, which it has the go command fetch.
func download(modules map[module.Version][]string) (map[module.Version]string, error) {
	args := []string{"mod", "download", "-json"}
	for m := range modules {
		args = append(args, m.String())
	}
	command := exec.Command("go", args...)
	command.Dir = os.TempDir() // in no module
	command.Env = append(os.Environ(), "GOWORK=off")
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go mod download: %w\n%s", err, output)
	}
	folders := map[module.Version]string{}
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var m struct{ Path, Version, Dir string }
		if err := decoder.Decode(&m); errors.Is(err, io.EOF) {
			return folders, nil
		} else if err != nil {
			return nil, err
		}
		folders[module.Version{Path: m.Path, Version: m.Version}] = m.Dir
	}
}

// licenceFile are the names under which licences are found.
var licenceFile = regexp.MustCompile(`(?i)^((un)?licen[cs]e|copying)([-.].*)?$`)

// licencesIn returns the licences in the folder of a module. Of a text that is
// only partly a licence there may be more to know, so it is one without a name.
func licencesIn(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var licences []string
	for _, entry := range entries {
		if entry.IsDir() || strings.HasSuffix(entry.Name(), ".go") || !licenceFile.MatchString(entry.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		licences = append(licences, identify(data)...)
	}
	if len(licences) == 0 {
		return []string{unknown}, nil
	}
	slices.Sort(licences)
	return slices.Compact(licences), nil
}

// enough is how much of a file has to be the text of licences, in per cent. The
// rest is who has the copyright.
const enough = 75

func identify(text []byte) []string {
	coverage := licensecheck.Scan(text)
	var licences []string
	if coverage.Percent < enough {
		licences = append(licences, unknown)
	}
	for _, match := range coverage.Match {
		licences = append(licences, match.ID)
	}
	return licences
}
