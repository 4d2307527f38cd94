// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package keyfile

// checkACL does nothing: elsewhere, the mode of a file says nothing about its access control
// list.
func checkACL(string) error { return nil }

// dropACL does nothing: a new file keeps what its folder gives to it.
func dropACL(string) error { return nil }
