// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/cfsign/cfsign"

// arrows are the packages of this module. Each may directly import the packages in its entry,
// and the standard library.
//
// policy and keys do not import each other, and neither do sign and verify. The packages below
// sign and verify import neither of the two.
var arrows = map[string][]string{
	"":                           {},
	"internal/wire":              {},
	"internal/cookieheader":      {},
	"internal/scheme":            {},
	"internal/test/testkeys":     {},
	"internal/test/needs":        {},
	"internal/lostlog":           {},
	"internal/test/defaultlog":   {},
	"internal/test/awslocal":     {},
	"internal/test/iampolicy":    {"internal/test/markdown"},
	"internal/requestline":       {"internal/wire"},
	"internal/repo":              {},
	"internal/glob":              {},
	"internal/localca":           {},
	"internal/readers":           {"internal/wire"},
	"internal/responsewriter":    {},
	"internal/test/markdown":     {"internal/test/needs"},
	"internal/test/sessiontest":  {"edge", "edge/edgetest", "keys", "sign", "verify"},
	"internal/test/valkeyserver": {"internal/test/needs"},
	"internal/test/vectors":      {"internal/test/testkeys", "internal/wire"},
	"policy":                     {"internal/glob", "internal/readers", "internal/wire"},
	"policy/awspolicy":           {"policy", "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"},
	"keys":                       {"internal/scheme"},
	"keys/encrypted":             {"keys", "golang.org/x/crypto/cryptobyte", "golang.org/x/crypto/cryptobyte/asn1", "golang.org/x/crypto/scrypt"},
	"keys/keystest":              {"keys", "internal/scheme"},
	"sign/storetest":             {"sign"},
	"sign":                       {"policy", "keys", "internal/wire", "internal/scheme", "internal/lostlog", "golang.org/x/net/publicsuffix", "github.com/hashicorp/golang-lru/v2"},
	"verify":                     {"policy", "keys", "internal/wire", "internal/scheme", "internal/requestline", "internal/cookieheader"},
	"session":                    {"policy", "sign", "internal/cookieheader", "internal/lostlog", "internal/requestline", "internal/responsewriter", "internal/wire"},
	"playlist":                   {"policy", "sign", "internal/lostlog", "internal/responsewriter", "internal/wire"},
	"edge":                       {"verify", "keys", "internal/cookieheader", "internal/glob", "internal/readers", "internal/requestline", "internal/responsewriter", "internal/wire", "github.com/hashicorp/golang-lru/v2/simplelru"},
	"edge/accesslog":             {"internal/requestline", "internal/responsewriter"},
	"edge/fromconfig":            {"edge", "keys", "internal/glob", "go.yaml.in/yaml/v4"},
	"edge/edgetest":              {"edge", "sign", "verify", "keys", "internal/localca", "internal/wire", "golang.org/x/net/publicsuffix"},
}

// A goPackage is a package as go list prints it.
type goPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
	GoFiles    []string
}

func TestArrows(t *testing.T) {
	inRoot(t)
	seen := map[string]bool{}
	for _, p := range list(t, "./...") {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		allowed, ok := arrows[name]
		if !ok {
			t.Errorf("package %q has no entry: say what it may import", name)
		}
		seen[name] = true
		for _, imported := range p.Imports {
			if own, ok := strings.CutPrefix(imported, module+"/"); ok {
				imported = own
			} else if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
				continue // the standard library has no dot there
			}
			if !slices.Contains(allowed, imported) {
				t.Errorf("%q imports %q", name, imported)
			}
		}
	}
	for name := range arrows {
		if !seen[name] {
			t.Errorf("package %q is gone: remove its entry", name)
		}
	}
}

// light are the packages outside the standard library that importers of the library build.
// They need no other packages.
var light = []string{"golang.org/x/net/publicsuffix", "github.com/hashicorp/golang-lru/v2"}

// TestLight: importers of the library build few packages.
func TestLight(t *testing.T) {
	inRoot(t)
	for _, p := range list(t, "-deps", "./policy", "./keys", "./sign", "./verify", "./session", "./playlist", "./edge", "./edge/accesslog", "./edge/edgetest") {
		own := strings.HasPrefix(p.ImportPath, module+"/")
		if !p.Standard && !own && !slices.ContainsFunc(light, func(prefix string) bool { return strings.HasPrefix(p.ImportPath, prefix) }) {
			t.Errorf("%s is not light", p.ImportPath)
		}
	}
}

func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Standard,Imports,GoFiles"}, args...)...)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func TestFilesNameTheirLicense(t *testing.T) {
	inRoot(t)
	for _, path := range goFiles(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(data), "// SPDX-License-Identifier: Apache-2.0\n") {
			t.Errorf("%s does not begin with its license", path)
		}
	}
}

// goFiles returns the Go files of the repository.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}
