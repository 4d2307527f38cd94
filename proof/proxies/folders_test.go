// SPDX-License-Identifier: Apache-2.0

package proxies_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing/fstest"
)

// most is how many folders a user may have.
const most = 10

// folders returns n folders, named by UUID as applications name them. There are two sets.
func folders(set string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("3f2504e0-4f89-41d3-9a0c-0305e82c33%s%d", set, i)
	}
	return names
}

// foldersOf returns the folders of a user, whose name is a set and a number: "a4" may
// fetch four folders of the set "a".
func foldersOf(user string) []string {
	if user == "" {
		return nil
	}
	n, _ := strconv.Atoi(strings.TrimLeft(user, "ab"))
	return folders(user[:1], n)
}

// urlOf returns the address of the file in a folder.
func urlOf(folder string) string { return "https://cdn.example.com/users/" + folder + "/a.txt" }

// files returns one file for every folder.
func files() fstest.MapFS {
	all := fstest.MapFS{}
	for _, set := range []string{"a", "b"} {
		for _, folder := range folders(set, most) {
			all["users/"+folder+"/a.txt"] = &fstest.MapFile{Data: []byte(folder)}
		}
	}
	return all
}
