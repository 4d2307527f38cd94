// SPDX-License-Identifier: Apache-2.0

// Package vectors keeps the test vectors in the repository's folder vectors, which
// are for implementers in any language. Its tests write them from the cases of
// internal/vectors, check them as strangers would, and run them in Python:
//
//	go test -run TestFiles -update  # after a change of the cases
//	go test -count=1                # after one in the folder, which Go's cache does not see
package vectors
