// SPDX-License-Identifier: Apache-2.0

package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Source: acl(5), https://man7.org/linux/man-pages/man5/acl.5.html, section "Correspondence
// between ACL entries and file permission bits": in a file with an access control list, the
// permissions of the group are its mask.
const aclName = "system.posix_acl_access"

// checkACL returns an error if a file has an access control list. A new file with the same mode
// would let the whole group read the key, and not the users in the list.
func checkACL(path string) error {
	size, err := syscall.Getxattr(path, aclName, nil)
	switch {
	case hasNoACL(err), err == nil && size == 0:
		return nil
	case err != nil:
		return &fs.PathError{Op: "getxattr", Path: path, Err: err}
	}
	return fmt.Errorf("%s has an access control list, which the new file would not have: remove it with setfacl -b and use a group, or keep the key pair in a secret", path)
}

// dropACL removes the access control list that a new file has from its folder.
func dropACL(path string) error {
	if err := syscall.Removexattr(path, aclName); err != nil && !hasNoACL(err) {
		return &fs.PathError{Op: "removexattr", Path: path, Err: err}
	}
	return nil
}

// hasNoACL reports whether the file, or the whole file system, has no such list.
func hasNoACL(err error) bool {
	return errors.Is(err, syscall.ENODATA) || errors.Is(err, syscall.ENOTSUP)
}
