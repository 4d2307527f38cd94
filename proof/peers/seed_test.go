// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"os"
	"strconv"
	"testing"
)

// The cases are the same in every run, unless the environment says otherwise.
const (
	defaultSeed  = 20261123
	defaultCases = 500
)

// fromEnvironment returns a number from an environment variable.
func fromEnvironment(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text, ok := os.LookupEnv(name)
	if !ok {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 {
		t.Fatalf("%s=%s: write a positive number", name, text)
	}
	return n
}
