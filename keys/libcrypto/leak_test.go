// SPDX-License-Identifier: Apache-2.0

// The race detector keeps memory of its own for what was freed.

//go:build linux && !android && (amd64 || arm64) && !race

package libcrypto_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys/libcrypto"
)

// resident returns the memory of the process in the machine, in KiB, after a collection.
func resident(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("there is no /proc")
	}
	fields := bytes.Fields(data)
	pages, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() / 1024
}

// checkLeak runs a function many times, and expects that the memory does not grow by more than
// some KiB after a tenth of the runs.
func checkLeak(t *testing.T, runs, most int, run func()) {
	t.Helper()
	for range runs / 10 {
		run()
	}
	before := resident(t)
	begun := time.Now()
	for range runs {
		run()
	}
	after := resident(t)
	t.Logf("%d KiB before %d runs and %d KiB after them, in %v", before, runs, after, time.Since(begun).Round(time.Millisecond))
	if after-before > most {
		t.Errorf("the memory grew by %d KiB", after-before)
	}
}

// TestLeakOfSignatures signs 100,000 times with P-256, and 2,000 times with RSA, which take as
// long. A context of OpenSSL has about 600 bytes, so 100,000 have 59,000 KiB. CFSIGN_SIGNATURES=1000000 sets the number for
// both keys.
func TestLeakOfSignatures(t *testing.T) {
	for _, tt := range []struct {
		key  crypto.Signer
		runs int
	}{{p256(), 100_000}, {testkeys.RSA(), 2_000}} {
		k := newKey(t, tt.key)
		runs := tt.runs
		if n, err := strconv.Atoi(os.Getenv("CFSIGN_SIGNATURES")); err == nil {
			runs = n
		}
		digest := make([]byte, 32)
		t.Run(fmt.Sprintf("%T", tt.key), func(t *testing.T) {
			const most = 3000
			checkLeak(t, runs, most, func() {
				if _, err := k.Sign(nil, digest, crypto.SHA256); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// TestLeakOfErrors: a key that OpenSSL has read, and then refuses, is freed.
func TestLeakOfErrors(t *testing.T) {
	o, key := needLibrary(t), changedECDSA(func(k *ecdsa.PrivateKey) { k.PublicKey = testkeys.OtherP256().PublicKey })
	checkLeak(t, keyRuns, keyGrowth, func() {
		if _, err := libcrypto.NewUnchecked(key, o); err == nil {
			t.Fatal("no error")
		}
	})
}

// TestLeakOfFIPS: New fails again and again without a FIPS provider, and always says the same.
func TestLeakOfFIPS(t *testing.T) {
	needLibrary(t)
	if !inProcess() {
		process(t, t.Name(), "OPENSSL_MODULES="+t.TempDir(), "OPENSSL_CONF=/dev/null", "GODEBUG=fips140=off")
		return
	}
	_, first := libcrypto.New(p256(), libcrypto.Options{FIPS: true})
	if first == nil || !missingFIPS.MatchString(first.Error()) {
		t.Fatalf("got %v", first)
	}
	const runs, most = 6000, 9000 // So many contexts have about 21,000 KiB.
	checkLeak(t, runs, most, func() {
		if _, err := libcrypto.New(p256(), libcrypto.Options{FIPS: true}); err == nil || err.Error() != first.Error() {
			t.Fatalf("got %v, want %v", err, first)
		}
	})
}

// So many keys have about 11,000 KiB.
const keyRuns, keyGrowth = 5000, 5000

// TestLeakOfKeys makes keys and closes them, and then makes as many that nobody closes.
func TestLeakOfKeys(t *testing.T) {
	o, key := needLibrary(t), p256()
	t.Run("closed", func(t *testing.T) {
		checkLeak(t, keyRuns, keyGrowth, func() {
			k, err := libcrypto.New(key, o)
			if err != nil {
				t.Fatal(err)
			}
			_ = k.Close()
		})
	})
	t.Run("dropped", func(t *testing.T) {
		i := 0
		checkLeak(t, keyRuns, keyGrowth, func() {
			if _, err := libcrypto.New(key, o); err != nil {
				t.Fatal(err)
			}
			if i++; i%500 == 0 {
				runtime.GC()
			}
		})
	})
}
