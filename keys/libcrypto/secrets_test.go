// SPDX-License-Identifier: Apache-2.0

//go:build linux && !android && (amd64 || arm64)

package libcrypto_test

import (
	"bytes"
	"crypto"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys/libcrypto"
)

// TestCloseOverwrites counts a private number in the memory of the process: an open Key has a
// copy, and a closed one leaves none behind.
func TestCloseOverwrites(t *testing.T) {
	o := needLibrary(t)
	if !inProcess() {
		// In a new process without a collector, no old copies come or go.
		process(t, t.Name(), "GOGC=off")
		return
	}
	rsaKey, ecKey := testkeys.RSA(), testkeys.P256()
	scalar, err := ecKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		key    crypto.Signer
		secret []byte
	}{
		{"a prime", rsaKey, rsaKey.Primes[0].Bytes()},
		{"an exponent of the CRT", rsaKey, rsaKey.Precomputed.Dq.Bytes()},
		{"a private number of P-256", ecKey, new(big.Int).SetBytes(scalar).Bytes()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			secret := newHidden(tt.secret)
			before := secret.count(t)
			k, err := libcrypto.NewUnchecked(tt.key, o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := k.Sign(nil, make([]byte, 32), crypto.SHA256); err != nil {
				t.Fatal(err)
			}
			open := secret.count(t)
			_ = k.Close()
			closed := secret.count(t)
			if open <= before || closed > before {
				t.Errorf("%d copies before, %d in an open Key, and %d after Close", before, open, closed)
			}
		})
	}
}

// A hidden number is what to look for, in a form in which the search does not find itself: its
// last 32 bytes, little-endian as in OpenSSL and in math/big, and inverted.
type hidden [32]byte

// newHidden takes a big-endian number, and overwrites it.
func newHidden(number []byte) *hidden {
	h := new(hidden)
	for i := range h {
		h[i] = ^number[len(number)-1-i]
	}
	clear(number)
	return h
}

// count returns how often the number is in the writable memory of the process.
func (h *hidden) count(t *testing.T) int {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Skip("there is no /proc")
	}
	memory, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Skip("this process may not read its memory")
	}
	defer memory.Close()
	found := 0
	for line := range bytes.Lines(maps) {
		var from, to int64
		var mode string
		if _, err := fmt.Sscanf(string(line), "%x-%x %s", &from, &to, &mode); err != nil || !strings.HasPrefix(mode, "rw") {
			continue
		}
		found += h.countIn(memory, from, to)
	}
	return found
}

// countIn counts in one part of the memory. It clears its buffer before each read, because the
// buffer is a part of the memory, too.
func (h *hidden) countIn(memory *os.File, from, to int64) int {
	buffer, found := make([]byte, 1<<16), 0
	for at := from; at < to; at += int64(len(buffer) - len(h)) {
		clear(buffer)
		n, err := memory.ReadAt(buffer[:min(int64(len(buffer)), to-at)], at)
		if err != nil {
			break // such as [vvar], which nobody can read
		}
		for rest := buffer[:n]; ; rest = rest[1:] {
			i := bytes.IndexByte(rest, ^h[0])
			if i < 0 || i+len(h) > len(rest) {
				break
			}
			if rest = rest[i:]; h.is(rest[:len(h)]) {
				found++
			}
		}
	}
	clear(buffer)
	return found
}

func (h *hidden) is(number []byte) bool {
	for i := range h {
		if number[i] != ^h[i] {
			return false
		}
	}
	return true
}
