// SPDX-License-Identifier: Apache-2.0

// Package fleet simulates a fleet of servers that share one key in KMS: what a cold start costs,
// how long users wait, and how many signatures KMS makes, with and without a [sign.Store].
//
// The simulation runs the real [sign.Cache] of each server, on a clock that jumps from event to
// event. Only KMS and the store are models: KMS has a quota and takes 10 ms, and the store takes
// a millisecond.
//
//	go test ./proof/fleet -v -run TestColdStart -users 50000
package fleet
