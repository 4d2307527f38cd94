// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

import (
	"crypto/elliptic"
	"os"
	"path/filepath"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/cfsign/cfsign/internal/test/needs"
)

// pin is that of every token here, and in no error.
const pin = "correct horse battery staple"

// needSoftHSM returns SoftHSM2's module.
func needSoftHSM(t testing.TB) string {
	t.Helper()
	needs.Command(t, "softhsm2-util", "softhsm2")
	module, err := softHSM()
	if err != nil {
		t.Fatal(err)
	}
	return module
}

// newModule returns SoftHSM2's module, with a token in a folder of the test.
func newModule(t testing.TB, label string) (module, folder string) {
	t.Helper()
	module = needSoftHSM(t)
	folder = t.TempDir()
	t.Setenv("SOFTHSM2_CONF", "") // as it was, after the test
	if err := useSoftHSM(folder); err != nil {
		t.Fatal(err)
	}
	if err := initToken(module, label, pin); err != nil {
		t.Fatal(err)
	}
	return module, folder
}

// A softToken is a new token in SoftHSM2, opened.
type softToken struct {
	*token
	module string
	folder string
}

func newSoftToken(t testing.TB) *softToken {
	t.Helper()
	module, folder := newModule(t, "test")
	s := &softToken{module: module, folder: folder}
	s.open(t)
	return s
}

func (s *softToken) open(t testing.TB) {
	t.Helper()
	opened, err := openToken(s.module, "test", pin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(opened.close)
	s.token = opened
}

// key makes a key pair of one of the two kinds.
func (s *softToken) newKey(t testing.TB, kind string) *tokenKey {
	t.Helper()
	var err error
	if kind == "RSA 2048" {
		_, err = s.generateRSA(kind, 2048)
	} else {
		_, err = s.generateECDSA(kind, elliptic.P256())
	}
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.find(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// raw calls the module behind crypto11's back, as another part of the process could.
func (s *softToken) raw(t testing.TB, call func(module *pkcs11.Ctx, slot uint) error) {
	t.Helper()
	module := pkcs11.New(s.module)
	defer module.Destroy()
	slots, err := module.GetSlotList(true)
	if err != nil {
		t.Fatal(err)
	}
	if err := call(module, slots[0]); err != nil {
		t.Fatal(err)
	}
}

// remove takes the token away.
func (s *softToken) remove(t testing.TB) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(s.folder, "tokens")); err != nil {
		t.Fatal(err)
	}
}

var kinds = []string{"RSA 2048", "P-256"}
