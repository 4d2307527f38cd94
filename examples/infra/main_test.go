// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/needs"
)

// asProgram is the environment variable with which the test is the program.
const asProgram = "CFSIGN_INFRA_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "yes" {
		main()
		return
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// TestCommand runs the program as a user does who has no command of CDK.
func TestCommand(t *testing.T) {
	needs.Command(t, "node", "nodejs")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	data, err := os.ReadFile("testdata/public_key.pem")
	if err != nil {
		t.Fatal(err)
	}

	output, err := start(program, folder)
	if err == nil {
		t.Error("it succeeds without settings")
	}
	if lines := strings.Split(strings.TrimSpace(output), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], "infra: there is no public key") {
		t.Errorf("it does not say what is missing, a line for each:\n%s", output)
	}

	if err := os.WriteFile(filepath.Join(folder, defaultPublicKeys), data, 0o600); err != nil {
		t.Fatal(err)
	}
	output, err = start(program, folder, "REGION=eu-central-1")
	if err != nil || output != "" {
		t.Errorf("%v, and it prints:\n%s", err, output)
	}
	first := readTemplate(t, filepath.Join(folder, "cdk.out"))

	// The command of CDK names the folder, and hands over its -c in the environment.
	elsewhere := t.TempDir()
	output, err = start(program, folder, "CDK_OUTDIR="+elsewhere, `CDK_CONTEXT_JSON={"region":"eu-central-1"}`)
	if err != nil || output != "" {
		t.Errorf("%v, and it prints:\n%s", err, output)
	}
	if d := cmp.Diff(first, readTemplate(t, elsewhere)); d != "" {
		t.Errorf("the command of CDK makes another stack: -without +with\n%s", d)
	}
}

// start returns all that the program prints, with nothing in the environment but what it
// is given and what Node needs. The proxy is one that nobody answers at. Left out is what
// jsii sometimes says at its end, when two of its goroutines wait for Node; and it does not
// warn of Node 20, which is old, and works.
func start(program, folder string, environment ...string) (string, error) {
	command := exec.Command(program)
	command.Dir = folder
	command.Env = append(environment,
		asProgram+"=yes", "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"), "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
		"GOCOVERDIR="+folder, // else go test -cover has it print a warning
		"HTTP_PROXY=http://127.0.0.1:9", "HTTPS_PROXY=http://127.0.0.1:9")
	output, err := command.CombinedOutput()
	return strings.ReplaceAll(string(output), "Runtime process exited abnormally: waitid: no child processes", ""), err
}

func readTemplate(t *testing.T, folder string) object {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, stackName+".template.json"))
	if err != nil {
		t.Fatal(err)
	}
	var template object
	if err := json.Unmarshal(data, &template); err != nil {
		t.Fatal(err)
	}
	if len(at[object](template, "Resources")) == 0 {
		t.Fatal("the template is empty")
	}
	return template
}
