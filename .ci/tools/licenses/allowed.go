// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
)

// allowed are the licenses that ask for no more than a notice.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0"}

// unknown stands for a text that is not recognized as a license.
const unknown = "unknown"

// An exception is what else is allowed to one dependency, for a reason.
type exception struct {
	found []string
	why   string
}

// exceptions are decided one by one: what copyleft asks for depends on the use, and
// texts that are not recognized have to be read.
var exceptions = map[string]exception{
	"github.com/aws/aws-lambda-go":       {[]string{unknown}, "the unknown text says which of its files have which of the two licenses"},
	"github.com/hashicorp/golang-lru/v2": {[]string{"MPL-2.0"}, "used as it is; if you change its files, you must publish those, and nothing else"},
	"modernc.org/libc":                   {[]string{unknown}, "the unknown text has the notices of what it was made from, all of them permissive"},
	"modernc.org/memory":                 {[]string{unknown}, "the unknown text names where a picture is from"},
	"modernc.org/sqlite":                 {[]string{"MPL-2.0", unknown}, "SQLite itself is in the public domain; MPL-2.0 is the license of golang-lru among the notices of others"},
	"querystring":                        {[]string{unknown}, "MIT, in an old form that lock files do not have; runs in a test"},
	"type-fest":                          {[]string{"(MIT OR CC0-1.0)"}, "MIT is chosen; runs in a test"},
}

// judge returns an error unless every license of d is allowed to it.
func judge(d dependency) error {
	for _, license := range d.licenses {
		if !slices.Contains(allowed, license) && !slices.Contains(exceptions[d.name].found, license) {
			return fmt.Errorf("%s %s, for %s: %s is neither allowed nor an exception in .ci/tools/licenses/allowed.go",
				d.name, d.version, strings.Join(d.users, ", "), license)
		}
	}
	return nil
}
