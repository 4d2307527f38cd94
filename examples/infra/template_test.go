// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

// object is one in JSON.
type object = map[string]any

// testOptions return the options of a stack that has everything but a name of its own.
func testOptions(t testing.TB) options {
	t.Helper()
	return options{
		publicKeys: []publicKey{testKey(t, "public_key.pem"), testKey(t, "public_key_p256.pem")},
		region:     cloudFrontRegion,
		appOrigins: []string{"https://app.example.com"},
	}
}

func testKey(t testing.TB, name string) publicKey {
	t.Helper()
	key, err := readPublicKey("testdata/"+name, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// templateOf returns the template for options.
func templateOf(t testing.TB, o options) assertions.Template {
	t.Helper()
	stack, err := newStack(newApp(t.TempDir()), o)
	if err != nil {
		t.Fatal(err)
	}
	return assertions.Template_FromStack(stack, nil)
}

// copyOf returns a copy that can be changed.
func copyOf(t testing.TB, template assertions.Template) object {
	t.Helper()
	data, err := json.Marshal(template.ToJSON())
	if err != nil {
		t.Fatal(err)
	}
	var copied object
	if err := json.Unmarshal(data, &copied); err != nil {
		t.Fatal(err)
	}
	return copied
}

// at returns what is at a path, whose strings are names and whose numbers are places.
func at[T any](value any, path ...any) T {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			value = value.(object)[step]
		case int:
			value = value.([]any)[step]
		}
	}
	return value.(T)
}

// properties returns those of the only resource of a type whose name begins with a prefix.
func properties(template object, typ, prefix string) object {
	var found object
	for name, resource := range at[object](template, "Resources") {
		if at[string](resource, "Type") == typ && strings.HasPrefix(name, prefix) {
			if found != nil {
				panic(fmt.Sprintf("two resources are %s and begin with %q", typ, prefix))
			}
			found = at[object](resource, "Properties")
		}
	}
	return found
}

// failure returns how an assertion failed, or nil. A mistake in the test itself is not
// taken for that.
func failure(assertion func()) (err error) {
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case runtime.Error:
			panic(problem)
		default:
			err = fmt.Errorf("%v", problem)
		}
	}()
	assertion()
	return nil
}
