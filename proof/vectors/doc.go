// SPDX-License-Identifier: Apache-2.0

// Package vectors holds the test vectors for implementers in any language, and the tests
// that keep them right: they write the files from the cases in internal/test/vectors,
// check them against their schemas, and run them in Python.
//
//	go test -run TestFiles -update  # after you change a case
package vectors
