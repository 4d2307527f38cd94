// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestREADME: the parameters, variables, outputs and addresses that the README names exist.
func TestREADME(t *testing.T) {
	readme := string(readFile(t, "README.md"))
	cloudFormation, sam := readTemplate(t, "cloudformation.yaml", nil).tree, readTemplate(t, "sam.yaml", nil).tree
	configuration := ""
	paths, _ := sources(t)
	for _, path := range paths {
		configuration += string(readFile(t, path))
	}
	used := 0
	for _, found := range regexp.MustCompile(`\b([A-Z][A-Za-z0-9]+)=`).FindAllStringSubmatch(readme, -1) {
		if strings.ToUpper(found[1]) == found[1] { // GOOS and the like
			continue
		}
		used++
		if at(cloudFormation, "Parameters", found[1]) == nil && at(sam, "Parameters", found[1]) == nil {
			t.Errorf("there is no parameter %s", found[1])
		}
	}
	for _, found := range regexp.MustCompile("(?:-var '?|`)([a-z_0-9]+)=").FindAllStringSubmatch(readme, -1) {
		used++
		if !strings.Contains(configuration, `variable "`+found[1]+`"`) {
			t.Errorf("there is no variable %s", found[1])
		}
	}
	for _, found := range regexp.MustCompile("output `([A-Za-z0-9]+)`").FindAllStringSubmatch(readme, -1) {
		used++
		if at(cloudFormation, "Outputs", found[1]) == nil || at(sam, "Outputs", found[1]) == nil || !strings.Contains(configuration, `output "`+found[1]+`"`) {
			t.Errorf("there is no output %s", found[1])
		}
	}
	for _, found := range regexp.MustCompile(`'(aws_[a-z_]+)\.([a-z_]+)\[0\]'`).FindAllStringSubmatch(readme, -1) {
		used++
		if !strings.Contains(configuration, `resource "`+found[1]+`" "`+found[2]+`"`) {
			t.Errorf("there is no resource %s.%s", found[1], found[2])
		}
	}
	if used < 15 {
		t.Errorf("the README uses %d names: the test does not see them", used)
	}
}
