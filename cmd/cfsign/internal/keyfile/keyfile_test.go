// SPDX-License-Identifier: Apache-2.0

package keyfile_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/keyfile"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
	"github.com/cfsign/cfsign/keys/encrypted"
)

var _ keygroup.Store = (*keyfile.Store)(nil)

var passphrase = []byte("correct-horse")

// TestForms: the next key has the form and the type of the current one.
func TestForms(t *testing.T) {
	for _, tt := range []struct {
		name    string
		current []byte
		label   string
		why     string
	}{
		{"PKCS#8, P-256", testkeys.P256PEM(), "PRIVATE KEY", "what cfsign keygen writes"},
		{"SEC 1", sec1(t), "EC PRIVATE KEY", "what openssl ecparam -genkey writes, after a block with parameters"},
		{"PKCS#1", pkcs1(t), "RSA PRIVATE KEY", "the rsa package of Python reads nothing else"},
		{"PKCS#8, RSA", rsaPKCS8(t), "PRIVATE KEY", "what openssl genrsa writes"},
		{"encrypted", encryptedKey(), "ENCRYPTED PRIVATE KEY", "a key that was protected stays so"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, tt.current)
			s := open(t, path)
			current, next := must(s.Current(t.Context())), must(s.Create(t.Context()))
			data := must(os.ReadFile(path + ".next"))
			block, rest := pem.Decode(data)
			if block == nil || block.Type != tt.label || len(rest) > 0 {
				t.Fatalf("%v and %q, want one block of the type %s: %s", block, rest, tt.label, tt.why)
			}
			if equal(current, next) {
				t.Error("the next key is the current one")
			}
			if _, isRSA := current.(*rsa.PublicKey); isRSA != isType[*rsa.PublicKey](next) {
				t.Errorf("the current key is a %T, and the next one a %T", current, next)
			}
			if got := parse(t, data).Public(); !equal(got, next) {
				t.Error("the file has another key than Create has returned")
			}
			if err := s.Switch(t.Context(), next, "K2"); err != nil {
				t.Fatal(err)
			}
			if got := must(open(t, path).Current(t.Context())); !equal(got, next) {
				t.Error("the current key is not the next one")
			}
			if diff := cmp.Diff(tt.current, must(os.ReadFile(s.OldPath()))); diff != "" {
				t.Errorf("the old key has changed:\n%s", diff)
			}
		})
	}
}

