// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"crypto/fips140"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
)

// TestMain lets scripts run this test binary as cfsign.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cfsign": recordMain})
}

// TestScripts runs the scripts in testdata/script, one for each behavior.
func TestScripts(t *testing.T) { runScripts(t, "testdata/script") }

// TestCauses runs the scripts in testdata/causes: each is a mistake of users, numbered as
// in the reference, and checks that explain names it.
func TestCauses(t *testing.T) {
	const rows = 18
	scripts, err := filepath.Glob("testdata/causes/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]bool{}
	for _, script := range scripts {
		numbers[filepath.Base(script)[:2]] = true
	}
	if len(numbers) != rows {
		t.Errorf("%d rows have a script, want %d", len(numbers), rows)
	}
	runScripts(t, "testdata/causes")
}

func runScripts(t *testing.T, folder string) {
	testscript.Run(t, testscript.Params{
		Dir:                 folder,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Setup:               writeKeys,
		Condition: func(name string) (bool, error) {
			if name == "fips" {
				return fips140.Enforced(), nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"sign":    signFor,
			"cookies": cookiesFor,
			"forge":   forge,
			"aws":     awsCommand,
		},
	})
}

// keyPairID is the ID of the key in private_key.pem, and rsaID of the key in rsa.pem.
const (
	keyPairID = "K2JCJMDEHXQW5F"
	rsaID     = "K3D5EWEUDCCXON"
)

// writeKeys writes the test keys into the folder of a script.
func writeKeys(env *testscript.Env) error {
	ecdsa, err := keys.MarshalPublic(testkeys.P256().Public())
	if err != nil {
		return err
	}
	rsa, err := keys.MarshalPublic(testkeys.RSA().Public())
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"private_key.pem": testkeys.P256PEM(), "public_key.pem": ecdsa,
		"rsa.pem": testkeys.RSAPEM(), "rsa_public.pem": rsa,
	} {
		if err := os.WriteFile(filepath.Join(env.WorkDir, name), data, 0o600); err != nil {
			return err
		}
	}
	env.Setenv("ID", keyPairID)
	env.Setenv("KEY", keyPairID+"=public_key.pem")
	env.Setenv("RSA", rsaID+"=rsa_public.pem")
	env.Setenv("DER", "MEQ"+strings.Repeat("A", 91)+"__") // has the length of a signature
	env.Setenv("HOME", env.WorkDir)
	env.Values[accountKey{}] = &accountOf{}
	env.Setenv("GODEBUG", os.Getenv("GODEBUG")) // can enforce FIPS 140-3
	env.Setenv("GORACE", os.Getenv("GORACE"))   // .ci/run shortens the sleep at the end of each process
	env.Setenv(recordVariable, os.Getenv(recordVariable))
	return nil
}

// exits CODE PROGRAM ARGUMENT... runs a program and checks its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// signFor VARIABLE FLAG... sets a variable to the output of cfsign url, with the usual
// flags and the given ones.
func signFor(ts *testscript.TestScript, _ bool, args []string) {
	flags := append([]string{"url", "--key-pair-id", keyPairID, "--private-key", "file://private_key.pem"}, args[1:]...)
	if !slices.Contains(flags, "--date-less-than") {
		flags = append(flags, "--date-less-than", "+2h")
	}
	ts.Check(ts.Exec("cfsign", flags...))
	ts.Setenv(args[0], strings.TrimSuffix(ts.ReadFile("stdout"), "\n"))
}

// cookiesFor VARIABLE FLAG... sets a variable to signed cookies in the form of a Cookie
// header.
func cookiesFor(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("cfsign", append([]string{
		"cookies", "--key-pair-id", keyPairID, "--private-key", "file://private_key.pem", "--date-less-than", "+2h", "--format", "curl",
	}, args[1:]...)...))
	ts.Setenv(args[0], strings.Split(ts.ReadFile("stdout"), `"`)[1])
}

// forge VARIABLE URL SIGNED [SENT] sets a variable to a URL with a signature over the file
// SIGNED. It sends the file SENT as the policy; without SENT, the policy is canned.
func forge(ts *testscript.TestScript, _ bool, args []string) {
	signed := strings.TrimSuffix(ts.ReadFile(args[2]), "\n")
	hash := crypto.SHA256.New()
	hash.Write([]byte(signed))
	signature, err := testkeys.P256().Sign(nil, hash.Sum(nil), crypto.SHA256)
	ts.Check(err)
	policy := "Expires=4102444800"
	if len(args) > 3 {
		policy = "Policy=" + string(wire.AppendEncode(nil, []byte(strings.TrimSuffix(ts.ReadFile(args[3]), "\n"))))
	}
	joint := "?"
	if strings.Contains(args[1], "?") {
		joint = "&"
	}
	ts.Setenv(args[0], args[1]+joint+policy+"&Signature="+string(wire.AppendEncode(nil, signature))+"&Key-Pair-Id="+keyPairID+"&Hash-Algorithm=SHA256")
}
