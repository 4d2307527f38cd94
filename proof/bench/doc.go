// SPDX-License-Identifier: Apache-2.0

// Bench compares the speed of cfsign with other signers for CloudFront. The measurements
// are Go benchmarks, also those of signers in other languages:
//
//	go test -bench . ./proof/bench
//
// The program runs them in rounds and writes the medians to RESULTS.md, and draws
// charts of them:
//
//	go run ./proof/bench -out proof/bench
//
// A machine is faster at one time than at another. So every signer has its turn in every
// round, and ratios within one run are what you can trust.
package main
