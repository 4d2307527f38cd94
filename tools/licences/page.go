// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const introduction = `# Dependencies

Written by ` + "`tools/licences`" + ` from the go.mod and package-lock.json files, and checked by CI. The licences
of Go modules are recognised in their files, those of npm packages are what their authors say.

Allowed are %s. Everything else is an exception, with its reason:

`

// render returns the page.
func render(dependencies []dependency) []byte {
	dependencies = slices.Clone(dependencies)
	for i := range dependencies {
		users := slices.Clone(dependencies[i].users)
		slices.Sort(users)
		dependencies[i].users = slices.Compact(users)
	}
	slices.SortFunc(dependencies, func(a, b dependency) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name), cmp.Compare(a.version, b.version))
	})
	var page bytes.Buffer
	fmt.Fprintf(&page, introduction, strings.Join(allowed, ", "))
	for _, d := range dependencies {
		if e, ok := exceptions[d.name]; ok {
			fmt.Fprintf(&page, "- `%s`, %s: %s.\n", d.name, strings.Join(e.found, " and "), e.why)
		}
	}
	table(&page, "What users of the library get", dependencies, func(d dependency) bool { return slices.ContainsFunc(d.users, published) })
	table(&page, "What examples, comparisons and tools get", dependencies, func(d dependency) bool { return !slices.ContainsFunc(d.users, published) })
	return page.Bytes()
}

func table(page *bytes.Buffer, title string, dependencies []dependency, wanted func(dependency) bool) {
	fmt.Fprintf(page, "\n## %s\n\n| dependency | version | licence | for |\n|---|---|---|---|\n", title)
	for _, d := range dependencies {
		if wanted(d) {
			fmt.Fprintf(page, "| %s | %s | %s | %s |\n", d.name, d.version, strings.Join(d.licences, " and "), who(d))
		}
	}
}

// published reports whether a folder is one of the modules that are released.
func published(folder string) bool {
	first, _, _ := strings.Cut(folder, "/")
	return first == "." || first == "keys" || first == "cmd"
}

// who names the users that the table is about.
func who(d dependency) string {
	var users []string
	for _, user := range d.users {
		if published(user) || !slices.ContainsFunc(d.users, published) {
			users = append(users, user)
		}
	}
	if users[0] == "." {
		users[0] = "the library"
	}
	return strings.Join(users, ", ")
}