// TestInterrupted: whatever an interrupted run has left, the next one ends with the same files.
func TestInterrupted(t *testing.T) {
	next := marshal(t, must(keys.GenerateECDSA()))
	first := testkeys.P256PEM()
	for _, tt := range []struct {
		why   string
		files map[string]string
		next  bool // there is a next key
	}{
		{"killed before Create", nil, false},
		{"killed while Create writes the key", map[string]string{"key.pem.next.17.tmp": string(next[:50])}, false},
		{"killed after Create", map[string]string{"key.pem.next": string(next)}, true},
		{"killed while Switch copies the key", map[string]string{"key.pem.next": string(next), "key.pem.old.4.tmp": string(first[:50])}, true},
		{"an old key of an earlier rotation", map[string]string{"key.pem.next": string(next), "key.pem.old": "earlier"}, true},
		{"killed after the copy", map[string]string{"key.pem.next": string(next), "key.pem.old": string(first)}, true},
		{"killed while Switch writes the ID", map[string]string{"key.pem.next": string(next), "key.pem.old": string(first), "id.123.tmp": "K"}, true},
		{"killed after the ID", map[string]string{"key.pem.next": string(next), "key.pem.old": string(first), "id": "K2"}, true},
		{"a copy of the current key", map[string]string{"key.pem.next": string(first)}, false},
		{"killed with the lock", map[string]string{"key.pem.lock": ""}, false},
	} {
		t.Run(tt.why, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "key.pem")
			put(t, path, first)
			put(t, filepath.Join(folder, "id"), []byte("K1\n"))
			for name, data := range tt.files {
				put(t, filepath.Join(folder, name), []byte(data))
			}
			s, err := keyfile.New(path, keyfile.Options{IDFile: filepath.Join(folder, "id")})
			if err != nil {
				t.Fatal(err)
			}
			unlock := must(s.Lock())
			created := must(s.Next(t.Context()))
			if (created != nil) != tt.next {
				t.Fatalf("the next key is %v", created)
			}
			if !tt.next {
				created = must(s.Create(t.Context()))
			} else if !equal(created, parse(t, next).Public()) {
				t.Error("the next key is not the one in the file")
			}
			if err := s.Switch(t.Context(), created, "K2"); err != nil {
				t.Fatal(err)
			}
			remove(t, filepath.Join(folder, "id")) // the repeated Switch writes it
			if again := s.Switch(t.Context(), created, "K2"); again != nil {
				t.Errorf("Switch fails if it is repeated: %v", again)
			}
			if got := must(s.Current(t.Context())); !equal(got, created) {
				t.Error("the current key is not the next one")
			}
			if got := must(s.Next(t.Context())); got != nil {
				t.Error("there is still a next key")
			}
			unlock()
			want := map[string]string{"key.pem": "", "key.pem.old": string(first), "id": "K2"}
			got := list(t, folder)
			got["key.pem"] = ""
			maps.DeleteFunc(got, func(name, _ string) bool { return strings.HasSuffix(name, ".tmp") }) // see TestLockRemoves
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSwitchFails: if a file cannot be written, the key and its ID stay as they are, and Switch
// can be repeated.
func TestSwitchFails(t *testing.T) {
	for _, obstacle := range []string{"key.pem.old", "id"} {
		folder := t.TempDir()
		path := filepath.Join(folder, "key.pem")
		put(t, path, testkeys.P256PEM())
		s := must(keyfile.New(path, keyfile.Options{IDFile: filepath.Join(folder, "id")}))
		created := must(s.Create(t.Context()))
		// A folder that is not empty can be neither removed nor replaced.
		if err := os.MkdirAll(filepath.Join(folder, obstacle, "full"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := s.Switch(t.Context(), created, "K2"); err == nil {
			t.Fatalf("%s: no error", obstacle)
		}
		if got := must(os.ReadFile(path)); !bytes.Equal(got, testkeys.P256PEM()) {
			t.Errorf("%s: the key has changed", obstacle)
		}
		if id, err := os.ReadFile(filepath.Join(folder, "id")); err == nil {
			t.Errorf("%s: there is the ID %s", obstacle, id)
		}
		if temps := must(filepath.Glob(filepath.Join(folder, "*.tmp"))); len(temps) > 0 {
			t.Errorf("%s: there are still %q", obstacle, temps)
		}
		if err := os.RemoveAll(filepath.Join(folder, obstacle)); err != nil {
			t.Fatal(err)
		}
		if err := s.Switch(t.Context(), created, "K2"); err != nil {
			t.Errorf("%s: %v", obstacle, err)
		}
		if got := must(s.Current(t.Context())); !equal(got, created) {
			t.Errorf("%s: the current key is not the one that Create has returned", obstacle)
		}
	}
}

// TestLastRenameFails: the key and its ID fit together, and Switch can be repeated.
func TestLastRenameFails(t *testing.T) {
	failure := errors.New("device or resource busy")
	for _, tt := range []struct {
		has, want string
		exists    bool
		why       string
	}{
		{"K1\n", "K1", true, "the former ID"},
		{"K2", "K2", true, "the next ID was there before"},
		{"", "", true, "an empty file"},
		{"", "", false, "no file"},
	} {
		path := write(t, testkeys.P256PEM())
		id := filepath.Join(filepath.Dir(path), "id")
		if tt.exists {
			put(t, id, []byte(tt.has))
		}
		s := must(keyfile.New(path, keyfile.Options{IDFile: id}))
		created := must(s.Create(t.Context()))
		s.FailRename(failure)
		if err := s.Switch(t.Context(), created, "K2"); !errors.Is(err, failure) {
			t.Errorf("%v: %s", err, tt.why)
		}
		got, err := os.ReadFile(id)
		if exists := err == nil; string(got) != tt.want || exists != tt.exists {
			t.Errorf("%q, %v, want %q: %s", got, err, tt.want, tt.why)
		}
		if got := must(s.Current(t.Context())); equal(got, created) {
			t.Errorf("the key was replaced: %s", tt.why)
		}
		again := must(keyfile.New(path, keyfile.Options{IDFile: id}))
		if err := again.Switch(t.Context(), created, "K2"); err != nil || string(must(os.ReadFile(id))) != "K2" {
			t.Errorf("%v: %s", err, tt.why)
		}
	}
}

// TestRefusedSwitch: Switch changes nothing if the next key is another one than CloudFront has, if
// it has disappeared, or if the ID is invalid.
func TestRefusedSwitch(t *testing.T) {
	other := must(keys.GenerateECDSA()).Public()
	for _, tt := range []struct {
		why    string
		change func(t *testing.T, next string)
		next   func(created crypto.PublicKey) crypto.PublicKey
		id     string
		says   string
	}{
		{"the key has disappeared", func(t *testing.T, next string) { remove(t, next) }, same, "K2", ".next has disappeared: run the rotation again"},
		{"another process has made another key", func(t *testing.T, next string) { put(t, next, marshal(t, must(keys.GenerateECDSA()))) }, same, "K2", ".next has another key than before"},
		{"a key that was never there", func(*testing.T, string) {}, func(crypto.PublicKey) crypto.PublicKey { return other }, "K2", ".next has another key than before"},
		{"no key", func(*testing.T, string) {}, func(crypto.PublicKey) crypto.PublicKey { return nil }, "K2", ".next has another key than before"},
		{"an invalid ID", func(*testing.T, string) {}, same, "K2\x1b[2J", keys.ErrKeyPairID.Error()},
	} {
		t.Run(tt.why, func(t *testing.T) {
			path := write(t, testkeys.P256PEM())
			folder := filepath.Dir(path)
			put(t, filepath.Join(folder, "id"), []byte("K1"))
			s := must(keyfile.New(path, keyfile.Options{IDFile: filepath.Join(folder, "id")}))
			created := must(s.Create(t.Context()))
			tt.change(t, path+".next")
			before := list(t, folder)
			if err := s.Switch(t.Context(), tt.next(created), tt.id); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want an error that says %q", err, tt.says)
			}
			if diff := cmp.Diff(before, list(t, folder)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func same(key crypto.PublicKey) crypto.PublicKey { return key }

// TestTwoAtOnce: without a lock, two processes that create and switch at once lose no key.
func TestTwoAtOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows lets nobody replace a file that is open")
	}
	for range 100 {
		path := write(t, testkeys.P256PEM())
		a, b := open(t, path), open(t, path)
		both(func(s *keyfile.Store) {
			if _, err := s.Create(t.Context()); err != nil {
				t.Error(err)
			}
		}, a, b)
		next := must(a.Next(t.Context()))
		if next == nil {
			t.Fatal("there is no next key")
		}
		both(func(s *keyfile.Store) {
			_ = s.Switch(t.Context(), next, "K2") // one of them can find that the next key has disappeared
		}, a, b)
		if got := must(a.Current(t.Context())); !equal(got, next) {
			t.Fatal("the next key does not sign")
		}
		if old := must(os.ReadFile(a.OldPath())); !bytes.Equal(old, testkeys.P256PEM()) {
			t.Fatal("the former key is in no file any more")
		}
	}
}

// both calls f for both stores at once.
func both(f func(*keyfile.Store), a, b *keyfile.Store) {
	var wg sync.WaitGroup
	wg.Go(func() { f(a) })
	wg.Go(func() { f(b) })
	wg.Wait()
}

// TestLikeBefore: programs that read the key as another user can read the next one, and links
// stay links.
func TestLikeBefore(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such permissions")
	}
	folder, elsewhere := t.TempDir(), t.TempDir()
	path, link := filepath.Join(elsewhere, "key.pem"), filepath.Join(folder, "link.pem")
	put(t, path, testkeys.P256PEM())
	if err := errors.Join(os.Chmod(path, 0o640), os.Symlink(path, link)); err != nil {
		t.Fatal(err)
	}
	asOther := os.Geteuid() == 0
	if asOther {
		if err := os.Chown(path, 65534, 65533); err != nil {
			t.Fatal(err)
		}
	}
	before := must(os.Stat(path))
	s := open(t, link)
	created := must(s.Create(t.Context()))
	next := must(os.Stat(path + ".next"))
	if err := s.Switch(t.Context(), created, "K2"); err != nil {
		t.Fatal(err)
	}
	for name, info := range map[string]fs.FileInfo{"next": next, "current": must(os.Stat(path)), "old": must(os.Stat(path + ".old"))} {
		if info.Mode() != before.Mode() {
			t.Errorf("%s has the mode %v, want %v", name, info.Mode(), before.Mode())
		}
		if asOther && owner(info) != owner(before) {
			t.Errorf("%s belongs to %s, want %s", name, owner(info), owner(before))
		}
	}
	if target := must(os.Readlink(link)); target != path {
		t.Errorf("the link leads to %s", target)
	}
	if os.SameFile(before, must(os.Stat(path))) {
		t.Error("the key was not replaced")
	}
}

// TestIDFile: WriteID keeps a right ID as it is, and corrects a wrong one.
func TestIDFile(t *testing.T) {
	for _, tt := range []struct {
		has, want string
		exists    bool
		why       string
	}{
		{"", "K2", false, "the first rotation with the file"},
		{"", "K2", true, "an empty file, such as one that was created for its permissions"},
		{"K1", "K2", true, "another ID"},
		{"K2\n", "K2\n", true, "somebody has written it with a line break"},
		{"K2", "K2", true, "nothing to do"},
	} {
		path := write(t, testkeys.P256PEM())
		id := filepath.Join(filepath.Dir(path), "id")
		if tt.exists {
			put(t, id, []byte(tt.has))
		}
		s := must(keyfile.New(path, keyfile.Options{IDFile: id}))
		if err := s.WriteID("K2"); err != nil {
			t.Errorf("%v: %s", err, tt.why)
		}
		if got := string(must(os.ReadFile(id))); got != tt.want {
			t.Errorf("%q, want %q: %s", got, tt.want, tt.why)
		}
	}
	if err := open(t, write(t, testkeys.P256PEM())).WriteID("K2"); err != nil {
		t.Errorf("without a file: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	folder := t.TempDir()
	key := filepath.Join(folder, "key.pem")
	put(t, key, testkeys.P256PEM())
	put(t, filepath.Join(folder, "encrypted.pem"), encryptedKey())
	der, _ := pem.Decode(testkeys.P256PEM())
	put(t, filepath.Join(folder, "key.der"), der.Bytes)
	put(t, filepath.Join(folder, "public.pem"), must(keys.MarshalPublic(testkeys.P256().Public())))
	put(t, filepath.Join(folder, "config.env"), []byte("ID=K2JCJMDEHXQW5F\n"))
	put(t, filepath.Join(folder, "rsa1024.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("no key")}))
	noPassphrase := errors.New("the terminal is closed")
	for _, tt := range []struct {
		file, says string
		is         error
		options    keyfile.Options
		why        string
	}{
		{"nowhere.pem", "there is no file", nil, keyfile.Options{}, "a mistyped path must not make a first key"},
		{"key.der", "the file is not PEM", nil, keyfile.Options{}, "the next key would have another form"},
		{"public.pem", "the file is not PEM", nil, keyfile.Options{}, "a public key"},
		{"rsa1024.pem", "", keys.ErrMalformedKey, keyfile.Options{}, "CloudFront refuses it"},
		{"encrypted.pem", "", keys.ErrEncrypted, keyfile.Options{}, "no passphrase"},
		{"encrypted.pem", "", encrypted.ErrPassphrase, keyfile.Options{Passphrase: func() ([]byte, error) { return []byte("battery-staple"), nil }}, "a wrong passphrase"},
		{"encrypted.pem", "", noPassphrase, keyfile.Options{Passphrase: func() ([]byte, error) { return nil, noPassphrase }}, "nobody can be asked"},
		{"key.pem", `there is no folder`, nil, keyfile.Options{IDFile: filepath.Join(folder, "no", "id")}, "found before the rotation, not after it"},
		{"key.pem", "would be overwritten", nil, keyfile.Options{IDFile: key}, "the key itself"},
		{"key.pem", "would be overwritten", nil, keyfile.Options{IDFile: filepath.Join(folder, "config.env")}, "a file with more than the ID"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			_, err := keyfile.New(filepath.Join(folder, tt.file), tt.options)
			if err == nil || !strings.Contains(err.Error(), tt.says) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v, want an error that says %q and is %v", err, tt.says, tt.is)
			}
		})
	}
}

// TestDamagedNext: a next key that cannot be read stops the rotation, and no error has a part of
// it. CloudFront may have its public key.
func TestDamagedNext(t *testing.T) {
	path := write(t, testkeys.P256PEM())
	s := open(t, path)
	created := must(s.Create(t.Context()))
	whole := must(os.ReadFile(path + ".next"))
	put(t, path+".next", whole[:len(whole)-60])
	_, nextErr := s.Next(t.Context())
	_, createErr := s.Create(t.Context())
	for _, err := range []error{nextErr, createErr, s.Switch(t.Context(), created, "K2")} {
		if err == nil || !strings.Contains(err.Error(), ".next: ") || strings.Contains(err.Error(), string(whole[30:60])) {
			t.Error(err)
		}
	}
}

// open returns a Store for a key, with the passphrase if the key is encrypted.
func open(t *testing.T, path string) *keyfile.Store {
	t.Helper()
	s, err := keyfile.New(path, keyfile.Options{Passphrase: func() ([]byte, error) { return passphrase, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, data []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "key.pem")
	put(t, path, data)
	return path
}

func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// list returns the files of a folder with their content.
func list(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, entry := range must(os.ReadDir(folder)) {
		files[entry.Name()] = string(must(os.ReadFile(filepath.Join(folder, entry.Name()))))
	}
	return files
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func isType[T any](value any) bool {
	_, ok := value.(T)
	return ok
}

func equal(a, b crypto.PublicKey) bool {
	return a.(interface{ Equal(crypto.PublicKey) bool }).Equal(b)
}

func parse(t *testing.T, data []byte) crypto.Signer {
	t.Helper()
	key, err := keys.ParsePrivate(data)
	if errors.Is(err, keys.ErrEncrypted) {
		key, err = encrypted.ParsePrivate(data, passphrase)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func marshal(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	return must(keys.MarshalPrivate(key))
}

func sec1(t *testing.T) []byte {
	t.Helper()
	key := testkeys.P256()
	parameters := pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}})
	return append(parameters, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: must(x509.MarshalECPrivateKey(key))})...)
}

func pkcs1(t *testing.T) []byte {
	t.Helper()
	key := parse(t, testkeys.RSAPEM()).(*rsa.PrivateKey)
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

func rsaPKCS8(t *testing.T) []byte {
	t.Helper()
	return marshal(t, parse(t, testkeys.RSAPEM()))
}

// encryptedKey returns the test key with the passphrase, which takes long to encrypt.
var encryptedKey = sync.OnceValue(func() []byte { return must(encrypted.MarshalPrivate(testkeys.P256(), passphrase)) })
