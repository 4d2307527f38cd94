// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package keyfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// TestLock: one process has the lock, also if the other one names the key by a link.
func TestLock(t *testing.T) {
	path := write(t, testkeys.P256PEM())
	link := filepath.Join(t.TempDir(), "link.pem")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	a, b := open(t, path), open(t, link)
	unlock := must(a.Lock())
	if _, err := b.Lock(); err == nil || !strings.Contains(err.Error(), "another process rotates "+path) {
		t.Error(err)
	}
	unlock()
	must(b.Lock())()
	if diff := cmp.Diff([]string{"key.pem"}, names(t, filepath.Dir(path))); diff != "" {
		t.Error(diff)
	}
}

// TestLockAtOnce: of many processes, no two have the lock, although each of them removes its
// file.
func TestLockAtOnce(t *testing.T) {
	path := write(t, testkeys.P256PEM())
	var holders, times atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		s := open(t, path)
		wg.Go(func() {
			for range 2000 {
				unlock, err := s.Lock()
				if err != nil {
					continue
				}
				if holders.Add(1) > 1 {
					t.Error("two have the lock")
				}
				times.Add(1)
				time.Sleep(time.Microsecond) // let the others try
				holders.Add(-1)
				unlock()
			}
		})
	}
	wg.Wait()
	if times.Load() == 0 {
		t.Error("nobody had the lock")
	}
}

// TestLockRemoves: Lock removes the incomplete files of a killed process, and nothing else.
func TestLockRemoves(t *testing.T) {
	path := write(t, testkeys.P256PEM())
	folder := filepath.Dir(path)
	for _, name := range []string{"key.pem.next.1.tmp", "key.pem.old.23.tmp", "key.pem.tmp", "key.pem.old.tmp", "key.pem.old.a1.tmp", "key.pem.next.1", "other.pem.next.1.tmp"} {
		put(t, filepath.Join(folder, name), nil)
	}
	put(t, tempOf(t, path), nil)
	t.Chdir(folder)
	must(open(t, "key.pem").Lock())()
	want := []string{"key.pem", "key.pem.next.1", "key.pem.old.a1.tmp", "key.pem.old.tmp", "key.pem.tmp", "other.pem.next.1.tmp"}
	if diff := cmp.Diff(want, names(t, folder)); diff != "" {
		t.Error(diff)
	}
}

// tempOf returns the name of a file that Switch writes before it has the name of the old key.
func tempOf(t *testing.T, path string) string {
	t.Helper()
	s := open(t, path)
	created := must(s.Create(t.Context()))
	if err := os.MkdirAll(filepath.Join(s.OldPath(), "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := s.Switch(t.Context(), created, "K2")
	var failed *os.LinkError
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll(s.OldPath()), os.Remove(path+".next")); err != nil {
		t.Fatal(err)
	}
	return failed.Old
}

// TestLockFails: an error of the file system is none of another process.
func TestLockFails(t *testing.T) {
	path := write(t, testkeys.P256PEM())
	s := open(t, path)
	if err := os.Mkdir(path+".lock", 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Lock(); err == nil || strings.Contains(err.Error(), "another process") {
		t.Error(err)
	}
}

// names returns the names of the files in a folder.
func names(t *testing.T, folder string) []string {
	t.Helper()
	var list []string
	for _, entry := range must(os.ReadDir(folder)) {
		list = append(list, entry.Name())
	}
	return list
}
