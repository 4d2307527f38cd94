// SPDX-License-Identifier: Apache-2.0

package keyfile_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/keyfile"
	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// TestACL: a new file like one with an access control list would let the wrong users read the
// key. So this is an error from the beginning, and if somebody adds the list later.
func TestACL(t *testing.T) {
	path := write(t, testkeys.P256PEM())
	id := filepath.Join(filepath.Dir(path), "id")
	put(t, id, []byte("K1"))
	s := must(keyfile.New(path, keyfile.Options{IDFile: id}))
	created := must(s.Create(t.Context()))
	for _, file := range []string{path, id, path + ".next"} {
		setACL(t, file, "system.posix_acl_access")
		before := list(t, filepath.Dir(path))
		_, newErr := keyfile.New(path, keyfile.Options{IDFile: id})
		if file == path+".next" {
			newErr = s.Switch(t.Context(), created, "K2") // New does not read this one
		}
		for _, err := range []error{newErr, s.Switch(t.Context(), created, "K2")} {
			if want := file + " has an access control list, which the new file would not have: remove it with setfacl -b "; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
		if diff := cmp.Diff(before["key.pem"]+before["id"], string(must(os.ReadFile(path)))+string(must(os.ReadFile(id)))); diff != "" {
			t.Error(diff)
		}
		if err := syscall.Removexattr(file, "system.posix_acl_access"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Switch(t.Context(), created, "K2"); err != nil {
		t.Error(err)
	}
}

// TestFolderACL: a new file does not let users read the key because the folder has a list for new
// files.
func TestFolderACL(t *testing.T) {
	path := write(t, testkeys.P256PEM())
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	setACL(t, filepath.Dir(path), "system.posix_acl_default")
	s := open(t, path)
	created := must(s.Create(t.Context()))
	if err := s.Switch(t.Context(), created, "K2"); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, s.OldPath()} {
		if size, err := syscall.Getxattr(file, "system.posix_acl_access", nil); !errors.Is(err, syscall.ENODATA) {
			t.Errorf("%s has an access control list of %d bytes (%v)", file, size, err)
		}
		if mode := must(os.Stat(file)).Mode(); mode != 0o640 {
			t.Errorf("%s has the mode %v", file, mode)
		}
	}
}

// setACL lets one more user read a file, and not its group.
func setACL(t *testing.T, path, name string) {
	t.Helper()
	// The form is in linux/posix_acl_xattr.h: a version, and then a tag, permissions and an ID
	// for each entry.
	const nobody = 0xffffffff
	acl := binary.LittleEndian.AppendUint32(nil, 2)
	for _, entry := range []struct {
		tag, perm uint16
		id        uint32
	}{{0x01, 6, nobody}, {0x02, 4, 12345}, {0x04, 0, nobody}, {0x10, 4, nobody}, {0x20, 0, nobody}} {
		acl = binary.LittleEndian.AppendUint16(acl, entry.tag)
		acl = binary.LittleEndian.AppendUint16(acl, entry.perm)
		acl = binary.LittleEndian.AppendUint32(acl, entry.id)
	}
	if err := syscall.Setxattr(path, name, acl, 0); errors.Is(err, syscall.ENOTSUP) {
		t.Skip("the file system has no access control lists")
	} else if err != nil {
		t.Fatal(err)
	}
}
