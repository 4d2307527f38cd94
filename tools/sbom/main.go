// SPDX-License-Identifier: Apache-2.0

// Command sbom checks a bill of materials in CycloneDX's JSON: that it keeps to the
// schema, that it is about the version, and that it has the modules that standard
// input names, each line one with its version.
//
//	sbom SCHEMA-FOLDER VERSION bom.json
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: sbom SCHEMA-FOLDER VERSION bom.json")
		os.Exit(2)
	}
	if err := run(os.Stdin, os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(built io.Reader, schemas, version, name string) error {
	if err := keepsTo(schemas, name); err != nil {
		return err
	}
	bill, err := decode(name)
	if err != nil {
		return err
	}
	subject := bill.Metadata.Component
	if subject.Version != version {
		return fmt.Errorf("the bill is about %s %s, want %s", subject.Name, subject.Version, version)
	}
	if err := has(bill, built); err != nil {
		return err
	}
	fmt.Printf("a valid bill for %s %s, %d components\n", subject.Name, version, len(*bill.Components))
	return nil
}

// has returns an error that names what was built and is not in the bill.
func has(bill *cdx.BOM, built io.Reader) (err error) {
	listed := map[string]bool{}
	for _, c := range *bill.Components {
		listed[c.Name+" "+c.Version] = true
	}
	lines := bufio.NewScanner(built)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" && !listed[line] {
			err = errors.Join(err, fmt.Errorf("%s is not in the bill", line))
			listed[line] = true // once is enough
		}
	}
	return errors.Join(err, lines.Err())
}

func decode(name string) (*cdx.BOM, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	bill := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(file, cdx.BOMFileFormatJSON).Decode(bill); err != nil {
		return nil, err
	}
	if bill.Metadata == nil || bill.Metadata.Component == nil || bill.Components == nil || len(*bill.Components) == 0 {
		return nil, errors.New("the bill has no subject or no components")
	}
	return bill, nil
}

// keepsTo validates against the schema, which is told by the version in the bill.
func keepsTo(schemas, bill string) error {
	file, err := os.Open(bill)
	if err != nil {
		return err
	}
	defer file.Close()
	value, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		return err
	}
	fields, _ := value.(map[string]any)
	version, _ := fields["specVersion"].(string)
	if version == "" || strings.ContainsAny(version, `/\`) {
		return errors.New("the bill does not say which version of CycloneDX it has")
	}
	compiler := jsonschema.NewCompiler()
	for name, local := range map[string]string{
		"spdx.schema.json":     "spdx.schema.json",
		"jsf-0.82.schema.json": "jsf-0.82.schemax.json",
	} {
		if err := provide(compiler, address+name, filepath.Join(schemas, local)); err != nil {
			return err
		}
	}
	main := "bom-" + version + ".schema.json"
	if err := provide(compiler, address+main, filepath.Join(schemas, main)); err != nil {
		return err
	}
	schema, err := compiler.Compile(address + main)
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// address is where the schemas say that they are. They are read from files.
const address = "http://cyclonedx.org/schema/"

func provide(compiler *jsonschema.Compiler, url, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	value, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return compiler.AddResource(url, value)
}
