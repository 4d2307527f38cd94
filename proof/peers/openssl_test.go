// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// oneInOpenSSL is of how many cases the openssl command signs one: every signature is
// a process.
const oneInOpenSSL = 100

// An openSSL is the openssl command with files.
type openSSL struct {
	path, folder string
}

// compareOpenSSL: openssl dgst is the command of CloudFront's Developer Guide.
func compareOpenSSL(t *testing.T, name string, o *ours, y *tally) {
	x := openSSL{path: needs.Command(t, "openssl", "openssl"), folder: t.TempDir()}
	version, err := exec.CommandContext(t.Context(), x.path, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	y.versionsOf(name, map[string]string{name: strings.Fields(string(version))[1]})
	x.write(t, "rsa.pem", testkeys.RSAPEM())
	x.write(t, "p256.pem", testkeys.P256PEM())
	for _, a := range allAlgorithms() {
		public, err := keys.MarshalPublic(a.signer().Public())
		if err != nil {
			t.Fatal(err)
		}
		x.write(t, a.key+".pub", public)
		for i := 0; i < len(o.cases); i += oneInOpenSSL {
			x.compare(t, name, o, y, a, i)
		}
	}
}

func (x openSSL) compare(t *testing.T, name string, o *ours, y *tally, a algorithm, i int) {
	t.Helper()
	document := o.cases[i].policy.JSON()
	check := func(what, diff string) { y.check(t, name, what, i, diff) }
	ours, err := decode(cookiesOf(o.signed[a][i])["CloudFront-Signature"])
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := x.dgst(t, a, document, "-sign", a.key+".pem")
	if err != nil {
		check(signatures, err.Error())
		return
	}
	if a.key == "rsa" {
		check(signatures, cmp.Diff(ours, theirs))
	} else if check(theirsECDSA, ""); !a.verifies(document, theirs) {
		check(theirsECDSA, "its signature does not verify")
	}
	x.write(t, "signature", ours)
	verdict, err := x.dgst(t, a, document, "-verify", a.key+".pub", "-signature", "signature")
	check(oursByThem, errorText(err)+cmp.Diff("Verified OK\n", string(verdict)))
	if _, err := x.dgst(t, a, document[1:], "-verify", a.key+".pub", "-signature", "signature"); err == nil {
		check(refused, "another document verifies")
	}
	check(refused, "")
}

// dgst runs openssl dgst over a document.
func (x openSSL) dgst(t *testing.T, a algorithm, document []byte, args ...string) ([]byte, error) {
	command := exec.CommandContext(t.Context(), x.path, append([]string{"dgst", "-" + strings.ToLower(a.hashName())}, args...)...)
	command.Dir, command.Stdin = x.folder, bytes.NewReader(document)
	return command.Output()
}

func (x openSSL) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(x.folder, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
