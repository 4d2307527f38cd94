// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// outside are the modules that go.work leaves out, and why.
var outside = map[string]string{
	"examples/infra": "CDK takes a minute and 850 MB to build",
	".ci/tools":      "what tools require must not join the others' requirements",
}

// check returns what is out of step, in words that say what to do.
func (r *repository) check() []string {
	highest, direct := r.highest(), r.direct()
	var problems []string
	for _, m := range r.modules {
		for _, rule := range []func(module) []string{
			r.checkIdentity,
			r.checkOwn,
			r.checkReplace,
			func(m module) []string { return r.checkVersions(m, highest, direct) },
			r.checkLists,
			r.checkFloors,
		} {
			for _, problem := range rule(m) {
				problems = append(problems, path.Join(m.folder, "go.mod")+": "+problem)
			}
		}
	}
	return append(problems, r.checkLocks()...)
}

// checkIdentity: every module has the path of its folder and one Go version.
func (r *repository) checkIdentity(m module) (problems []string) {
	if got := m.file.Module.Mod.Path; got != m.path() {
		problems = append(problems, fmt.Sprintf("is called %s, want %s", got, m.path()))
	}
	want := r.work.Go.Version
	if m.file.Go == nil || m.file.Go.Version != want {
		problems = append(problems, fmt.Sprintf("write go %s, which is that of go.work", want))
	}
	if m.file.Toolchain != nil {
		problems = append(problems, "has a toolchain line, which would decide for the user")
	}
	return problems
}

// checkOwn: importers see what is required, not what replaces it, so a
// placeholder for the version would break them.
func (r *repository) checkOwn(m module) (problems []string) {
	for _, required := range m.file.Require {
		if own(required.Mod.Path) && required.Mod.Version != r.next {
			problems = append(problems, fmt.Sprintf("requires %s, and %s is next: run modules -set", required.Mod, r.next))
		}
	}
	return problems
}

// checkReplace: only modules of this repository are replaced, by their folders,
// and none in a command, because go install refuses that.
func (r *repository) checkReplace(m module) (problems []string) {
	for _, replace := range m.file.Replace {
		at := path.Join(m.folder, replace.New.Path)
		switch {
		case m.command():
			problems = append(problems, fmt.Sprintf("replaces %s: with that go install would not work", replace.Old.Path))
		case !own(replace.Old.Path) || path.Join(root, at) != replace.Old.Path:
			problems = append(problems, fmt.Sprintf("replaces %s by %s: importers would get something else", replace.Old.Path, replace.New.Path))
		}
	}
	if len(m.file.Exclude) > 0 {
		problems = append(problems, "excludes versions: importers would get them")
	}
	return problems
}

// checkVersions: what is required directly has one version everywhere, and what a
// published module requires at all is what go test work tests it with.
func (r *repository) checkVersions(m module, highest, direct map[string]string) (problems []string) {
	for _, required := range m.file.Require {
		path, version := required.Mod.Path, required.Mod.Version
		var want string
		switch {
		case own(path):
			continue
		case m.published():
			want = highest[path]
		case !required.Indirect:
			want = direct[path]
		}
		if want != "" && version != want {
			problems = append(problems, fmt.Sprintf("requires %s %s, another module %s: run go get %s@%s", path, version, want, path, want))
		}
	}
	return problems
}

// highest returns the versions with which the workspace is built.
func (r *repository) highest() map[string]string {
	versions := map[string]string{}
	for _, m := range r.modules {
		if outside[m.folder] == "" {
			raise(versions, m, true)
		}
	}
	return versions
}

// direct returns the highest versions that any module requires directly.
func (r *repository) direct() map[string]string {
	versions := map[string]string{}
	for _, m := range r.modules {
		raise(versions, m, false)
	}
	return versions
}

func raise(versions map[string]string, m module, indirect bool) {
	for _, required := range m.file.Require {
		if indirect || !required.Indirect {
			path := required.Mod.Path
			versions[path] = slices.MaxFunc([]string{versions[path], required.Mod.Version}, semver.Compare)
		}
	}
}

// checkLists: whoever goes through the modules by a list has all of them.
func (r *repository) checkLists(m module) (problems []string) {
	used := slices.ContainsFunc(r.work.Use, func(use *modfile.Use) bool { return path.Clean(use.Path) == m.folder })
	if left := outside[m.folder] != ""; used == left {
		problems = append(problems, "must be either in go.work or, with a reason, in the list of .ci/tools/modules/rules.go")
	}
	if !r.updated("gomod", m.folder) {
		problems = append(problems, fmt.Sprintf("is not in .github/dependabot.yml: add %q for gomod", "/"+m.folder))
	}
	if m.published() && m.folder != "." && !strings.Contains(r.releasing, m.folder) {
		problems = append(problems, "docs/releasing.md does not say how to release it")
	}
	return problems
}

func (r *repository) checkLocks() (problems []string) {
	for _, folder := range r.locks {
		if !r.updated("npm", folder) {
			problems = append(problems, fmt.Sprintf("%s/package-lock.json: is not in .github/dependabot.yml: add %q for npm", folder, "/"+folder))
		}
	}
	return problems
}

// updated reports whether Dependabot looks after the folder.
func (r *repository) updated(ecosystem, folder string) bool {
	folder = path.Clean("/" + folder)
	return slices.ContainsFunc(r.updates, func(u update) bool {
		return u.Ecosystem == ecosystem && slices.ContainsFunc(append(u.Directories, u.Directory), func(pattern string) bool {
			matched, err := path.Match(pattern, folder)
			return err == nil && matched
		})
	})
}
