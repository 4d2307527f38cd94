// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"go/ast"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestNames: the names of this library that pages write in backquotes exist: policy.Under,
// sign.Options.Hash, Signer.URL.
func TestNames(t *testing.T) {
	inRoot(t)
	packages, members := exported(t)
	code := regexp.MustCompile("`([A-Za-z]+)\\.([A-Za-z]+)(?:\\.([A-Za-z]+))?`")
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range append(pages, "README.md") {
		for _, match := range code.FindAllStringSubmatch(read(t, page), -1) {
			name, known := match[1]+"."+match[2], false
			switch {
			case packages[match[1]]:
				known = slices.Contains(members[match[1]], join(match[2], match[3]))
			case ast.IsExported(match[1]) && match[3] == "" && members[match[1]] != nil:
				known = slices.Contains(members[match[1]], match[2])
			default:
				continue // of another library, or of a language
			}
			if found++; !known {
				t.Errorf("%s: `%s` does not exist", page, join(name, match[3]))
			}
		}
	}
	if found < 100 {
		t.Errorf("%d names were found", found)
	}
}

func join(name, member string) string {
	if member == "" {
		return name
	}
	return name + "." + member
}

// exported returns the names of the packages, and what each package and each type has. A
// package has also the members of its types, such as Signer.URL. Types of one name are one.
func exported(t *testing.T) (packages map[string]bool, members map[string][]string) {
	t.Helper()
	packages, members = map[string]bool{}, map[string][]string{}
	for _, folder := range append(documented, "keys/aws/keygroup") {
		name, p := path.Base(folder), docOf(t, folder)
		packages[name] = true
		add := func(typ, member string) {
			members[name] = append(members[name], join(typ, member))
			members[typ] = append(members[typ], member)
		}
		for _, f := range p.Funcs {
			add(f.Name, "")
		}
		values := slices.Concat(p.Consts, p.Vars)
		for _, typ := range p.Types {
			add(typ.Name, "")
			values = slices.Concat(values, typ.Consts, typ.Vars)
			for _, f := range typ.Funcs {
				add(f.Name, "")
			}
			for _, f := range typ.Methods {
				add(typ.Name, f.Name)
			}
			for _, field := range fieldsOf(typ.Decl) {
				add(typ.Name, field)
			}
		}
		for _, value := range values {
			for _, n := range value.Names {
				add(n, "")
			}
		}
	}
	return packages, members
}

// fieldsOf returns the fields of structs and the methods of interfaces in a declaration.
func fieldsOf(d *ast.GenDecl) []string {
	var names []string
	for _, spec := range d.Specs {
		var list *ast.FieldList
		switch typ := spec.(*ast.TypeSpec).Type.(type) {
		case *ast.StructType:
			list = typ.Fields
		case *ast.InterfaceType:
			list = typ.Methods
		default:
			continue
		}
		for _, field := range list.List {
			for _, name := range field.Names {
				names = append(names, name.Name)
			}
		}
	}
	return names
}
