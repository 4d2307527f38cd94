// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"path"
	"strings"
)

// npmDependencies returns what the package-lock.json files below dir have, with
// the licences that the packages say they have.
func npmDependencies(dir string) ([]dependency, error) {
	type version struct{ name, version string }
	found := map[version]*dependency{}
	err := each(dir, "package-lock.json", func(file string, data []byte) error {
		var lock struct {
			Packages map[string]struct{ Version, License string }
		}
		if err := json.Unmarshal(data, &lock); err != nil {
			return err
		}
		for at, p := range lock.Packages {
			if at == "" {
				continue // the package itself
			}
			name := at[strings.LastIndex("/"+at, "/node_modules/")+len("node_modules/"):]
			v := version{name, p.Version}
			if found[v] == nil {
				licence := cmp.Or(p.License, unknown)
				found[v] = &dependency{kind: "npm", name: name, version: p.Version, licences: []string{licence}}
			}
			found[v].users = append(found[v].users, path.Dir(file))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var dependencies []dependency
	for _, d := range found {
		dependencies = append(dependencies, *d)
	}
	return dependencies, nil
}
