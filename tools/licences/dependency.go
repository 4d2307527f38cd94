// SPDX-License-Identifier: Apache-2.0

package main

// A dependency is a module or package of others, at one version.
type dependency struct {
	kind     string // "Go" or "npm"
	name     string
	version  string
	licences []string // SPDX identifiers, sorted
	users    []string // folders of the modules that require it
}
