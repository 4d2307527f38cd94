// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// outside are the modules that go.work leaves out, with the reasons.
var outside = map[string]string{
	"examples/infra": "CDK takes a minute and 850 MB to build",
	".ci/tools":      "the requirements of tools must not raise the requirements of other modules",
}

// check returns the problems, with what to do about them.
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

// checkIdentity: every module has the path of its folder and the same Go version.
func (r *repository) checkIdentity(m module) (problems []string) {
	if got := m.file.Module.Mod.Path; got != m.path() {
		problems = append(problems, fmt.Sprintf("has the path %s: write %s", got, m.path()))
	}
	want := r.work.Go.Version
	if m.file.Go == nil || m.file.Go.Version != want {
		problems = append(problems, fmt.Sprintf("write go %s, as in go.work", want))
	}
	if m.file.Toolchain != nil {
		problems = append(problems, "has a toolchain line: remove it, because users decide")
	}
	return problems
}

// checkOwn: importers get the required version, not its replacement, so a placeholder for the
// version would break them.
func (r *repository) checkOwn(m module) (problems []string) {
	for _, required := range m.file.Require {
		if own(required.Mod.Path) && required.Mod.Version != r.next {
			problems = append(problems, fmt.Sprintf("requires %s, but %s is next: run modules -set", required.Mod, r.next))
		}
	}
	return problems
}

// checkReplace: only modules of this repository are replaced, by their folders. A command
// replaces nothing, because go install refuses that.
func (r *repository) checkReplace(m module) (problems []string) {
	for _, replace := range m.file.Replace {
		at := path.Join(m.folder, replace.New.Path)
		switch {
		case m.command():
			problems = append(problems, fmt.Sprintf("replaces %s: remove it, because go install refuses it", replace.Old.Path))
		case !own(replace.Old.Path) || path.Join(root, at) != replace.Old.Path:
			problems = append(problems, fmt.Sprintf("replaces %s by %s: remove it, because importers do not get it", replace.Old.Path, replace.New.Path))
		}
	}
	if len(m.file.Exclude) > 0 {
		problems = append(problems, "excludes versions: remove it, because importers would get them")
	}
	return problems
}

// checkVersions: direct requirements have the same version everywhere. All requirements of a
// published module have the version with which go test work tests the module.
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
			problems = append(problems, fmt.Sprintf("requires %s %s, but another module requires %s: run go get %s@%s", path, version, want, path, want))
		}
	}
	return problems
}

// highest returns the versions with which the workspace is built.
func (r *repository) highest() map[string]string {
	return r.versions(func(m module, _ *modfile.Require) bool { return outside[m.folder] == "" })
}

// direct returns the highest versions that any module requires directly.
func (r *repository) direct() map[string]string {
	return r.versions(func(_ module, required *modfile.Require) bool { return !required.Indirect })
}

// versions returns the highest version of each module in the wanted requirements.
func (r *repository) versions(wanted func(module, *modfile.Require) bool) map[string]string {
	versions := map[string]string{}
	for _, m := range r.modules {
		for _, required := range m.file.Require {
			if path := required.Mod.Path; wanted(m, required) {
				versions[path] = slices.MaxFunc([]string{versions[path], required.Mod.Version}, semver.Compare)
			}
		}
	}
	return versions
}

// checkLists: go.work and Dependabot have all modules.
func (r *repository) checkLists(m module) (problems []string) {
	used := slices.ContainsFunc(r.work.Use, func(use *modfile.Use) bool { return path.Clean(use.Path) == m.folder })
	if left := outside[m.folder] != ""; used == left {
		problems = append(problems, "must be either in go.work or, with a reason, in the list of .ci/tools/modules/rules.go")
	}
	if !r.updated("gomod", m.folder) {
		problems = append(problems, fmt.Sprintf("is not in .github/dependabot.yml: add %q for gomod", "/"+m.folder))
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

// updated reports whether Dependabot updates the folder.
func (r *repository) updated(ecosystem, folder string) bool {
	folder = path.Clean("/" + folder)
	return slices.ContainsFunc(r.updates, func(u update) bool {
		return u.Ecosystem == ecosystem && slices.ContainsFunc(append(u.Directories, u.Directory), func(pattern string) bool {
			matched, err := path.Match(pattern, folder)
			return err == nil && matched
		})
	})
}
