// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMain lets .ci/release run this test binary as modules.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_AS_MODULES") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A release is a repository without a mistake, with an empty origin and with checks that only
// note that they ran.
type release struct {
	t                       *testing.T
	dir, origin, bin, notes string
	env                     []string
}

// checks are the scripts that .ci/release runs. With -sums, the first one writes a sum.
var checks = map[string]string{
	"modules": `[ "${2-}" != -sums ] || echo "github.com/cfsign/cfsign v0.2.0 h1:x" >>cmd/cfsign/go.sum`,
	"api":     `[ ! -e ../late ] || sh -e ../late`,
	"install": "",
	"supply":  "[ ! -e ../vulnerable ]",
}

func newRelease(t *testing.T) *release {
	t.Helper()
	above := t.TempDir()
	r := &release{t: t, dir: write(t, "CHANGELOG.md", "(unreleased)\n", "(unreleased)\n\n- A change.\n")}
	r.origin, r.bin, r.notes = filepath.Join(above, "origin"), filepath.Join(above, "bin"), filepath.Join(above, "notes")
	r.env = append(os.Environ(), "NOTES="+r.notes, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	for _, person := range []string{"GIT_AUTHOR_", "GIT_COMMITTER_"} {
		r.env = append(r.env, person+"NAME=Test", person+"EMAIL=test@example.com")
	}

	script, err := os.ReadFile(filepath.Join("..", "..", "release"))
	if err != nil {
		t.Fatal(err)
	}
	r.script(filepath.Join(r.dir, ".ci", "release"), string(script))
	for name, body := range checks {
		r.script(filepath.Join(r.dir, ".ci", name), fmt.Sprintf("#!/bin/sh -e\necho %s >>\"$NOTES\"\n%s\n", name, body))
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r.script(filepath.Join(r.bin, "modules"), fmt.Sprintf("#!/bin/sh\nRUN_AS_MODULES=yes exec %q \"$@\"\n", self))

	r.must("git", "init", "--quiet", "--bare", r.origin)
	// The hook notes what each push changes.
	r.script(filepath.Join(r.origin, "hooks", "pre-receive"), "#!/bin/sh\necho pushed $(cut -d ' ' -f 3 | sort) >>\"$NOTES\"\n")
	r.must("git", "init", "--quiet", "--initial-branch=main")
	r.must("git", "remote", "add", "origin", r.origin)
	r.commit("first")
	r.must("git", "push", "--quiet", "origin", "main")
	r.written() // forgets the first push
	return r
}

func (r *release) script(name, text string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		r.t.Fatal(err)
	}
}

// run runs a command in the repository and returns its output.
func (r *release) run(command ...string) (string, error) {
	c := exec.Command(command[0], command[1:]...)
	c.Dir, c.Env = r.dir, r.env
	output, err := c.CombinedOutput()
	return strings.TrimSpace(string(output)), err
}

func (r *release) must(command ...string) string {
	r.t.Helper()
	output, err := r.run(command...)
	if err != nil {
		r.t.Fatalf("%q: %v\n%s", command, err, output)
	}
	return output
}

func (r *release) commit(message string) {
	r.t.Helper()
	r.must("git", "add", "--all")
	r.must("git", "commit", "--quiet", "--allow-empty", "--message="+message)
}

// ci runs .ci/release.
func (r *release) ci(command ...string) (string, error) {
	return r.run(append([]string{".ci/release", r.bin}, command...)...)
}

func (r *release) mustCI(command ...string) {
	r.t.Helper()
	r.must(append([]string{".ci/release", r.bin}, command...)...)
}

// prepare does everything that must come before tag.
func (r *release) prepare() {
	r.t.Helper()
	r.mustCI("prepare")
	r.must("git", "push", "--quiet", "origin", "refs/heads/main")
}

// written returns what the checks and the origin noted since the last call.
func (r *release) written() []string {
	r.t.Helper()
	data, err := os.ReadFile(r.notes)
	if err != nil {
		return nil
	}
	if err := os.Remove(r.notes); err != nil {
		r.t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

func TestRelease(t *testing.T) {
	r := newRelease(t)
	r.mustCI("prepare")
	if got, want := r.must("git", "show", "--format=%s", "--name-only", "HEAD"), "release v0.2.0\n\nCHANGELOG.md\ncmd/cfsign/go.sum"; got != want {
		t.Errorf("prepare made the commit %q, want %q", got, want)
	}
	if got := r.must("head", "-n", "3", "CHANGELOG.md"); !versionHeading.MatchString(got[strings.LastIndex(got, "v0.2.0"):]) || strings.Contains(got, "unreleased") {
		t.Errorf("the heading is %q, want a date", got)
	}
	if got, err := r.ci("notes"); err != nil || got != "- A change." {
		t.Errorf("the notes are %q, %v, want only the newest entry", got, err)
	}

	r.must("git", "push", "--quiet", "origin", "main")
	r.written()
	r.mustCI("tag")
	if got, want := r.written(), []string{"modules", "api", "install", "supply"}; !slices.Equal(got, want) {
		t.Errorf("tag ran %q, want %q and no push", got, want)
	}
	const tags = "cmd/cfsign/v0.2.0\nkeys/nested/v0.2.0\nv0.2.0" // and none for examples
	if got := r.must("git", "tag", "--points-at", "HEAD"); got != tags {
		t.Errorf("tag made %q, want %q", got, tags)
	}

	r.mustCI("push")
	want := []string{"pushed refs/tags/cmd/cfsign/v0.2.0 refs/tags/keys/nested/v0.2.0", "pushed refs/tags/v0.2.0"}
	if got := r.written(); !slices.Equal(got, want) {
		t.Errorf("origin got %q, want %q: the tag of the root starts the workflow, alone and last", got, want)
	}
	r.mustCI("check", "v0.2.0")
}

// TestPushGoesOn: a push that failed in the middle can be repeated, although main has grown.
func TestPushGoesOn(t *testing.T) {
	r := newRelease(t)
	r.prepare()
	r.mustCI("tag")
	r.must("git", "push", "--quiet", "origin", "keys/nested/v0.2.0", "cmd/cfsign/v0.2.0")
	r.commit("late")
	r.must("git", "push", "--quiet", "origin", "main")
	r.must("git", "reset", "--quiet", "--hard", "HEAD~1")
	r.written()
	r.mustCI("push")
	if got, want := r.written(), []string{"pushed refs/tags/v0.2.0"}; !slices.Equal(got, want) {
		t.Errorf("origin got %q, want %q", got, want)
	}
}

// TestPushTakesTags: a branch can have the name of a tag.
func TestPushTakesTags(t *testing.T) {
	r := newRelease(t)
	r.prepare()
	r.mustCI("tag")
	for _, tag := range []string{"v0.2.0", "keys/nested/v0.2.0"} {
		r.must("git", "branch", tag, "HEAD~1")
	}
	r.written()
	r.mustCI("push")
	want := []string{"pushed refs/tags/cmd/cfsign/v0.2.0 refs/tags/keys/nested/v0.2.0", "pushed refs/tags/v0.2.0"}
	if got := r.written(); !slices.Equal(got, want) {
		t.Errorf("origin got %q, want %q", got, want)
	}
}

// TestTagKeepsToTheCheckedCommit: the checks take minutes, and you may go on working.
func TestTagKeepsToTheCheckedCommit(t *testing.T) {
	for why, late := range map[string]string{
		"another commit":         "git commit --quiet --allow-empty --message=late",
		"a file":                 "echo changed >>CHANGELOG.md",
		"a new file":             "touch new.go",
		"a commit and its files": "touch new.go && git add new.go && git commit --quiet --message=late",
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			r := newRelease(t)
			r.prepare()
			r.script(filepath.Join(filepath.Dir(r.dir), "late"), late+"\n")
			if output, err := r.ci("tag"); err == nil || !strings.Contains(output, "during the checks") {
				t.Errorf("got %v and %q, want an error", err, output)
			}
			if tags := r.must("git", "tag"); tags != "" {
				t.Errorf("tag made %q", tags)
			}
		})
	}
}

func TestReleaseRefuses(t *testing.T) {
	prepared := func(r *release) { r.mustCI("prepare") }
	tagged := func(r *release) {
		r.prepare()
		r.mustCI("tag")
	}
	for _, test := range []struct {
		why     string
		before  func(*release)
		command string
		want    string
	}{
		{"a file that is not committed", func(r *release) { r.script(filepath.Join(r.dir, "new.go"), "package x\n") }, "prepare", "new.go"},
		{"another branch", func(r *release) { r.must("git", "switch", "--quiet", "-c", "feature") }, "prepare", "branch feature"},
		{"no branch", func(r *release) { r.must("git", "switch", "--quiet", "--detach") }, "prepare", "switch to main"},
		{"a colleague has pushed", func(r *release) {
			r.commit("second")
			r.must("git", "push", "--quiet", "origin", "main")
			r.must("git", "reset", "--quiet", "--hard", "HEAD~1")
		}, "prepare", "git pull"},
		{"the version is tagged here", func(r *release) { r.must("git", "tag", "v0.2.0") }, "prepare", "v0.2.0 exists"},
		{"one module is tagged in origin", func(r *release) {
			r.must("git", "tag", "keys/nested/v0.2.0")
			r.must("git", "push", "--quiet", "origin", "keys/nested/v0.2.0")
			r.must("git", "tag", "--delete", "keys/nested/v0.2.0")
		}, "prepare", "keys/nested/v0.2.0 exists"},
		{"an entry without changes", func(r *release) {
			r.must("sed", "-i", "/A change/d", "CHANGELOG.md")
			r.commit("second")
		}, "prepare", "entry of v0.2.0 in CHANGELOG.md is empty"},
		{"prepared twice", prepared, "prepare", "date of v0.2.0 already"},
		{"not prepared", func(*release) {}, "tag", "no date for v0.2.0"},
		{"CI has not seen the commit", prepared, "tag", "wait until CI has passed"},
		{"changes after preparing", func(r *release) {
			r.prepare()
			r.must("sed", "-i", "s/A change/Changes/", "CHANGELOG.md")
		}, "tag", "CHANGELOG.md"},
		{"a check fails", func(r *release) {
			r.prepare()
			r.script(filepath.Join(filepath.Dir(r.dir), "vulnerable"), "")
		}, "tag", ""},
		{"not tagged", (*release).prepare, "push", "run .ci/release"},
		{"one module is not tagged", func(r *release) {
			tagged(r)
			r.must("git", "tag", "--delete", "keys/nested/v0.2.0")
		}, "push", "keys/nested/v0.2.0 is not"},
		{"one module is tagged elsewhere", func(r *release) {
			tagged(r)
			r.must("git", "tag", "--force", "keys/nested/v0.2.0", "HEAD~1")
		}, "push", "keys/nested/v0.2.0 is not"},
		{"tagged by hand before main was pushed", func(r *release) {
			tagged(r)
			r.commit("late")
			for _, tag := range []string{"v0.2.0", "keys/nested/v0.2.0", "cmd/cfsign/v0.2.0"} {
				r.must("git", "tag", "--force", tag)
			}
		}, "push", "push main"},
		{"origin has another commit with the last tag", func(r *release) {
			tagged(r)
			r.must("git", "push", "--quiet", "origin", "HEAD~1:refs/tags/v0.2.0")
		}, "push", "another v0.2.0"},
		{"origin has another tag of the same commit", func(r *release) {
			tagged(r)
			r.must("git", "push", "--quiet", "origin", "HEAD:refs/tags/v0.2.0")
		}, "push", "another v0.2.0"},
		{"the workflow runs for another tag", tagged, "check v0.2.1", "newest version in CHANGELOG.md is v0.2.0"},
		{"the workflow runs for a tag made by hand", func(r *release) { r.must("git", "tag", "v0.2.0") }, "check v0.2.0", "no date for v0.2.0"},
		{"the workflow runs for a branch", func(r *release) {
			tagged(r)
			r.commit("late")
		}, "check v0.2.0", "v0.2.0 is not"},
		{"the workflow runs without the other tags", func(r *release) {
			tagged(r)
			r.must("git", "tag", "--delete", "keys/nested/v0.2.0")
		}, "check v0.2.0", "keys/nested/v0.2.0 is not"},
		{"the workflow runs for a commit that is not on main", func(r *release) {
			r.mustCI("prepare")
			for _, tag := range []string{"v0.2.0", "keys/nested/v0.2.0", "cmd/cfsign/v0.2.0"} {
				r.must("git", "tag", tag)
			}
		}, "check v0.2.0", "push main"},
		{"no tag to check", func(*release) {}, "check", "name the tag"},
		{"a rehearsal without a folder", func(*release) {}, "rehearse", "name an empty folder"},
		{"a rehearsal into a folder that is missing", func(*release) {}, "rehearse ../missing", "missing is not an empty folder"},
		{"a rehearsal into a folder with files", func(*release) {}, "rehearse .", "is not an empty folder"},
		{"a word that is no command", func(*release) {}, "publish", "no command publish"},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			r := newRelease(t)
			test.before(r)
			r.written()
			before := r.must("git", "for-each-ref") + r.must("git", "status", "--porcelain")
			output, err := r.ci(strings.Fields(test.command)...)
			if err == nil || !strings.Contains(output, test.want) {
				t.Errorf("got %v and %q, want an error with %q", err, output, test.want)
			}
			if after := r.must("git", "for-each-ref") + r.must("git", "status", "--porcelain"); after != before {
				t.Errorf("the repository has changed from\n%s\nto\n%s", before, after)
			}
			for _, line := range r.written() {
				if strings.HasPrefix(line, "pushed") {
					t.Errorf("origin has %q", line)
				}
			}
		})
	}
}
