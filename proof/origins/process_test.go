// SPDX-License-Identifier: Apache-2.0

package origins_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/needs"
)

// program returns the path of an executable. Debian keeps servers out of the PATH of
// users.
func program(t *testing.T, name, debianPackage string) string {
	t.Helper()
	if path, err := exec.LookPath("/usr/sbin/" + name); err == nil {
		return path
	}
	return needs.Command(t, name, debianPackage)
}

// A process is a server, and what it wrote.
type process struct {
	command *exec.Cmd
	output  bytes.Buffer  // not while it runs
	ended   chan struct{} // closed at its end
}

// start starts a server, which must stay one process in the foreground. It is killed
// at the end of the test.
func start(t *testing.T, path string, args ...string) *process {
	t.Helper()
	p := &process{command: exec.Command(path, args...), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	endWithTest(p.command)
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.command.Wait() // it was killed
	}()
	t.Cleanup(p.stop)
	return p
}

func (p *process) stop() {
	_ = p.command.Process.Kill() // an error means that it has ended
	<-p.ended
}

// serves waits until the server answers at the address.
func (p *process) serves(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, body, err := get(address, "/users/alice/a.jpg"); err == nil && bytes.Contains(body, []byte(`owner="alice"`)) {
			return
		}
		select {
		case <-p.ended:
			t.Fatalf("%s has ended: %s", p.command, &p.output)
		default:
		}
		if time.Now().After(deadline) {
			p.stop()
			t.Fatalf("%s does not serve files at %s: %s", p.command, address, &p.output)
		}
	}
}

// version returns what a program says about its version, in one line.
func version(t *testing.T, path string, args ...string) string {
	t.Helper()
	command := exec.Command(path, args...)
	command.Env = append(os.Environ(), "LC_ALL=C")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", command, err, output)
	}
	line, _, _ := bytes.Cut(output, []byte("\n"))
	return string(line)
}
