// SPDX-License-Identifier: Apache-2.0

package keyfile

// FailRename lets the last step of Switch fail, as it does if the file is a mount point or, on
// Windows, if a program has it open.
func (s *Store) FailRename(err error) { s.rename = func(string, string) error { return err } }
