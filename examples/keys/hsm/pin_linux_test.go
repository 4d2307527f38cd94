// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// newTerminal returns a pseudo-terminal: the side of the person, and that of the
// program.
func newTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

// waitForEcho waits until the terminal shows what is typed, or does not.
func waitForEcho(t *testing.T, terminal *os.File, want bool) {
	t.Helper()
	for range 1000 {
		settings, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if settings.Lflag&unix.ECHO != 0 == want {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("the echo never became %t", want)
}

// TestTerminal: what is typed is not shown, and later things are again.
func TestTerminal(t *testing.T) {
	person, program := newTerminal(t)
	if !term.IsTerminal(int(program.Fd())) {
		t.Fatal("not a terminal")
	}
	var stderr bytes.Buffer
	type answer struct {
		pin string
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		pin, err := readPIN(t.Context(), "", program, &stderr)
		answers <- answer{pin, err}
	}()
	waitForEcho(t, program, false)
	fmt.Fprintf(person, "%s\n", pin)
	if a := <-answers; a.err != nil || a.pin != pin {
		t.Fatalf("%q, %v", a.pin, a.err)
	}
	waitForEcho(t, program, true)
	if got, want := stderr.String(), "PIN: \n"; got != want {
		t.Errorf("asked %q, want %q", got, want)
	}
	fmt.Fprint(program, "end")
	shown := make([]byte, 1000)
	n, err := person.Read(shown)
	if err != nil || strings.Contains(string(shown[:n]), pin) || !strings.Contains(string(shown[:n]), "end") {
		t.Errorf("the terminal shows %q, %v", shown[:n], err)
	}
}

// TestTerminalInterrupted: the echo comes back.
func TestTerminalInterrupted(t *testing.T) {
	_, program := newTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, 1)
	go func() {
		_, err := readPIN(ctx, "", program, &bytes.Buffer{})
		errs <- err
	}()
	waitForEcho(t, program, false)
	cancel()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	waitForEcho(t, program, true)
}
