// SPDX-License-Identifier: Apache-2.0

package templates_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/edge/fromconfig"
	"github.com/cfsign/cfsign/internal/test/needs"
)

// TestFromConfig: fromconfig reads the templates with all that you can choose, and finds nothing, as
// in the CDK stack, but IPv6 if you ask for it.
func TestFromConfig(t *testing.T) {
	one, noDomain, ipv6 := complete(t), complete(t), complete(t)
	one.keys = one.keys[:1]
	noDomain.domain, noDomain.api, noDomain.apiPaths = "", "", nil
	ipv6.ipv6 = true
	cdk := readFile(t, "../testdata/template.json")
	findings(t, fromconfig.Options{}, cdk, nil, 2)
	for why, tt := range map[string]struct {
		v     variant
		rules []string
	}{
		"complete": {complete(t), nil}, "one key": {one, nil}, "no domain and no API": {noDomain, nil},
		"IPv6": {ipv6, []string{"ipv6"}}, "bare": {bare(t), []string{"ipv6"}},
	} {
		t.Run(why, func(t *testing.T) {
			_, sam := tt.v.forSAM()
			for file, parameters := range map[string]map[string]string{"cloudformation.yaml": tt.v.parameters(), "sam.yaml": sam} {
				findings(t, fromconfig.Options{Parameters: parameters}, readFile(t, file), tt.rules, len(tt.v.keys))
			}
		})
	}
	t.Run("no key", func(t *testing.T) {
		findings(t, fromconfig.Options{}, readFile(t, "cloudformation.yaml"), []string{"empty-key-group"}, 0)
	})
}

// TestDoctor: cfsign doctor ends with 0 for each template, as for the CDK stack.
func TestDoctor(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	command := filepath.Join(t.TempDir(), "cfsign")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", command, "./cmd/cfsign")
	build.Dir = root
	build.Env = append(os.Environ(), "GOWORK="+filepath.Join(root, "go.work"))
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	_, sam := complete(t).forSAM()
	for _, tt := range []struct {
		file       string
		parameters map[string]string
		arguments  []string
		want       int
	}{
		{"../testdata/template.json", nil, nil, 0},
		{"cloudformation.yaml", complete(t).parameters(), nil, 0},
		{"cloudformation.yaml", bare(t).parameters(), []string{"--ignore", "ipv6"}, 0},
		{"cloudformation.yaml", bare(t).parameters(), nil, 1},
		{"sam.yaml", sam, nil, 0},
		{planFile, nil, nil, 0},
	} {
		arguments := append([]string{"doctor", "--config", tt.file}, tt.arguments...)
		for _, name := range slices.Sorted(maps.Keys(tt.parameters)) {
			arguments = append(arguments, "--parameter", name+"="+tt.parameters[name])
		}
		doctor := exec.CommandContext(t.Context(), command, arguments...)
		output, err := doctor.CombinedOutput()
		if got := doctor.ProcessState.ExitCode(); got != tt.want {
			t.Errorf("%s %v: %v, want %d:\n%s", tt.file, tt.arguments, err, tt.want, output)
		}
	}
}

// TestLint: cfn-lint, which knows the types of CloudFormation and the transform of SAM, has no
// complaint, and does complain about a property that does not exist.
func TestLint(t *testing.T) {
	command, err := exec.LookPath("cfn-lint")
	if err != nil {
		needs.Missing(t, "cfn-lint", "pipx install cfn-lint")
	}
	for _, file := range []string{"cloudformation.yaml", "sam.yaml"} {
		lint := func(path string) (string, error) {
			output, err := exec.CommandContext(t.Context(), command, "--non-zero-exit-code", "informational", path).CombinedOutput()
			return string(output), err
		}
		if output, err := lint(file); err != nil {
			t.Errorf("%s: %v\n%s", file, err, output)
		}
		spoiled := filepath.Join(t.TempDir(), file)
		text := strings.Replace(string(readFile(t, file)), "SigningBehavior:", "SignsBehavior:", 1)
		if err := os.WriteFile(spoiled, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if output, err := lint(spoiled); err == nil || !strings.Contains(output, "SignsBehavior") {
			t.Errorf("%s: a property that does not exist passes: %v\n%s", file, err, output)
		}
	}
}

// TestSharedParts: sam.yaml is cloudformation.yaml but for the API, the function and the domain.
func TestSharedParts(t *testing.T) {
	own, base := readTemplate(t, "sam.yaml", nil).tree, readTemplate(t, "cloudformation.yaml", nil).tree
	differs := map[string][]string{
		"Parameters": {"ApiDomain", "Issuer", "Audience", "DomainName", "CertificateArn"}, "Rules": {"Domain"},
		"Conditions": {"HasDomain", "HasApi"}, "Resources": {"Distribution", "Api", "Cookies"}, "Outputs": {"CFDOMAIN"},
	}
	for section, names := range differs {
		a, b := at(base, section).(object), at(own, section).(object)
		for _, name := range names {
			delete(a, name)
			delete(b, name)
		}
		if diff := diffPlain(a, b); diff != "" {
			t.Errorf("%s: %s", section, diff)
		}
	}
}
